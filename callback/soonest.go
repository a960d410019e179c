package callback

import (
	"context"
	"slices"
	"time"
)

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

// ahead counts who is served before a callback that has its place since then:
// who came before on the line, who keeps an earlier place, and the promises
// that are due and end sooner.
func (d *Desk) ahead(tx Tx, q *Queue, c Callback, since time.Time) (int, error) {
	line, err := tx.Waiters(q.Name)
	if err != nil {
		return 0, err
	}
	n, now := 0, d.Now()
	for _, w := range line {
		if w.Place.Before(since) {
			n++
		}
	}
	kept, err := tx.Placed(q.Name, since, now.Add(inLine))
	if err != nil {
		return 0, err
	}
	due, err := tx.FindCallbacks(Filter{Queue: q.Name, States: []State{BookedState, RetryWait}, To: now.Add(inLine), Max: widest})
	for _, other := range due {
		if other.ID != c.ID && other.Place.IsZero() && !other.DueAt.After(now) && other.Until.Before(c.Until) {
			n++
		}
	}
	return n + kept, err
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
