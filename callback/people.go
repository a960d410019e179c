package callback

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/opening"
)

// List finds callbacks.
func (d *Desk) List(ctx context.Context, f Filter) ([]Callback, error) {
	var all []Callback
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.FindCallbacks(f)
		return err
	})
	return all, err
}

// Show returns a callback and the calls that were placed to keep it.
func (d *Desk) Show(ctx context.Context, id string) (Callback, []Attempt, error) {
	var c Callback
	var calls []Attempt
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		if c, err = tx.Callback(id); err != nil {
			return err
		}
		calls, err = tx.AttemptsOf(id)
		return err
	})
	if err != nil {
		return Callback{}, nil, fmt.Errorf("callback %s: %w", id, err)
	}
	return c, calls, nil
}

// Book promises a callback. The same Key gives the same booking. When the
// number has another open one, that is returned with [ErrBooked].
func (d *Desk) Book(ctx context.Context, r Request) (Callback, error) {
	q, err := d.queueOf(r.Queue)
	if err != nil {
		return Callback{}, err
	}
	var c Callback
	var other bool
	err = d.update(ctx, func(tx Tx) (err error) {
		c, err = d.bookFor(tx, q, r)
		if other = errors.Is(err, errOpen); other {
			return nil // seen, and not stumbled over: there is no sense in trying again
		}
		return err
	})
	if other {
		return c, ErrBooked
	}
	return c, err
}

// errOpen says that the number has an open callback.
var errOpen = errors.New("open callback found")

func (d *Desk) bookFor(tx Tx, q *Queue, r Request) (Callback, error) {
	before, err := tx.FindCallbacks(Filter{Queue: r.Queue, Phone: r.Phone})
	if err != nil {
		return Callback{}, err
	}
	for _, c := range before {
		if r.Key != "" && c.Key == r.Key {
			return c, nil
		}
	}
	if err := d.mayCall(tx, r.Phone); err != nil {
		return Callback{}, err
	}
	switch open, err := d.openOf(tx, r.Queue, r.Phone); {
	case err == nil && r.Key != "" && open.Key == r.Key:
		return open, nil // committed by another since the look before
	case err == nil:
		return open, errOpen
	case !errors.Is(err, ErrNotFound):
		return Callback{}, err
	}
	if err := d.mayPromise(tx, r.Phone, ""); err != nil {
		return Callback{}, err
	}
	at, err := d.soonest(tx, q, r)
	if err != nil {
		return Callback{}, err
	}
	now := d.Now()
	c := Callback{
		ID: d.NewID(), Queue: q.Name, Phone: r.Phone, Name: r.Name, Topic: r.Topic, Lang: r.Lang, Note: r.Note,
		Owner: r.Owner, Key: r.Key, State: BookedState, CreatedAt: now, UpdatedAt: now,
	}
	d.promise(&c, q, at)
	if err := tx.AddCallback(c); err != nil {
		return Callback{}, err
	}
	err = d.record(tx, c, "callback.booked", "request", cmp.Or(r.Actor, "operator"))
	return c, errors.Join(err, d.toldAgain(tx, c), d.tell(tx, c, "text_booked"))
}

// soonest takes the wished time, or the first that is free.
func (d *Desk) soonest(tx Tx, q *Queue, r Request) (time.Time, error) {
	times := []time.Time{r.At}
	if r.At.IsZero() {
		free, err := d.free(tx, q, r.Phone, d.Now().In(q.Zone))
		if err != nil {
			return r.At, err
		}
		times = free
	}
	for _, at := range times {
		if ok, err := d.seat(tx, q, r.Phone, at, d.lately()); ok || err != nil {
			return at.In(q.Zone), err
		}
	}
	return time.Time{}, ErrTaken
}

// Move promises another time instead. It is [ErrMoved] while the customer is
// being called.
func (d *Desk) Move(ctx context.Context, id string, at time.Time, actor string) (Callback, error) {
	var c Callback
	err := d.change(ctx, id, func(tx Tx, found *Callback) error {
		q, err := d.queueOf(found.Queue)
		if err != nil {
			return err
		}
		if found.State == CustomerDialing {
			return ErrMoved
		}
		ok, err := d.seat(tx, q, found.Phone, at, d.lately())
		if err == nil && !ok {
			err = ErrTaken
		}
		if err != nil {
			return err
		}
		err = d.reschedule(tx, found, at, actor)
		c = *found
		return err
	})
	return c, err
}

