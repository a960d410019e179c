package callback

import (
	"sync"
	"time"

	"github.com/nyaruka/phonenumbers"
)

// An atlas keeps the time zones that were loaded: loading reads a file.
type atlas struct {
	mu    sync.Mutex
	zones map[string]*time.Location // nil for a name that nobody knows
}

func (a *atlas) zone(name string) *time.Location {
	a.mu.Lock()
	defer a.mu.Unlock()
	z, ok := a.zones[name]
	if ok {
		return z
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		z = nil
	}
	if a.zones == nil {
		a.zones = map[string]*time.Location{}
	}
	a.zones[name] = z
	return z
}

// place returns a zone in which the clocks show, at that instant, what they
// show where the number is; nil when that cannot be told. Numbers of Finland
// belong to Helsinki and Mariehamn, whose clocks agree; a mobile number of the
// United States may be anywhere.
func (a *atlas) place(p Phone, at time.Time) *time.Location {
	n, err := phonenumbers.Parse(string(p), "")
	if err != nil {
		return nil
	}
	names, err := phonenumbers.GetTimezonesForNumber(n)
	if err != nil {
		return nil
	}
	var place *time.Location
	for _, name := range names {
		z := a.zone(name)
		if z == nil || place != nil && offset(z, at) != offset(place, at) {
			return nil
		}
		place = z
	}
	return place
}

func offset(z *time.Location, at time.Time) int {
	_, o := at.In(z).Zone()
	return o
}

// permits returns the first instant not before t at which a person may be
// called: the queue is at work, and at the person's place the hour is
// permitted. It is zero when there is none within a year.
func (d *Desk) permits(q *Queue, p Phone, t time.Time) time.Time {
	for range farthest {
		open := q.Opens(t)
		if open.IsZero() {
			return open
		}
		t = d.permitted.next(open, d.place(q, p, open))
		if t.Equal(open) {
			return t
		}
	}
	return time.Time{}
}

// place returns where the person's clock is, as far as it is known.
func (d *Desk) place(q *Queue, p Phone, at time.Time) *time.Location {
	if z := d.places.place(p, at); z != nil {
		return z
	}
	return q.Zone
}

// next returns the first instant not before t that lies in the window of the
// wall clock at a place.
func (w window) next(t time.Time, place *time.Location) time.Time {
	today := dayOf(t.In(place))
	for n := range 3 {
		from := clock(today.plus(n), w.from, place)
		to := clock(today.plus(n), w.to, place)
		if w.to == wholeDay {
			to = clock(today.plus(n+1), 0, place)
		}
		if t.Before(from) {
			return from
		}
		if t.Before(to) {
			return t
		}
	}
	return t
}

// over returns the first instant not before t at which the window of the wall
// clock at a place, which may reach past midnight, is over.
func (w window) over(t time.Time, place *time.Location) time.Time {
	t = t.In(place)
	minute := t.Hour()*60 + t.Minute()
	inside := w.from <= minute && minute < w.to
	if w.from > w.to {
		inside = w.from <= minute || minute < w.to
	}
	if !inside {
		return t
	}
	end := clock(dayOf(t), w.to, place)
	if !end.After(t) {
		end = clock(dayOf(t).plus(1), w.to, place)
	}
	return end
}
