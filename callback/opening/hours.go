// Package opening says when somebody is at work: the hours of a week, public
// holidays, and what the clocks of a place show.
package opening

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Hours say when somebody is at work, wherever that is.
type Hours struct {
	Week     [7][]Window      // by time.Weekday
	Dates    map[Day][]Window // days unlike others; an empty list is closed
	Holidays *Holidays        // closed, unless Dates says otherwise; nil for none
}

// On returns the windows of one date.
func (h *Hours) On(d Day) []Window {
	if w, ok := h.Dates[d]; ok {
		return w
	}
	if h.Holidays.On(d) {
		return nil
	}
	return h.Week[d.Weekday()]
}

// Spells returns the windows of one date as instants. What a change of the
// clock leaves of a window is what counts.
func (h *Hours) Spells(d Day, place *time.Location) []Spell {
	var all []Spell
	for _, w := range h.On(d) {
		if s := w.on(d, place); s.From.Before(s.To) {
			all = append(all, s)
		}
	}
	return all
}

// Open reports whether somebody is at work at an instant.
func (h *Hours) Open(at time.Time, place *time.Location) bool {
	at = at.In(place)
	return slices.ContainsFunc(h.Spells(DayOf(at), place), func(s Spell) bool {
		return !at.Before(s.From) && at.Before(s.To)
	})
}

// Farthest is how many days [Hours.Opens] looks ahead.
const Farthest = 366

// Opens returns when somebody is at work next, which is now if it is open; zero
// when it is not within a year.
func (h *Hours) Opens(after time.Time, place *time.Location) time.Time {
	after = after.In(place)
	today := DayOf(after)
	for n := range Farthest {
		for _, s := range h.Spells(today.Plus(n), place) {
			if after.Before(s.From) {
				return s.From
			}
			if after.Before(s.To) {
				return after
			}
		}
	}
	return time.Time{}
}

// Between is when somebody was at work between two instants, of which at most two
// days are looked at.
func (h *Hours) Between(from, to time.Time, place *time.Location) []Spell {
	var all []Spell
	today := DayOf(from.In(place))
	for n := range 3 {
		for _, s := range h.Spells(today.Plus(n), place) {
			if s = s.within(from, to); s.From.Before(s.To) {
				all = append(all, s)
			}
		}
	}
	return all
}

// Slots are the times at which something of a length can begin and end within one
// spell of work, in so many days.
func (h *Hours) Slots(from Day, days int, length time.Duration, place *time.Location) []time.Time {
	all := []time.Time{}
	for n := range days {
		for _, s := range h.Spells(from.Plus(n), place) {
			all = s.slots(all, length)
		}
	}
	return all
}

// Changes lists when any of several people come or go between two instants, soonest
// first. The day of the first and the one after are looked at.
func Changes(people []Hours, from, to time.Time, place *time.Location) []time.Time {
	var all []time.Time
	today := DayOf(from.In(place))
	for _, h := range people {
		for n := range 2 {
			for _, s := range h.Spells(today.Plus(n), place) {
				all = append(all, s.From, s.To)
			}
		}
	}
	all = slices.DeleteFunc(all, func(t time.Time) bool { return !t.After(from) || t.After(to) })
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// Weekdays are the days of a week as configurations write them, by [time.Weekday].
var Weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseDays reads "mon-fri", "sat" or "mon, wed".
func ParseDays(text string) ([]time.Weekday, error) {
	var all []time.Weekday
	for part := range strings.SplitSeq(text, ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			to = from
		}
		a, b := slices.Index(Weekdays, from), slices.Index(Weekdays, to)
		if a < 0 || b < 0 {
			return nil, fmt.Errorf(`%q is not written like "mon-fri" or "sat"`, strings.TrimSpace(part))
		}
		for d := a; ; d = (d + 1) % 7 {
			all = append(all, time.Weekday(d))
			if d == b {
				break
			}
		}
	}
	return all, nil
}
