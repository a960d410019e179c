package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/internal/store"
)

// asked is what figures are wanted.
type asked struct {
	file, from, to, queue string
	by                    string
	variant               string
	within                time.Duration
	asJSON                bool
}

func newFigures() *cobra.Command {
	var a asked
	cmd := &cobra.Command{
		Use:   "figures",
		Short: "Show what the service did: waits, promises kept, and why not, forecasts, what it cost callers",
		Example: `  holdless figures --from 2026-11-01 --to 2026-11-30
  holdless figures --queue billing --within 30s --variant ignored --json`,
		Args: cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			all, err := a.reports(cmd.Context())
			if err != nil {
				return err
			}
			if a.asJSON {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return printReports(cmd.OutOrStdout(), all)
		}),
	}
	configFlag(cmd, &a.file)
	f := cmd.Flags()
	f.StringVar(&a.from, "from", "", "the first day: 2026-11-01; without it, 30 days ago")
	f.StringVar(&a.to, "to", "", "the last day; without it, today")
	f.StringVar(&a.by, "by", byQueue, "a column for each queue, for each day, or one for all")
	f.StringVar(&a.queue, "queue", "", "of this queue only")
	f.DurationVar(&a.within, "within", figures.Usual.Within, "the standard of the service level: answered within")
	f.StringVar(&a.variant, "variant", string(figures.Usual.Variant), "of the service level: negative, ignored or positive")
	f.BoolVar(&a.asJSON, "json", false, "print JSON")
	return cmd
}

// reports works the figures out, by queue.
func (a asked) reports(ctx context.Context) (map[string]figures.Report, error) {
	standard := figures.Standard{Within: a.within, Variant: figures.Variant(a.variant)}
	if !slices.Contains([]figures.Variant{figures.Negative, figures.Ignored, figures.Positive}, standard.Variant) {
		return nil, usage("--variant: %q is not negative, ignored or positive", a.variant)
	}
	if !slices.Contains([]string{byQueue, byDay, byAll}, a.by) {
		return nil, usage("--by: %q is not queue, day or all", a.by)
	}
	d, c, done, err := lookInto(ctx, a.file)
	if err != nil {
		return nil, err
	}
	defer done()
	f := callback.MeasureFilter{Queue: a.queue}
	if f.From, f.To, err = a.days(c.zoneOf(a.queue), time.Now()); err != nil {
		return nil, err
	}
	counts, err := a.counts(ctx, d, f)
	if err != nil {
		return nil, wrong("work out figures: %w", err)
	}
	all := map[string]figures.Report{}
	for name, counted := range counts {
		all[name] = counted.Report(standard)
	}
	return all, nil
}

// What figures are shown by.
const (
	byQueue = "queue"
	byDay   = "day"
	byAll   = "all"
)

// counts adds up what was counted, by what is asked for.
func (a asked) counts(ctx context.Context, d *callback.Desk, f callback.MeasureFilter) (map[string]figures.Counts, error) {
	switch a.by {
	case byAll:
		all, err := together(ctx, d, f)
		return map[string]figures.Counts{byAll: all}, err
	case byDay:
		days := map[string]figures.Counts{}
		for name, day := range eachDay(f) {
			counted, err := together(ctx, d, day)
			if err != nil {
				return nil, err
			}
			if len(counted) > 0 {
				days[name] = counted
			}
		}
		return days, nil
	}
	return d.Counts(ctx, f)
}

// eachDay cuts what is asked for into days, by their names.
func eachDay(f callback.MeasureFilter) map[string]callback.MeasureFilter {
	all, zone := map[string]callback.MeasureFilter{}, f.From.Location()
	for day := opening.DayOf(f.From); day.Begins(zone).Before(f.To); day = day.Plus(1) {
		one := f
		one.From, one.To = day.Begins(zone), day.Plus(1).Begins(zone)
		all[day.String()] = one
	}
	return all
}

// together adds up what was counted of all queues.
func together(ctx context.Context, d *callback.Desk, f callback.MeasureFilter) (figures.Counts, error) {
	counts, err := d.Counts(ctx, f)
	var flat []figures.Count
	for _, counted := range counts {
		for _, c := range counted {
			flat = append(flat, c)
		}
	}
	return figures.Of(flat), err
}

// days are the days that are asked for, both of them included.
func (a asked) days(zone *time.Location, now time.Time) (from, to time.Time, err error) {
	last := opening.DayOf(now.In(zone))
	first := last.Plus(-30)
	if a.from != "" {
		if first, err = writtenDay(a.from); err != nil {
			return from, to, usage("--from: %q is not written like 2026-11-30", a.from)
		}
	}
	if a.to != "" {
		if last, err = writtenDay(a.to); err != nil {
			return from, to, usage("--to: %q is not written like 2026-11-30", a.to)
		}
	}
	return first.Begins(zone), last.Plus(1).Begins(zone), nil
}

