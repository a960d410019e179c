package callback

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Promise is a callback as its customer sees it on a page.
type Promise struct {
	Lang   string
	State  State
	At     time.Time // when the customer expects the call, as clocks show it at the queue
	Now    time.Time
	Cancel bool        // it may be called off
	Times  []time.Time // it may be moved to
}

// pageTimes is how many times a page offers.
const pageTimes = 6

// Promise shows a callback to its customer. It records nothing: what scans
// links follows them.
func (d *Desk) Promise(ctx context.Context, id string) (Promise, error) {
	var p Promise
	err := d.Store.View(ctx, func(tx Tx) error {
		c, err := tx.Callback(id)
		if err == nil {
			p, err = d.promised(tx, c)
		}
		return err
	})
	if err != nil {
		return p, fmt.Errorf("page of callback: %w", err)
	}
	return p, nil
}

func (d *Desk) promised(tx Tx, c Callback) (Promise, error) {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return Promise{}, err
	}
	p := Promise{Lang: c.Lang, State: c.State, At: d.told(c).In(q.Zone), Now: d.Now().In(q.Zone)}
	if c.State == CustomerDialing { // only who answers the telephone may, now
		return p, nil
	}
	_, p.Cancel = c.State.After(CallerCancel)
	if _, ok := c.State.After(Reschedule); ok && c.Moves < d.Policy.Moves {
		p.Times, err = d.nextTimes(tx, c, pageTimes)
	}
	return p, err
}

// CallOff takes a promise back, as its customer wishes.
func (d *Desk) CallOff(ctx context.Context, id string) (Promise, error) {
	return d.onPage(ctx, id, func(tx Tx, c *Callback, p Promise) error {
		if !p.Cancel {
			return nil
		}
		if err := d.move(tx, c, CallerCancel, "caller"); err != nil {
			return err
		}
		return d.tell(tx, *c, "text_cancelled")
	})
}

// PutOff promises another time, as the customer wishes. When it is gone by now,
// the promise stands.
func (d *Desk) PutOff(ctx context.Context, id string, at time.Time) (Promise, error) {
	return d.onPage(ctx, id, func(tx Tx, c *Callback, p Promise) error {
		q, err := d.queueOf(c.Queue)
		if err != nil || !slices.ContainsFunc(p.Times, at.Equal) {
			return err
		}
		if ok, err := d.seat(tx, q, c.Phone, at); err != nil || !ok {
			return err
		}
		return d.reschedule(tx, c, at.In(q.Zone), "caller")
	})
}

// onPage does what a customer asks on the page of his callback, and shows what
// has become of it.
func (d *Desk) onPage(ctx context.Context, id string, do func(Tx, *Callback, Promise) error) (Promise, error) {
	var p Promise
	err := d.update(ctx, func(tx Tx) error {
		c, err := tx.Callback(id)
		if err != nil {
			return err
		}
		before, err := d.promised(tx, c)
		if err != nil {
			return err
		}
		if err := do(tx, &c, before); err != nil {
			return err
		}
		p, err = d.promised(tx, c)
		return err
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return p, fmt.Errorf("change callback %s by its page: %w", id, err)
	}
	return p, err
}
