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

// clockOf returns where a person's clock is: as the number tells, else that of
// the queue, else that of the service.
func (d *Desk) clockOf(queue string, p Phone, t time.Time) *time.Location {
	if q := d.Queues[queue]; q != nil {
		return d.place(q, p, t)
	}
	if place := d.places.Place(p, t); place != nil {
		return place
	}
	return d.zone
}

const (
	// soundless is how much of the day must be left before the quiet hours: a
	// text may lie for its lease, and a carrier tries for a minute at least.
	soundless = lease + time.Minute
	// briefest is how long a carrier may try to deliver an answer to what a
	// person just did, whatever the hour.
	briefest = 10 * time.Minute
	// promptly is how often such an answer is tried within that time, and sent once
	// more when it may have left.
	promptly = 5
)

// loud returns the first instant not before t at which a person may be texted
// unasked: outside the quiet hours where the person is.
func (d *Desk) loud(queue string, p Phone, t time.Time) time.Time {
	place := d.clockOf(queue, p, t)
	if at := d.quiet.Over(t, place); at.After(t) {
		return at
	}
	if soon := t.Add(soundless); d.quiet.Over(soon, place).After(soon) {
		return d.quiet.Over(soon, place)
	}
	return t
}

// night returns when the next quiet hours begin where the person is; zero when
// they never do.
func (d *Desk) night(queue string, p Phone, t time.Time) time.Time {
	if d.quiet == (opening.Window{}) {
		return time.Time{}
	}
	place := d.clockOf(queue, p, t)
	today := opening.DayOf(t.In(place))
	for n := range 3 {
		if at := today.Plus(n).At(d.quiet.From, place); at.After(t) {
			return at
		}
	}
	return time.Time{}
}

// lastTry returns until when a carrier may try to deliver a text that leaves at
// t, so that it does not ring in the quiet hours that come; zero for any time.
func (d *Desk) lastTry(tx Tx, m Message, t time.Time) (time.Time, error) {
	queue, err := queueFor(tx, m)
	if err != nil || d.quiet == (opening.Window{}) {
		return time.Time{}, err
	}
	at := d.night(queue, Phone(m.To), t)
	if isSurvey(m) || isReminder(m) { // they leave early enough
		return at, nil
	}
	short := t.Add(briefest)
	if at.Before(short) || d.quiet.Over(t, d.clockOf(queue, Phone(m.To), t)).After(t) {
		return short, nil
	}
	return at, nil
}

// untilDay lets a text that could not leave when it was written, and so answers
// nobody any more, wait for the end of the quiet hours.
func (d *Desk) untilDay(tx Tx, m *Message) error {
	now := d.Now()
	if now.Sub(m.DueAt) <= briefest && m.Tries <= promptly && m.Unclear < len(doubts) {
		return nil
	}
	queue, err := queueFor(tx, *m)
	if at := d.quiet.Over(now, d.clockOf(queue, Phone(m.To), now)); at.After(now) {
		m.DueAt = at
	}
	return err
}

// queueFor returns the queue that a text is about; "" when it is about none.
func queueFor(tx Tx, m Message) (string, error) {
	c, err := matterFor(tx, m)
	return c.Queue, missing(err)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