// writtenDay reads a day, which need not have a midnight everywhere.
func writtenDay(text string) (opening.Day, error) {
	at, err := time.Parse(time.DateOnly, text)
	return opening.DayOf(at), err
}

// lookInto makes a desk that only looks, whether or not the service runs.
func lookInto(ctx context.Context, file string) (*callback.Desk, config, func(), error) {
	c, err := loadConfig(file)
	if err != nil {
		return nil, c, nil, err
	}
	s, err := store.Inspect(ctx, c.storeConfig())
	if err != nil {
		return nil, c, nil, unusable("look at data: %w", err)
	}
	d, err := callback.New(c.Config)
	if err != nil {
		return nil, c, nil, unusable("read configuration: %w", err)
	}
	d.Store = s
	return d, c, func() { _ = s.Close() }, nil // nothing was written
}

// printReports writes figures below each other, a column for each queue.
func printReports(w io.Writer, all map[string]figures.Report) error {
	queues := slices.Sorted(maps.Keys(all))
	if len(queues) == 0 {
		_, err := fmt.Fprintln(w, "nothing was counted in that time")
		return err
	}
	rows := []byte("\t" + strings.Join(queues, "\t") + "\n")
	for _, line := range reportLines {
		cells := []string{line.name}
		for _, q := range queues {
			cells = append(cells, line.cell(all[q]))
		}
		rows = append(rows, strings.Join(cells, "\t")+"\n"...)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := t.Write(rows); err != nil {
		return err
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, q := range queues {
		for _, r := range all[q].Promises.Reasons {
			if _, err := fmt.Fprintf(w, "%s: %s not kept: %s\n", q, count(r.N, "promise"), r.Why); err != nil {
				return err
			}
		}
	}
	return nil
}

// reportLines are what is shown of a report.
var reportLines = []struct {
	name string
	cell func(figures.Report) string
}{
	{"calls", func(r figures.Report) string { return fmt.Sprint(r.Calls) }},
	{"answered", func(r figures.Report) string { return ratio(r.Offered) }},
	{"service level", func(r figures.Report) string {
		return fmt.Sprintf("%s in %.0fs (%s)", ratio(r.ServiceLevel), r.Within, r.Variant)
	}},
	{"ASA", func(r figures.Report) string { return minutes(r.ASA) }},
	{"abandoned", func(r figures.Report) string { return fmt.Sprintf("%s, and %d short", ratio(r.Abandoned), r.Short) }},
	{"deferred", func(r figures.Report) string { return fmt.Sprint(r.Deferred) }},
	{"AHT", func(r figures.Report) string { return fmt.Sprintf("%s of %d", minutes(r.AHT), r.Handled) }},
	{"occupancy", func(r figures.Report) string { return fmt.Sprintf("%.0f %%", 100*r.Occupancy) }},
	{"promises kept", func(r figures.Report) string { return ratio(r.Promises.Kept) }},
	{"late", func(r figures.Report) string { return fmt.Sprint(r.Promises.Late) }},
	{"not reached", func(r figures.Report) string { return fmt.Sprint(r.Promises.Unreached) }},
	{"broken by us", func(r figures.Report) string { return fmt.Sprint(r.Promises.Broken) }},
	{"withdrawn", func(r figures.Report) string { return fmt.Sprint(r.Promises.Withdrawn) }},
	{"punctuality", func(r figures.Report) string {
		p := r.Punctuality
		return fmt.Sprintf("p50 %s, p90 %s, p99 %s", minutes(p.P50), minutes(p.P90), minutes(p.P99))
	}},
	{"forecast held", func(r figures.Report) string { return ratio(r.Forecast.Held) }},
	{"forecast off", func(r figures.Report) string {
		return fmt.Sprintf("%.0fs, bias %+.0fs", r.Forecast.Error, r.Forecast.Bias)
	}},
	{"funnel", func(r figures.Report) string {
		var all []string
		for _, s := range r.Funnel {
			all = append(all, fmt.Sprintf("%s %d", s.Name, s.N))
		}
		return strings.Join(all, ", ")
	}},
	{"effort", func(r figures.Report) string {
		return fmt.Sprintf("%.0fs of menu, %.0fs on hold, %.1f keys", r.Effort.Menu, r.Effort.Hold, r.Effort.Keys)
	}},
}

func ratio(r figures.Ratio) string {
	if r.Whole == 0 {
		return "none"
	}
	return fmt.Sprintf("%.1f %% (%d of %d)", 100*r.Share(), r.Part, r.Whole)
}

// minutes writes seconds as minutes and seconds.
func minutes(seconds float64) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	if seconds > 1e9 {
		return "more than 2 hours"
	}
	return fmt.Sprintf("%s%d:%02d", sign, int(seconds)/60, int(seconds)%60)
}
