package reports

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
)

// told is all that a report tells.
type told struct {
	ask
	All     callback.Section   // of the whole period
	Groups  []callback.Section // by what was asked for
	Course  []callback.Section // by day or week
	Hours   []callback.Part
	Missed  []callback.Missed
	Unhappy []callback.Unhappy
	Pulse   []callback.Mood
	Worst   string
	Since   time.Time // the first day that is told apart by what was asked for; zero for none
	Hourly  time.Time // and by the hour
}

// How many people are named.
const (
	mostMissed  = 200
	mostUnhappy = 50
	fileMissed  = 1000 // of a file, read at once
)

// A look asks the desk for some of what a report tells.
type look func(context.Context, *told) error

// looks are all that a table needs; of a page, or a file of all tables, name is "".
func (s *Server) looks(name string) []look {
	switch name {
	case "promises", "service", "said":
		return []look{s.all, s.groups, s.since}
	case "reasons", "funnel":
		return []look{s.all}
	case "effort":
		return []look{s.all, s.worst}
	case "unhappy":
		return []look{s.sorry}
	case "week":
		return []look{s.byHour, s.since}
	case "pulse":
		return []look{s.moods}
	}
	if strings.HasPrefix(name, "course-") {
		return []look{s.course}
	}
	return []look{s.all, s.groups, s.course, s.byHour, s.late, s.sorry, s.moods, s.since, s.worst}
}

// gather asks the desk for all that a report tells, or one table of it, for
// everything at once: it is read while somebody waits for it.
func (s *Server) gather(ctx context.Context, a ask, name string) (told, error) {
	t := told{ask: a}
	parts := s.looks(name)
	errs := make([]error, len(parts))
	var wg sync.WaitGroup
	for i, part := range parts {
		wg.Go(func() { errs[i] = part(ctx, &t) })
	}
	wg.Wait()
	return t, errors.Join(errs...)
}

// worst is the node of the menus with which callers had most trouble.
func (s *Server) worst(ctx context.Context, t *told) error {
	t.Worst = tame(s.Worst(ctx, t.From, t.to()))
	return nil
}

// sections are the figures of the period, by something.
func (s *Server) sections(ctx context.Context, a ask, by string) ([]callback.Section, error) {
	return s.Desk.Report(ctx, callback.ReportFilter{By: by, From: a.From, To: a.to(), Queue: a.Queue, Standard: a.Standard})
}

// nothing is what is told of a time in which nothing was counted.
func (a ask) nothing() callback.Section {
	return callback.Section{Report: figures.Counts{}.Report(a.Standard), Said: feedback.Counted(nil)}
}

func (s *Server) all(ctx context.Context, t *told) error {
	found, err := s.sections(ctx, t.ask, callback.ByAll)
	if t.All = t.nothing(); len(found) > 0 {
		t.All = found[0]
	}
	return err
}

func (s *Server) groups(ctx context.Context, t *told) error {
	found, err := s.sections(ctx, t.ask, t.By)
	t.Groups = s.sorted(found, t.ask)
	return err
}

func (s *Server) course(ctx context.Context, t *told) error {
	found, err := s.sections(ctx, t.ask, t.Step)
	t.Course = filled(found, t.ask)
	return err
}

// filled puts the days at which nothing was counted between the others.
func filled(found []callback.Section, a ask) []callback.Section {
	known := map[string]callback.Section{}
	for _, c := range found {
		known[c.Of] = c
	}
	zone := a.From.Location()
	step, day := 1, opening.DayOf(a.From)
	if a.Step == callback.ByWeek {
		step, day = 7, day.Plus(-(int(day.Weekday())+6)%7)
	}
	var all []callback.Section
	for last := opening.DayOf(a.Last); day.Compare(last) <= 0; day = day.Plus(step) {
		c, ok := known[day.String()]
		if !ok {
			c = a.nothing()
		}
		c.Of, c.Since = day.String(), day.Begins(zone)
		all = append(all, c)
	}
	return all
}

// sorted puts groups by their names. Agents come by what customers said of them
// only when each has so many answers that the order says something.
func (s *Server) sorted(all []callback.Section, a ask) []callback.Section {
	slices.SortFunc(all, func(x, y callback.Section) int { return cmp.Compare(s.title(a.By, x.Of), s.title(a.By, y.Of)) })
	if a.By == figures.ByAgent && a.Sort == "csat" && ranked(all) {
		slices.SortStableFunc(all, func(x, y callback.Section) int { return cmp.Compare(y.Said.CSAT().Value, x.Said.CSAT().Value) })
	}
	return all
}

// ranked reports whether each agent has answers enough to be compared.
func ranked(all []callback.Section) bool {
	return len(all) > 0 && !slices.ContainsFunc(all, func(c callback.Section) bool { return !c.Said.CSAT().Enough() })
}

// title is what a group is called.
func (s *Server) title(by, of string) string {
	switch {
	case of == "" && by == figures.ByTopic:
		return "no topic"
	case of == "":
		return "not known"
	case by == figures.ByAgent:
		return cmp.Or(s.Desk.Agents[of].Name, of)
	case by == figures.ByTopic:
		return cmp.Or(s.Topic(of), of)
	}
	return of
}

func (s *Server) byHour(ctx context.Context, t *told) (err error) {
	names := []string{t.Heat}
	t.Hours, err = s.Desk.Parts(ctx, callback.PartFilter{
		By: figures.ByHour, From: t.From, To: t.to(), Queue: t.Queue, Names: names, Daily: true,
	})
	return err
}

// late are the promises that we did not keep.
func (s *Server) late(ctx context.Context, t *told) (err error) {
	t.Missed, err = s.Desk.Missed(ctx, callback.MissedFilter{From: t.From, To: t.to(), Queue: t.Queue, Max: mostMissed})
	return err
}

// latePages are the same for a file, all of them, however many there are.
func (s *Server) latePages(ctx context.Context, a ask) func() (Table, error) {
	var after callback.EntryMark
	return func() (Table, error) {
		found, err := s.Desk.Missed(ctx, callback.MissedFilter{From: a.From, To: a.to(), Queue: a.Queue, After: after, Max: fileMissed})
		if len(found) > 0 {
			after = found[len(found)-1].Mark
		}
		return s.missed(told{ask: a, Missed: found}), err
	}
}

// sorry are the customers who were not satisfied, and whom nobody has answered.
func (s *Server) sorry(ctx context.Context, t *told) error {
	all, err := s.Desk.Unanswered(ctx, t.From)
	for _, u := range all {
		if u.At.Before(t.to()) && (t.Queue == "" || u.Queue == t.Queue) {
			t.Unhappy = append(t.Unhappy, u)
		}
	}
	return err
}

// since finds out from when on it is told apart.
func (s *Server) since(ctx context.Context, t *told) (err error) {
	if t.Hourly, err = s.Desk.CountedBy(ctx, figures.ByHour); err != nil || t.By == callback.ByQueue {
		return err
	}
	t.Since, err = s.Desk.CountedBy(ctx, t.By)
	return err
}

// moods are what agents said of their days.
func (s *Server) moods(ctx context.Context, t *told) (err error) {
	t.Pulse, err = s.Desk.Moods(ctx, t.From, t.to())
	return err
}

// who names a customer by his name and the end of his number.
func who(name string, p callback.Phone) string {
	return strings.TrimSpace(tame(name) + " " + p.LogValue().String())
}
