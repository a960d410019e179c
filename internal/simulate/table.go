package simulate

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Table writes results below each other.
func Table(w io.Writer, all []Result) error {
	rows := []byte("AGENTS\tPOLICY\tORDER\tPLACES\tLOAD\tKEPT\tLATE P99\tNOT REACHED\tWAIT\tGAVE UP\tBOUND HELD\tLOCKED\tHELD > 10s\n")
	for _, r := range all {
		rows = fmt.Appendf(rows, "%d\t%s\t%s\t%d\t%.2f\t%.1f %%\t%s\t%d\t%s\t%.1f %%\t%.1f %%\t%.0fs\t%.1f %%\n",
			r.Agents, r.Policy, r.Order, r.Sold, r.Planned, 100*r.Kept, clock(r.LateP99), r.Unreached,
			clock(r.Waited), 100*r.Abandoned, 100*r.Bound, r.Locked.Seconds(), 100*r.Held)
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

// clock writes a duration as minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
