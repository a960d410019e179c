package simulate

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Table writes results below each other.
func Table(w io.Writer, all []Result) error {
	rows := []byte("AGENTS\tPOLICY\tORDER\tPLACES\tLOAD\tKEPT\tLATE P99\tNOT REACHED\tWAIT\tGAVE UP\tBOUND HELD\tLOCKED\tHELD > 10s\tMACHINES\n")
	for _, r := range all {
		rows = fmt.Appendf(rows, "%d\t%s\t%s\t%d\t%.2f\t%s\t%s\t%d\t%s\t%s\t%s\t%.0fs\t%s\t%d of %d\n",
			r.Agents, r.Policy, r.Order, r.Sold, r.Planned, percent(r.Kept, r.Promises), clock(r.LateP99), r.Unreached,
			clock(r.Waited), percent(r.Abandoned, r.Calls), percent(r.Bound, r.Told), r.Locked.Seconds(), percent(r.Held, r.Connected),
			r.ToAgents, r.Machines)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := t.Write(rows); err != nil {
		return err
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range all {
		if _, err := fmt.Fprintf(w, "%s\n", r.Sentence); err != nil {
			return err
		}
		if r.Special > 0 {
			if _, err := fmt.Fprintf(w, "%.0f %% need what %d of them have: bound held for %.1f %% of these\n", 100*r.Special, r.Able, 100*r.Rare); err != nil {
				return err
			}
		}
		for _, wrong := range r.Wrong {
			if _, err := fmt.Fprintf(w, "must never be: %s\n", wrong); err != nil {
				return err
			}
		}
	}
	return nil
}

// percent writes a share of so many; of none there is no share.
func percent(share float64, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

// clock writes a duration as minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
