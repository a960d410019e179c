package callback

import (
	"time"

	"github.com/holdless/holdless/callback/opening"
)

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
	if z := d.places.Place(p, at); z != nil {
		return z
	}
	return q.Zone
}
