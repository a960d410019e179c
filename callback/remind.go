package callback

import (
	"context"
	"errors"
	"strconv"
	"time"
)

// fresh is how long nobody has to be reminded of what he was told.
const fresh = time.Hour

// lately is how many texts to a person are looked through for a reminder: more
// than he gets between a promise and its time.
const lately = 1000

// remind writes a reminder of a promise that is far enough ahead.
func (d *Desk) remind(tx Tx, c Callback) error {
	before := d.Policy.Reminder.Duration()
	if before == 0 || c.At.Sub(d.Now()) < 2*before {
		return nil
	}
	return d.remindAt(tx, c, c.At.Add(-before))
}

// remindAt has the one reminder of a promise leave at an instant, if not
// sooner. What it says is decided when it leaves.
func (d *Desk) remindAt(tx Tx, c Callback, due time.Time) error {
	m, err := d.reminderOf(tx, c)
	switch {
	case errors.Is(err, ErrNotFound):
		return d.post(tx, Message{
			Kind: TextKind, Key: reminderKey + c.ID + ":" + strconv.FormatInt(c.Version, 10), To: string(c.Phone), Callback: c.ID,
			DueAt: due, Until: d.told(c), Once: true,
		})
	case err != nil:
		return err
	case m.Status == expired: // the promise was moved away, and has come back
		m.drop(time.Time{}, "", "")
	case !m.DoneAt.IsZero() || !m.Lease.IsZero() || !due.Before(m.DueAt):
		return nil
	}
	m.DueAt = due
	return tx.PutMessage(m)
}

// reminderOf returns the reminder of a promise at its present time, which
// nobody sends meanwhile.
func (d *Desk) reminderOf(tx Tx, c Callback) (Message, error) {
	all, err := tx.MessagesTo(string(c.Phone), lately)
	if err != nil {
		return Message{}, err
	}
	for _, m := range all {
		if isReminder(m) && m.Callback == c.ID && m.Until.Equal(d.told(c)) {
			return tx.Message(m.ID)
		}
	}
	return Message{}, ErrNotFound
}

// reminds fills in a reminder that is about to leave, unless there is nothing
// to be reminded of.
func (d *Desk) reminds(tx Tx, m *Message, c Callback) error {
	if c.State != BookedState || !d.told(c).Equal(m.Until) {
		return d.expire(tx, m)
	}
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	m.Body = d.compose(c, q, "text_reminder", d.timed(c, "text_reminder", d.told(c)))
	return d.inquire(tx, c, "text_reminder", m)
}

// Remind has everybody reminded now to whom a call is promised before an
// instant. The reminder of a promise leaves sooner than it would have; who had
// it gets no second, and who was told of the promise just now needs none. Quiet
// hours are kept as ever.
func (d *Desk) Remind(ctx context.Context, until time.Time) error {
	var all []error
	err := d.page(ctx, Filter{States: []State{BookedState}, From: d.Now(), To: until}, func(c Callback) error {
		all = append(all, d.update(ctx, func(tx Tx) error { return d.remindNow(tx, c.ID) }))
		return nil
	})
	return errors.Join(append(all, err)...)
}

func (d *Desk) remindNow(tx Tx, id string) error {
	c, err := tx.Callback(id)
	now := d.Now()
	switch {
	case err != nil:
		return err
	case c.State != BookedState, !d.told(c).After(now), d.Queues[c.Queue] == nil:
		return nil // kept or called off since, or it will be told that it is late
	case !c.Place.IsZero(), now.Sub(c.UpdatedAt) < fresh: // a place in line has no time of its own
		return nil
	}
	return d.remindAt(tx, c, now)
}
