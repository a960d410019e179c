package callback

import (
	"github.com/holdless/holdless/ivr"
)

// Somebody who makes a machine call numbers can do so for the money that some
// numbers bring, or to annoy: so a number is promised, and called, only so
// often a day. The day is the last 24 hours, which has no midnight to wait for.

// mayPromise reports, as a [*RefusalError], why no further callback can be
// promised to a number. Bookings of one number wait for each other here.
func (d *Desk) mayPromise(tx Tx, p Phone) error {
	if err := tx.LockPhone(p); err != nil {
		return err
	}
	booked, err := tx.FindCallbacks(Filter{Phone: p, States: served, Since: d.Now().Add(-day1), Max: d.Policy.Bookings})
	if err == nil && len(booked) >= d.Policy.Bookings {
		return &RefusalError{Phone: p, Reason: ivr.TooMany}
	}
	return err
}

// mayDial reports, as a [*RefusalError], why a number must not be called now.
func (d *Desk) mayDial(tx Tx, p Phone) error {
	if err := d.mayCall(tx, p); err != nil {
		return err
	}
	n, err := tx.Dials(p, d.Now().Add(-day1))
	if err == nil && n >= d.Policy.Dials {
		return &RefusalError{Phone: p, Reason: ivr.TooMany}
	}
	return err
}

// refuse ends a callback whose number must not be called, and leaves it to a
// person.
func (d *Desk) refuse(tx Tx, c *Callback, why Cause, reason string) error {
	if err := d.move(tx, c, why, "desk"); err != nil {
		return err
	}
	if err := d.task(tx, *c, "number refused: "+reason); err != nil {
		return err
	}
	if reason != ivr.TooMany {
		return nil
	}
	return d.tell(tx, *c, "text_unreached")
}
