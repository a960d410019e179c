package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/opening"
)

// ahead is how far the desk looks beyond now: what comes is shown before midnight,
// too.
const ahead = 2 * time.Hour

// tomorrow is when the day of a clock ends.
func tomorrow(now time.Time) time.Time {
	return opening.DayOf(now).Plus(1).Begins(now.Location())
}

// shown reports whether a callback is on the list now: it is of the day, or was over
// on it, is open still, or comes soon.
func (s *Server) shown(c callback.Callback, now time.Time) bool {
	here := now.In(s.Zone(c.Queue))
	due := c.At.Before(tomorrow(here))
	switch {
	case c.State == callback.HeldState || c.State == callback.Expired:
		return false
	case c.State.Over():
		today := opening.DayOf(here).Begins(here.Location())
		return due && (!c.At.Before(today) || !c.UpdatedAt.Before(today))
	}
	return due || c.At.Before(now.Add(ahead))
}

// near finds the callbacks of the day, those that were called off among them, and
// those of the next two hours, which may go beyond midnight.
func (s *Server) near(ctx context.Context, now time.Time) ([]callback.Callback, error) {
	all, err := s.Desk.Today(ctx, "")
	if err != nil {
		return nil, err
	}
	day := 26 * time.Hour // the longest, and some
	for _, f := range []callback.Filter{{From: now.Add(-day), To: now.Add(day)}, {Moved: now.Add(-day), From: now.Add(-7 * day), To: now.Add(-day)}} {
		f.States = []callback.State{callback.CancelledState}
		off, err := s.Desk.List(ctx, f)
		if err != nil {
			return nil, err
		}
		all = append(all, off...)
	}
	soon, err := s.beyond(ctx, now, time.Time{}, now.Add(ahead))
	all = append(all, soon...)
	all = slices.DeleteFunc(all, func(c callback.Callback) bool { return !s.shown(c, now) })
	slices.SortStableFunc(all, inOrder)
	return all, err
}

// inOrder compares two callbacks as the list has them: what is to be called as it
// was promised, and behind it what is over, what was over last first. The script
// of the page puts them in the same order.
func inOrder(a, b callback.Callback) int {
	switch aOver, bOver := a.State.Over(), b.State.Over(); {
	case aOver && bOver:
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), b.At.Compare(a.At))
	case aOver:
		return 1
	case bOver:
		return -1
	}
	return a.At.Compare(b.At)
}

// beyond finds what is promised from one time to another, and is not of the day.
func (s *Server) beyond(ctx context.Context, now, from, to time.Time) ([]callback.Callback, error) {
	if !slices.ContainsFunc(s.zones(), func(zone *time.Location) bool { return tomorrow(now.In(zone)).Before(to) }) {
		return nil, nil // it is noon everywhere
	}
	if from.Before(now) {
		from = now
	}
	open := slices.DeleteFunc(callback.States(), func(st callback.State) bool { return st == callback.HeldState || st.Over() })
	all, err := s.Desk.List(ctx, callback.Filter{States: open, From: from, To: to})
	return slices.DeleteFunc(all, func(c callback.Callback) bool { return c.At.Before(tomorrow(now.In(s.Zone(c.Queue)))) }), err
}

// comes tells what is on the list for no other reason than that time went by, up
// to when everything was told of, and returns up to when it is now. It looks once
// for all desks.
func (s *Server) comes(ctx context.Context, told time.Time) time.Time {
	now := s.Desk.Now()
	if s.hub.empty() {
		return now.Add(ahead) // who comes now is told at once
	}
	soon, err := s.beyond(ctx, now, told, now.Add(ahead))
	if err == nil && len(soon) > 0 {
		var events []event
		events, err = s.rowsOf(ctx, soon, now)
		s.hub.tell(0, events)
	}
	if err != nil {
		if ctx.Err() == nil {
			s.Log.Warn("desks not told what comes", "err", err)
		}
		return told
	}
	return now.Add(ahead)
}

// come tells a browser that begins to listen what has come meanwhile for no other
// reason than that time went by.
func (s *Server) come(ctx context.Context, who Person) ([]byte, error) {
	now := s.Desk.Now()
	soon, err := s.beyond(ctx, now, time.Time{}, now.Add(ahead))
	if err != nil || len(soon) == 0 {
		return nil, err
	}
	events, err := s.rowsOf(ctx, soon, now)
	return heardBy(who, events), err
}

// rowsOf tells how callbacks stand, each to those who may see it.
func (s *Server) rowsOf(ctx context.Context, all []callback.Callback, now time.Time) ([]event, error) {
	people := make([]callback.Phone, len(all))
	for i, c := range all {
		people[i] = c.Phone
	}
	ratings, err := s.Desk.LastRatings(ctx, people)
	if err != nil {
		return nil, err
	}
	events := make([]event, len(all))
	for i, c := range all {
		html, err := markup(s.row(c, ratings[c.Phone], Person{All: true}, now))
		if err != nil {
			return nil, err
		}
		events[i] = event{plain("row", string(html)), func(p Person) bool { return s.sees(p, c) }}
	}
	return events, nil
}

// zones are the clocks on which days end.
func (s *Server) zones() []*time.Location {
	all := []*time.Location{s.Zone("")}
	for name := range s.Desk.Queues {
		if zone := s.Zone(name); !slices.Contains(all, zone) {
			all = append(all, zone)
		}
	}
	return all
}

// until is when a page is no longer right by the clock alone: a day is over, or
// clocks are changed, here or where a customer is.
func (s *Server) until(now time.Time, rows []row) time.Time {
	first := now.Add(24 * time.Hour)
	for _, zone := range s.zones() {
		first = sooner(sooner(first, tomorrow(now.In(zone))), clockChange(now.In(zone)))
	}
	for _, r := range rows {
		first = sooner(first, r.clockChange)
	}
	return first
}

// clockChange is when a clock is changed next; zero for never.
func clockChange(now time.Time) time.Time {
	_, end := now.ZoneBounds()
	return end
}

// sooner is the earlier of two times; a zero one is none.
func sooner(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}
