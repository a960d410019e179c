package callback

import (
	"errors"
	"time"

	"github.com/holdless/holdless/ivr"
)

// afterGoodbye is how long who has a place kept has to hang up before his turn
// can come: his telephone would be busy.
const afterGoodbye = 10 * time.Second

// inLine is how soon a callback that keeps a place must be due to stand in line:
// one that is called again in hours does not.
const inLine = time.Minute

// keepPlace promises a call when it is the turn of a caller, and says by when at
// the latest. It is Taken when that would be when nobody is at work.
func (d *Desk) keepPlace(tx Tx, t *Talk, q *Queue, p Phone) (ivr.Event, error) {
	if p == "" {
		p = t.Phone
	}
	if err := d.mayCall(tx, p); err != nil {
		return refused(err)
	}
	place, latest, err := d.latest(tx, t, q)
	if err != nil {
		return ivr.Event{}, err
	}
	if !d.permits(q, p, latest).Equal(latest) {
		return ivr.Event{Kind: ivr.Taken}, nil
	}
	open, err := d.openOf(tx, q.Name, p)
	switch {
	case err == nil:
		return d.joinLine(tx, t, open, place, latest)
	case !errors.Is(err, ErrNotFound):
		return ivr.Event{}, err
	}
	if err := d.mayPromise(tx, p, t.asker()); err != nil {
		return refused(err)
	}
	now := d.Now()
	c := Callback{
		ID: d.NewID(), Queue: q.Name, Phone: p, Name: t.State.Data["name"], Topic: t.State.Data["topic"], Lang: t.State.Lang,
		Talk: t.ID, Caller: t.asker(), State: BookedState, CreatedAt: now, UpdatedAt: now,
	}
	d.placed(&c, q, place, latest)
	t.Callback = c.ID
	return ivr.Event{Kind: ivr.Booked, At: latest}, errors.Join(
		tx.AddCallback(c), d.record(tx, c, "callback.booked", "place", t.speaker()),
		d.leaveLine(tx, t, "line.kept"), d.tell(tx, c, "text_placed"))
}

// placed makes a callback one that is due when its turn comes.
func (d *Desk) placed(c *Callback, q *Queue, place, latest time.Time) {
	d.promise(c, q, latest)
	c.Place, c.DueAt = place, d.Now().Add(afterGoodbye)
}

// joinLine has an open callback made when it is the caller's turn, in place of
// the time that was promised.
func (d *Desk) joinLine(tx Tx, t *Talk, open Callback, place, latest time.Time) (ivr.Event, error) {
	if !t.mayChange(open, Reschedule) {
		return ivr.Event{Kind: ivr.Refused, Text: ivr.InFlight}, nil
	}
	q, err := d.queueOf(open.Queue)
	if err != nil {
		return ivr.Event{}, err
	}
	if t.Menu != customerMenu && open.Moves >= d.Policy.Moves {
		return ivr.Event{Kind: ivr.Refused, Text: ivr.TooMany}, nil
	}
	d.placed(&open, q, place, latest)
	open.Attempts = 0
	if t.speaker() == "caller" {
		open.Moves++
	}
	t.Callback = open.ID
	return ivr.Event{Kind: ivr.Booked, At: latest}, errors.Join(
		d.move(tx, &open, Reschedule, t.speaker()), d.leaveLine(tx, t, "line.kept"), d.tell(tx, open, "text_placed"))
}

// latest returns the place of a caller in line, and until when he is served
// there at the latest, in whole minutes.
func (d *Desk) latest(tx Tx, t *Talk, q *Queue) (place, at time.Time, err error) {
	now := d.Now().In(q.Zone)
	f := ivr.Facts{Now: now, Open: q.Open(now)}
	if err := d.lineFacts(tx, t, q, &f); err != nil {
		return place, at, err
	}
	w, err := tx.Waiter(t.ID)
	if errors.Is(err, ErrNotFound) {
		w.Place, err = d.firstCame(tx, t, q)
	}
	return w.Place, d.turnBy(q, f), err
}

// turnBy is until when it is the turn of a caller at the latest, who was told so
// much, and is called back.
func (d *Desk) turnBy(q *Queue, f ivr.Facts) time.Time {
	bound := f.Bound
	if bound <= 0 {
		bound = time.Duration(f.Ahead/max(1, len(q.Agents))+1) * usualCall
	}
	return d.Now().In(q.Zone).Add(bound + leastNotice).Truncate(time.Minute)
}

const (
	// usualCall is how long a call takes while nobody knows better.
	usualCall = 10 * time.Minute
	// leastNotice is added to a bound: the telephone has to ring, and be answered.
	leastNotice = 2 * time.Minute
)
