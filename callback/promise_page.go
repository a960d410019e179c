package callback

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/texts"
)

// A Promise is a callback as its customer sees it on a page.
type Promise struct {
	Lang   string
	State  State
	At     time.Time // when the customer expects the call, as clocks show it at the queue
	Now    time.Time
	Cancel bool          // it may be called off
	Times  []time.Time   // it may be moved to
	From   Phone         // the number that calls
	Place  int           // in line, from 1; 0 before its turn can come
	Wait   time.Duration // at most so long, when it is called now; 0 when nobody knows
	Sooner bool          // the customer may ask for it now
	Kept   bool          // the customer has just said that it stands
}

// pageTimes is how many times a page offers.
const pageTimes = 6

// shownFor is how long after a promise its page is shown.
const shownFor = 48 * time.Hour

// shortName is how many letters of a name stand in a link: 40 of its 130 bits.
const shortName = 8

// Short returns the first letters of the name of a callback, by which its page
// is found as long as it is shown.
func Short(id string) string { return id[:min(shortName, len(id))] }

// Promise shows a callback to its customer, by its name or the [Short] of it.
// It records nothing: what scans links follows them.
func (d *Desk) Promise(ctx context.Context, name string) (Promise, error) {
	var p Promise
	err := d.Store.View(ctx, func(tx Tx) error {
		c, err := d.named(tx, name)
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

// named finds the callback whose page is asked for. Where it has come to an end
// without a call and the customer was promised another, it is that one.
func (d *Desk) named(tx Tx, name string) (Callback, error) {
	c, err := d.shortNamed(tx, name)
	if err != nil || !c.State.again() {
		return c, err
	}
	open, err := tx.OpenCallback(c.Queue, c.Phone)
	if errors.Is(err, ErrNotFound) {
		return c, nil
	}
	return open, err
}

func (d *Desk) shortNamed(tx Tx, name string) (Callback, error) {
	if len(name) != shortName {
		return tx.Callback(name)
	}
	all, err := tx.FindCallbacks(Filter{Short: name})
	all = slices.DeleteFunc(all, func(c Callback) bool { return !d.Now().Before(d.told(c).Add(shownFor)) })
	switch {
	case err != nil:
		return Callback{}, err
	case len(all) != 1: // two of a thousand million may begin alike: neither is shown
		return Callback{}, ErrNotFound
	}
	return tx.Callback(all[0].ID) // locked
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
	if err := d.stands(tx, q, c, &p); err != nil {
		return p, err
	}
	_, p.Cancel = c.State.After(CallerCancel)
	if _, ok := c.State.After(Reschedule); ok && c.Moves < d.Policy.Moves || c.State.again() {
		p.Times, err = d.nextTimes(tx, c, pageTimes)
	}
	return p, err
}

// CallOff takes a promise back, as its customer wishes.
func (d *Desk) CallOff(ctx context.Context, name string) (Promise, error) {
	return d.onPage(ctx, name, func(tx Tx, c *Callback, p Promise) error {
		if !p.Cancel {
			return nil
		}
		if err := d.move(tx, c, CallerCancel, "caller"); err != nil {
			return err
		}
		return d.tell(tx, *c, "text_cancelled")
	})
}

// Keep takes the word of a customer that the time stands, as a 1 by text does:
// where a text of ours asks, it is recorded, and elsewhere there is nothing new.
func (d *Desk) Keep(ctx context.Context, name string) (Promise, error) {
	p, err := d.onPage(ctx, name, func(tx Tx, c *Callback, p Promise) error {
		t, err := tx.OpenTalk(textLine, c.Phone)
		if err != nil || !p.Cancel || t.Callback != c.ID || t.Menu != "" || t.State.Node != texts.AskPromise || d.lapsed(t) {
			return missing(err)
		}
		return d.confirmed(tx, t, *c, "page")
	})
	p.Kept = p.Cancel
	return p, err
}

// PutOff promises another time, as the customer wishes; and another call, when
// this one has come to an end. When the time is gone by now, the promise stands.
func (d *Desk) PutOff(ctx context.Context, name string, at time.Time) (Promise, error) {
	return d.onPage(ctx, name, func(tx Tx, c *Callback, p Promise) error {
		q, err := d.queueOf(c.Queue)
		if err != nil || !slices.ContainsFunc(p.Times, at.Equal) {
			return err
		}
		if ok, err := d.seat(tx, q, c.Phone, at, d.lately()); err != nil || !ok {
			return err
		}
		if c.State.again() {
			return d.bookAgain(tx, *c, Talk{}, at.In(q.Zone))
		}
		return d.reschedule(tx, c, at.In(q.Zone), "caller")
	})
}

// onPage does what a customer asks on the page of his callback, and shows what
// has become of it.
func (d *Desk) onPage(ctx context.Context, name string, do func(Tx, *Callback, Promise) error) (Promise, error) {
	var p Promise
	err := d.update(ctx, func(tx Tx) error {
		c, err := d.named(tx, name)
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
		if c, err = d.named(tx, c.ID); err == nil {
			p, err = d.promised(tx, c)
		}
		return err
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return p, fmt.Errorf("change callback %s by its page: %w", name, err)
	}
	return p, err
}

// stands tells the customer how his callback stands: from which number it
// comes, which place it has once its turn can come, how long it takes from now
// on at the most, and whether he may ask for it now.
func (d *Desk) stands(tx Tx, q *Queue, c Callback, p *Promise) error {
	if !slices.Contains([]State{BookedState, RetryWait}, c.State) {
		return nil
	}
	p.From = q.CallerID
	due := !c.DueAt.After(d.Now().Add(inLine))
	since := d.Now()
	if due {
		since = c.At
		if !c.Place.IsZero() {
			since = c.Place
		}
	}
	ahead, err := d.ahead(tx, q, c, since)
	if err != nil {
		return err
	}
	o, err := d.outlookBehind(tx, q, ahead, c.wish())
	if err != nil {
		return err
	}
	p.Wait = o.Bound
	if due {
		p.Place = ahead + 1
		return nil
	}
	now := d.Now()
	p.Sooner = o.Agents > 0 && d.permits(q, c.Phone, now).Equal(now)
	return nil
}

// Hasten has a callback made as soon as it is the customer's turn, as he
// wishes. What was promised to him stands: it is not later than that.
func (d *Desk) Hasten(ctx context.Context, id string) (Promise, error) {
	return d.onPage(ctx, id, func(tx Tx, c *Callback, p Promise) error {
		if !p.Sooner {
			return nil
		}
		before, now := *c, d.Now()
		c.Place, c.DueAt = now, now
		if err := d.amend(tx, c, before); err != nil {
			return err
		}
		return d.record(tx, *c, "promise.sooner", "", "caller")
	})
}
