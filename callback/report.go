package callback

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
)

// What reports are made by, beside figures.ByTopic and the others.
const (
	ByAll   = "all"
	ByQueue = "queue"
	ByDay   = "day"
	ByWeek  = "week" // that begins on a Monday
)

// Reports lists what reports can be made by.
func Reports() []string {
	return []string{ByAll, ByQueue, figures.ByTopic, figures.ByLang, figures.ByAgent, ByDay, ByWeek}
}

// ReportFilter chooses what is reported.
type ReportFilter struct {
	By       string    // one of Reports
	From, To time.Time // the first day, and the one after the last: midnight of the service
	Queue    string    // "" for all
	Standard figures.Standard
}

// A Section is what is reported of one queue, topic, day and so on.
type Section struct {
	Of    string
	Since time.Time // of a day or a week
	figures.Report
	Said feedback.Figures
}

// Report works out what the service did on whole days, wherever its queues are.
// Days and weeks have only the figures that are drawn as a course: calls, waits,
// promises and answers.
func (d *Desk) Report(ctx context.Context, f ReportFilter) ([]Section, error) {
	found, err := d.Parts(ctx, f.parts())
	if err != nil {
		return nil, err
	}
	atWork, err := d.atWork(ctx, f)
	if err != nil {
		return nil, err
	}
	counts := map[sectionKey][]figures.Count{}
	for _, p := range found {
		key := f.key(p, d.zone)
		counts[key] = append(counts[key], p.Count)
	}
	all := make([]Section, 0, len(counts))
	for key, c := range counts {
		sum := figures.Of(c)
		one := Section{Of: key.of, Report: sum.Report(f.Standard), Said: feedback.Counted(sum)}
		if f.byMatter() {
			one.Occupancy = sum.Occupancy(atWork)
		}
		if key.since != 0 {
			one.Since = time.UnixMilli(key.since)
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Section) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Of, b.Of)) })
	return all, nil
}

// byMatter reports whether sections are of what calls are about: nobody is free
// for one topic, so such a section is held against the time of all.
func (f ReportFilter) byMatter() bool { return f.By == figures.ByTopic || f.By == figures.ByLang }

// atWork counts the time that all were at work, for sections that have none of
// their own.
func (d *Desk) atWork(ctx context.Context, f ReportFilter) (figures.Counts, error) {
	if !f.byMatter() {
		return nil, nil
	}
	return d.sum(ctx, PartFilter{From: f.From, To: f.To, Queue: f.Queue, Names: figures.Work(), Together: true}, "")
}

// sum adds up the parts of one of those by whom it is counted, or of all.
func (d *Desk) sum(ctx context.Context, f PartFilter, of string) (figures.Counts, error) {
	found, err := d.Parts(ctx, f)
	var all []figures.Count
	for _, p := range found {
		if of == "" || p.Of == of {
			all = append(all, p.Count)
		}
	}
	return figures.Of(all), err
}

// CountedBy returns the first day on which something was counted by topic,
// agent and so on; zero when nothing was. Counts of before have no such parts.
func (d *Desk) CountedBy(ctx context.Context, by string) (first time.Time, err error) {
	err = d.Store.View(ctx, func(tx Tx) error {
		first, err = tx.FirstPart(by)
		return missing(err)
	})
	return first, err
}

type sectionKey struct {
	of    string
	since int64
}

// parts are what a report is made of.
func (f ReportFilter) parts() PartFilter {
	p := PartFilter{From: f.From, To: f.To, Queue: f.Queue}
	switch f.By {
	case figures.ByTopic, figures.ByLang, figures.ByAgent:
		p.By = f.By
	case ByDay, ByWeek:
		p.Together, p.Daily, p.Names = true, true, figures.Course(f.Standard.Counted().Within)
	case ByAll:
		p.Together = true
	}
	return p
}

