package opening

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Window is a part of a day, in minutes of the clock on the wall.
type Window struct{ From, To int }

// A Spell is a window of one day at one place, in absolute time.
type Spell struct{ From, To time.Time }

// on returns the window of one date as instants. A change of the clock may
// leave nothing of it.
func (w Window) on(d Day, place *time.Location) Spell {
	return Spell{d.At(w.From, place), d.At(w.To, place)}
}

// within is what of a spell lies between two instants; it ends before it begins when
// nothing does.
func (s Spell) within(from, to time.Time) Spell {
	if s.From.Before(from) {
		s.From = from
	}
	if s.To.After(to) {
		s.To = to
	}
	return s
}

// slots adds those that lie wholly in a spell. It steps in absolute time, so that a
// change of the clock neither squeezes two slots into one nor offers a time that
// does not exist; of the hour that exists twice, the first counts.
func (s Spell) slots(all []time.Time, length time.Duration) []time.Time {
	for at := s.From; !at.Add(length).After(s.To); at = at.Add(length) {
		if !Repeated(at) {
			all = append(all, at)
		}
	}
	return all
}

// Next returns the first instant not before t that lies in the window of the
// wall clock at a place.
func (w Window) Next(t time.Time, place *time.Location) time.Time {
	today := DayOf(t.In(place))
	for n := range 3 {
		s := w.on(today.Plus(n), place)
		if t.Before(s.From) {
			return s.From
		}
		if t.Before(s.To) {
			return t
		}
	}
	return t
}

// Over returns the first instant not before t at which the window of the wall
// clock at a place, which may reach past midnight, is over.
func (w Window) Over(t time.Time, place *time.Location) time.Time {
	t = t.In(place)
	minute := t.Hour()*60 + t.Minute()
	inside := w.From <= minute && minute < w.To
	if w.From > w.To {
		inside = w.From <= minute || minute < w.To
	}
	if !inside {
		return t
	}
	end := DayOf(t).At(w.To, place)
	if !end.After(t) {
		end = DayOf(t).Plus(1).At(w.To, place)
	}
	return end
}

// WholeDay is the minute at which a day ends.
const WholeDay = 24 * 60

// ParseWindows reads "09:00-12:00, 13:00-17:00", or "closed".
func ParseWindows(text string) ([]Window, error) {
	if strings.TrimSpace(text) == "closed" {
		return nil, nil
	}
	var all []Window
	for part := range strings.SplitSeq(text, ",") {
		from, to, _ := strings.Cut(strings.TrimSpace(part), "-")
		a, errA := ParseClock(from)
		b, errB := ParseClock(to)
		if errA != nil || errB != nil {
			return nil, fmt.Errorf(`%q is not written like "09:00-17:00" or "closed"`, strings.TrimSpace(part))
		}
		if a >= b {
			return nil, fmt.Errorf("%q ends before it begins; a night is written as two days", strings.TrimSpace(part))
		}
		if n := len(all); n > 0 && all[n-1].To > a {
			return nil, fmt.Errorf("%q begins before the one before it ends", strings.TrimSpace(part))
		}
		all = append(all, Window{a, b})
	}
	return all, nil
}

// ParseClock reads "09:00" as minutes of the day, up to "24:00".
func ParseClock(text string) (int, error) {
	h, m, ok := strings.Cut(text, ":")
	hour, errH := strconv.ParseUint(h, 10, 8)
	minute, errM := strconv.ParseUint(m, 10, 8)
	total := int(hour)*60 + int(minute)
	if !ok || errH != nil || errM != nil || len(m) != 2 || minute > 59 || total > WholeDay {
		return 0, fmt.Errorf("%q is not a time of day", text)
	}
	return total, nil
}
