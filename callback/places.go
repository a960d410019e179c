package callback

import (
	"sync"
	"time"

	"github.com/nyaruka/phonenumbers"

	"github.com/holdless/holdless/callback/opening"
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
	for range opening.Farthest {
		open := q.Opens(t)
		if open.IsZero() {
			return open
		}
		t = d.permitted.Next(open, d.place(q, p, open))
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
