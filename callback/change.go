package callback

import (
	"errors"
	"time"

	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
)

// openOf finds the open callback of a number. One whose call is over, and whose
// agent still writes, is none any more.
func (d *Desk) openOf(tx Tx, queue string, p Phone) (Callback, error) {
	c, err := tx.OpenCallback(queue, p)
	if err != nil || c.State != Wrapup {
		return c, err
	}
	if err := d.move(tx, &c, WrapupDone, "desk"); err != nil {
		return c, err
	}
	return c, ErrNotFound
}

// mayChange reports whether a person may change a callback in this talk. While
// the telephone rings, only who answers it may.
func (t *Talk) mayChange(c Callback, why Cause) bool {
	_, ok := c.State.After(why)
	return ok && (c.State != CustomerDialing || t.Menu == customerMenu)
}

// exchange moves an open callback to the time that is held.
func (d *Desk) exchange(tx Tx, t *Talk, open, held Callback) (ivr.Event, error) {
	if !t.mayChange(open, Reschedule) {
		return ivr.Event{Kind: ivr.Refused, Text: ivr.InFlight}, nil
	}
	if t.Menu != customerMenu && open.Moves >= d.Policy.Moves {
		return ivr.Event{Kind: ivr.Refused, Text: ivr.TooMany}, nil
	}
	if err := d.move(tx, &held, HoldUsed, t.speaker()); err != nil {
		return ivr.Event{}, err
	}
	if t.Menu != customerMenu {
		t.Callback = open.ID
	}
	err := d.reschedule(tx, &open, held.At, t.speaker())
	return ivr.Event{Kind: ivr.Booked, At: held.At}, err
}

// reschedule promises another time for an open callback.
func (d *Desk) reschedule(tx Tx, c *Callback, at time.Time, actor string) error {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	if c.Phone == Anonymous {
		return &number.RefusalError{Phone: c.Phone, Reason: number.ReasonInvalid}
	}
	d.promise(c, q, at)
	c.Attempts = 0
	if actor == "caller" {
		c.Moves++
	}
	if err := d.move(tx, c, Reschedule, actor); err != nil {
		return err
	}
	return d.tell(tx, *c, "text_moved")
}

// callOff cancels the open callback of a caller.
func (d *Desk) callOff(tx Tx, t *Talk) (ivr.Event, error) {
	done := ivr.Event{Kind: ivr.Cancelled}
	c, err := d.openOf(tx, t.Queue, t.Phone)
	if errors.Is(err, ErrNotFound) {
		return done, nil
	}
	if err != nil {
		return ivr.Event{}, err
	}
	if !t.mayChange(c, CallerCancel) {
		return ivr.Event{Kind: ivr.Refused, Text: ivr.InFlight}, nil
	}
	t.Callback = c.ID
	if err := d.move(tx, &c, CallerCancel, t.speaker()); err != nil {
		return done, err
	}
	return done, d.tell(tx, c, "text_cancelled")
}

// keep lets the open callback of a caller stand.
func (d *Desk) keep(tx Tx, t *Talk) (ivr.Event, error) {
	c, err := d.openOf(tx, t.Queue, t.Phone)
	if errors.Is(err, ErrNotFound) {
		return ivr.Event{Kind: ivr.Taken}, nil
	}
	t.Callback = c.ID
	return ivr.Event{Kind: ivr.Booked, At: d.told(c)}, err
}