// change does something to one callback.
func (d *Desk) change(ctx context.Context, id string, do func(Tx, *Callback) error) error {
	err := d.update(ctx, func(tx Tx) error {
		c, err := tx.Callback(id)
		if err != nil {
			return err
		}
		return do(tx, &c)
	})
	if err != nil {
		return fmt.Errorf("callback %s: %w", id, err)
	}
	return nil
}

// Cancel takes a promise back, because the customer wishes so. It is
// [ErrMoved] while the customer is being called.
func (d *Desk) Cancel(ctx context.Context, id, actor string) error {
	return d.change(ctx, id, func(tx Tx, c *Callback) error {
		if c.State == CustomerDialing {
			return ErrMoved
		}
		if err := d.move(tx, c, CallerCancel, actor); err != nil {
			return err
		}
		return d.tell(tx, *c, "text_cancelled")
	})
}

// Requeue has a callback tried again now that was interrupted, or waits for
// its next try.
func (d *Desk) Requeue(ctx context.Context, id, actor string) error {
	return d.change(ctx, id, func(tx Tx, c *Callback) error {
		c.DueAt = d.Now()
		c.Until = c.DueAt.Add(d.Policy.Window.Duration())
		return d.move(tx, c, OperatorRequeue, actor)
	})
}

// Close ends a callback that no longer needs a call.
func (d *Desk) Close(ctx context.Context, id, actor, why string) error {
	return d.change(ctx, id, func(tx Tx, c *Callback) error {
		if why != "" {
			c.Note = why
		}
		return d.move(tx, c, OperatorClose, actor)
	})
}

// open are the states in which somebody still has to do something.
var open = []State{BookedState, Claimed, AgentRinging, AgentReady, CustomerDialing, Connected, Wrapup, RetryWait, Interrupted}

// Today returns the callbacks of a queue that an agent's list of the day
// shows, by promised time: those of today, and those from before that are still
// open, or, of the last week, were kept or failed today. "" is for all queues.
func (d *Desk) Today(ctx context.Context, queue string) ([]Callback, error) {
	var all []Callback
	err := d.Store.View(ctx, func(tx Tx) error {
		all = all[:0]
		for _, name := range sorted(d.Queues) {
			if queue != "" && queue != name {
				continue
			}
			found, err := d.today(tx, d.Queues[name])
			if err != nil {
				return err
			}
			all = append(all, found...)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b Callback) int { return a.At.Compare(b.At) })
	return all, err
}

func (d *Desk) today(tx Tx, q *Queue) ([]Callback, error) {
	today := opening.DayOf(d.Now().In(q.Zone))
	from := today.Begins(q.Zone)
	to := today.Plus(1).Begins(q.Zone)
	all, err := tx.FindCallbacks(Filter{Queue: q.Name, States: open, To: to})
	if err != nil {
		return nil, err
	}
	for _, f := range []Filter{{From: from, To: to}, {Moved: from, From: today.Plus(-7).Begins(q.Zone), To: from}} {
		f.Queue, f.States = q.Name, []State{Done, Failed}
		over, err := tx.FindCallbacks(f)
		if err != nil {
			return nil, err
		}
		all = append(all, over...)
	}
	return all, nil
}

// Free returns the times of a queue that are free now, soonest first.
func (d *Desk) Free(ctx context.Context, queue string) ([]time.Time, error) {
	return d.FreeFor(ctx, queue, "")
}

// FreeFor returns those of them at which somebody may be called, by the clock of
// where his number is.
func (d *Desk) FreeFor(ctx context.Context, queue string, p Phone) ([]time.Time, error) {
	q, err := d.queueOf(queue)
	if err != nil {
		return nil, err
	}
	var free []time.Time
	err = d.Store.View(ctx, func(tx Tx) (err error) {
		free, err = d.free(tx, q, p, d.Now().In(q.Zone))
		return err
	})
	return free, err
}
