package callback

import (
	"errors"
	"slices"
	"time"

	"github.com/holdless/holdless/ivr"
)

// mostHold is for how long a customer whom we have called waits on the line for
// an agent. After it he is offered times: whom we call is not to be kept.
const mostHold = 90 * time.Second

// holdFacts tells a customer who was rung first, and for whom nobody was free
// when he had pressed the key, whether he may wait on the line, and for how long
// at most. Only other customers whom we have called can be before him.
func (d *Desk) holdFacts(tx Tx, t *Talk, q *Queue, f *ivr.Facts) error {
	a, err := tx.Attempt(t.Attempt)
	if err != nil || !a.isFirst() || !a.EndedAt.IsZero() {
		return missing(err)
	}
	c, err := tx.Callback(t.Callback)
	if err != nil || c.State != CustomerDialing { // an agent has taken the call, and is lost
		return err
	}
	all, err := tx.Waiters(q.Name)
	if err != nil {
		return err
	}
	left := mostHold
	for _, w := range all {
		switch {
		case w.Talk == t.ID:
			left -= d.Now().Sub(w.Came)
		case w.Called:
			f.Ahead++
		}
	}
	if at := slices.IndexFunc(all, func(w Waiter) bool { return w.Talk == t.ID }); at >= 0 {
		f.Ahead = len(slices.DeleteFunc(slices.Clone(all[:at]), func(w Waiter) bool { return !w.Called }))
	}
	if left <= 0 {
		return nil
	}
	if f.MayWait, err = d.attended(tx, q); err != nil {
		return err
	}
	o, err := d.outlookBehind(tx, q, f.Ahead, d.wishOf(tx, t))
	if f.Bound = left; o.Bound > 0 {
		f.Bound = min(left, o.Bound)
	}
	return err
}

// choosable leaves to a customer whom we have called the times to which his
// callback can be moved: none while it counts as kept.
func choosable(tx Tx, t *Talk, all []time.Time) ([]time.Time, error) {
	if t.Menu != customerMenu {
		return all, nil
	}
	c, err := tx.Callback(t.Callback)
	if _, ok := c.State.After(Reschedule); err != nil || !ok {
		return nil, err
	}
	return all, nil
}

// keepOnLine keeps the book of the customers whom we have called and who wait.
// Who begins to wait counts as abandoned until an agent is there.
func (d *Desk) keepOnLine(tx Tx, t *Talk) error {
	if t.Menu != customerMenu {
		return nil
	}
	holds := t.holds()
	w, err := tx.Waiter(t.ID)
	switch {
	case errors.Is(err, ErrNotFound) && !holds:
		return nil
	case errors.Is(err, ErrNotFound):
		w = Waiter{Talk: t.ID, Queue: t.Queue, Phone: t.Phone, Place: d.Now(), Came: d.Now(), Called: true}
		if err := errors.Join(d.foundNobody(tx, t), d.journal(tx, t, "line.joined", "called", "")); err != nil {
			return err
		}
	case err != nil:
		return err
	case !holds && !toAgent(t.Last.Connect):
		return d.leaveLine(tx, t, "line.left")
	}
	w.Ready, w.Seen, w.Boot = holds, d.Now(), d.Boot
	return tx.PutWaiter(w)
}

// foundNobody notes that a customer who wanted to talk has found no agent. What
// comes of it later takes its place.
func (d *Desk) foundNobody(tx Tx, t *Talk) error {
	a, err := tx.Attempt(t.Attempt)
	if err != nil || !a.EndedAt.IsZero() {
		return err
	}
	a.Outcome = abandoned
	return tx.PutAttempt(a)
}
