package callback

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdless/holdless/callback/texts"
)

// UndoTime is how long a deed can be undone.
const UndoTime = 10 * time.Second

// An Undo is what is kept of the last deed with a callback, so that it can be
// taken back, and is done once when it is asked for twice.
type Undo struct {
	Callback string
	Mark     string // of the act
	Do       Deed
	Actor    string
	Version  int64 // of the callback after it
	Back     bool  // it can be taken back
	At       time.Time
	Was      Before
	Messages []string // that tell of it, and leave later
}

// Before is what a deed may have changed about a callback.
type Before struct {
	Owner    string    `json:"owner,omitempty"`
	At       time.Time `json:"at"`
	Wall     string    `json:"wall"`
	Zone     string    `json:"zone"`
	DueAt    time.Time `json:"due"`
	Until    time.Time `json:"until"`
	Attempts int       `json:"attempts,omitempty"`
	Place    time.Time `json:"place,omitzero"`
	Next     string    `json:"next,omitempty"` // DoOutcome: the next call, which was not there
}

func undoOf(was Callback, a Act, version int64) Undo {
	return Undo{
		Callback: was.ID, Mark: a.mark(), Do: a.Do, Actor: a.Actor, Version: version,
		Was: Before{was.Owner, was.At, was.Wall, was.Zone, was.DueAt, was.Until, was.Attempts, was.Place, ""},
	}
}

// restore puts back what was before.
func (b Before) restore(c *Callback) {
	c.Owner, c.At, c.Wall, c.Zone, c.DueAt, c.Until, c.Attempts = b.Owner, b.At, b.Wall, b.Zone, b.DueAt, b.Until, b.Attempts
	c.Place = b.Place
}

// Undo takes back the last deed of a person, within [UndoTime] and unless
// something else has happened since. It returns the callback that stands then:
// a new one when the old one was cancelled.
func (d *Desk) Undo(ctx context.Context, id, actor string) (Callback, error) {
	var c Callback
	err := d.update(ctx, func(tx Tx) (err error) {
		c, err = d.undo(tx, id, actor)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("undo: %w", err)
	}
	return c, nil
}

func (d *Desk) undo(tx Tx, id, actor string) (Callback, error) {
	c, err := tx.Callback(id)
	if err != nil {
		return c, err
	}
	u, err := tx.Undo(id)
	if errors.Is(err, ErrNotFound) || err == nil && !u.open(c, actor, d.Now()) {
		return c, ErrTooLate
	}
	if err != nil {
		return c, err
	}
	if err := d.seatBack(tx, c, u); err != nil {
		return c, err
	}
	now, err := d.putBack(tx, c, u)
	if err == nil && u.Was.Next != "" {
		err = d.unpromise(tx, u.Was.Next, actor)
	}
	if err != nil {
		return c, err
	}
	u.Back, u.Version = false, now.Version
	return now, errors.Join(d.takeBack(tx, now, u), tx.PutUndo(u),
		d.record(tx, c, "desk.undo", string(u.Do), actor))
}

// open reports whether a deed can still be taken back by somebody.
func (u Undo) open(c Callback, actor string, now time.Time) bool {
	return u.Back && u.Actor == actor && u.Version == c.Version && now.Sub(u.At) < UndoTime
}

// seatBack sees that the time of before is still free, if it was given up.
func (d *Desk) seatBack(tx Tx, c Callback, u Undo) error {
	if !u.Was.Place.IsZero() || c.State != CancelledState && c.At.Equal(u.Was.At) {
		return nil // a place in line takes no seat
	}
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	seats, err := d.seatsAt(tx, q, u.Was.At)
	if err != nil {
		return err
	}
	if _, err := tx.LockSlot(q.Name, u.Was.At, seats); err != nil {
		return err
	}
	taken, err := tx.CountSlots(q.Name, u.Was.At, u.Was.At.Add(time.Millisecond), d.Now().Add(-grace))
	if err == nil && taken[u.Was.At.UnixMilli()] >= seats {
		err = ErrTaken
	}
	return err
}

// putBack restores a callback. An end stays an end: what was cancelled is
// promised anew.
func (d *Desk) putBack(tx Tx, c Callback, u Undo) (Callback, error) {
	if c.State != CancelledState {
		was := c
		u.Was.restore(&c)
		err := d.amend(tx, &c, was)
		if err == nil && !was.At.Equal(c.At) {
			err = d.toldAgain(tx, c)
		}
		return c, err
	}
	again, now := c, d.Now()
	u.Was.restore(&again)
	again.ID, again.State, again.Version, again.Key = d.NewID(), BookedState, 0, ""
	again.CreatedAt, again.UpdatedAt = now, now
	return again, errors.Join(tx.AddCallback(again), follow(tx, c.ID, again), d.toldAgain(tx, again), d.record(tx, again, "callback.booked", "undo", u.Actor))
}

// follow has the texts of a promise be about the one that is made anew in its
// place: those that are still to leave, what reminded of it, and what is asked.
func follow(tx Tx, was string, c Callback) error {
	open, err := tx.OpenTalk(textLine, c.Phone)
	if err == nil && open.Callback == was {
		open.Callback = c.ID
		err = tx.PutTalk(open)
	}
	if missing(err) != nil {
		return err
	}
	all, err := tx.MessagesTo(string(c.Phone), lately)
	for _, m := range all {
		if m.Callback != was || !m.DoneAt.IsZero() && !isReminder(m) {
			continue
		}
		m, err := tx.Message(m.ID) // locked
		if err != nil {
			return err
		}
		m.Callback = c.ID
		if err := tx.PutMessage(m); err != nil {
			return err
		}
	}
	return err
}

// unpromise takes back the next call that was promised with what came of one,
// unless somebody has done something with it since. The customer was not told.
func (d *Desk) unpromise(tx Tx, id, actor string) error {
	c, err := tx.Callback(id)
	if err != nil {
		return err
	}
	if c.Version != 0 {
		return ErrTooLate
	}
	return d.move(tx, &c, CallerCancel, actor)
}

// takeBack drops the messages that would have told of a deed, and asks again
// what was asked before it.
func (d *Desk) takeBack(tx Tx, c Callback, u Undo) error {
	for _, id := range u.Messages {
		m, err := tx.Message(id)
		if errors.Is(err, ErrNotFound) || err == nil && (!m.DoneAt.IsZero() || !m.Lease.IsZero()) {
			continue
		}
		if err != nil {
			return err
		}
		m.drop(d.Now(), expired, "undone")
		if err := tx.PutMessage(m); err != nil {
			return err
		}
	}
	if len(u.Messages) == 0 || u.Do == DoOutcome {
		return nil
	}
	_, err := d.pose(tx, c, texts.AskPromise, nil)
	if err != nil || c.ID == u.Callback { // what reminded of it before, does so again
		return err
	}
	return d.remind(tx, c)
}