// key tells which section a part belongs to.
func (f ReportFilter) key(p Part, zone *time.Location) sectionKey {
	switch f.By {
	case ByAll:
		return sectionKey{}
	case ByDay, ByWeek:
		day := dayOf(p.Since, zone)
		if f.By == ByWeek {
			day = day.Plus(-(int(day.Weekday()) + 6) % 7)
		}
		return sectionKey{of: day.String(), since: day.Begins(zone).UnixMilli()}
	}
	return sectionKey{of: p.Of}
}

// apart is how far midnight at the place of a queue may be from midnight here.
const apart = 12 * time.Hour

// DayOf is the day, by the clock here, that was counted somewhere from an
// instant on.
func DayOf(since time.Time, zone *time.Location) time.Time { return dayOf(since, zone).Begins(zone) }

func dayOf(since time.Time, zone *time.Location) opening.Day {
	return opening.DayOf(since.Add(apart).In(zone))
}

// Parts adds up what was counted on whole days, as Counts does.
func (d *Desk) Parts(ctx context.Context, f PartFilter) ([]Part, error) {
	f.From, f.To = onDays(f.From, f.To)
	var found []Part
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		found, err = tx.Parts(f)
		return err
	})
	return found, err
}

// Counts adds up what was counted on whole days, by queue: from the day that
// begins at f.From to the one that ends at f.To, wherever the queue is.
func (d *Desk) Counts(ctx context.Context, f MeasureFilter) (map[string]figures.Counts, error) {
	f.From, f.To = onDays(f.From, f.To)
	var found []Measure
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		found, err = tx.Measures(f)
		return err
	})
	byQueue := map[string][]figures.Count{}
	for _, m := range found {
		byQueue[m.Queue] = append(byQueue[m.Queue], m.Count)
	}
	all := make(map[string]figures.Counts, len(byQueue))
	for queue, counts := range byQueue {
		all[queue] = figures.Of(counts)
	}
	return all, err
}

// onDays are the instants between which days begin, wherever a queue is.
func onDays(from, to time.Time) (time.Time, time.Time) {
	if !from.IsZero() {
		from = from.Add(-apart)
	}
	if !to.IsZero() {
		to = to.Add(-apart)
	}
	return from, to
}

// FigureFilter chooses what figures are made of. Empty fields choose all.
type FigureFilter struct {
	From, To time.Time // inclusive, exclusive
	Queue    string
	Agent    string
	Now      time.Time // calls that were less than 7 days before it are too fresh to count as solved
}

// Said counts what customers said on whole days, as reports do, from what was
// counted when they said it. The days are those of From, and of To, which is
// left out when it is midnight.
func (d *Desk) Said(ctx context.Context, f FigureFilter) (feedback.Figures, error) {
	f.From, f.To = f.wholeDays(d.zone)
	p := PartFilter{From: f.From, To: f.To, Queue: f.Queue, Names: figures.Answers()}
	if f.Agent != "" {
		p.By = figures.ByAgent
	}
	counts, err := d.sum(ctx, p, f.Agent)
	if err != nil {
		return feedback.Figures{}, err
	}
	said := feedback.Counted(counts)
	err = d.Store.View(ctx, func(tx Tx) error {
		all, err := tx.Surveyed(f)
		all.Scores, all.Kept, all.Repeated = said.Scores, said.Kept, said.Repeated
		said = all
		return err
	})
	return said, err
}

// wholeDays are the midnights around a time.
func (f FigureFilter) wholeDays(zone *time.Location) (from, to time.Time) {
	y, m, d := f.From.In(zone).Date()
	from = time.Date(y, m, d, 0, 0, 0, 0, zone)
	y, m, d = f.To.In(zone).Add(-time.Nanosecond).Date()
	return from, time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

// Figures counts what customers said.
func (d *Desk) Figures(ctx context.Context, f FigureFilter) (feedback.Figures, error) {
	var all feedback.Figures
	f.Now = d.Now()
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.Figures(f)
		return err
	})
	return all, err
}
