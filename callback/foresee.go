package callback

import (
	"context"
	"time"

	"github.com/holdless/holdless/callback/wait"
)

const (
	// warning is how long before its promise breaks a customer is told another
	// time, at the least: in good time to do something else.
	warning = 5 * time.Minute
	// look is when that is decided: no sooner than needed, for agents may become
	// free.
	look = warning + time.Minute
)

// foresee tells customers another time whose promise will break, before it does.
func (d *Desk) foresee(ctx context.Context) error {
	now := d.Now()
	soon := now.Add(look) // whose place is kept was promised a call until then
	return d.page(ctx, Filter{States: []State{BookedState, RetryWait}, To: soon}, func(c Callback) error {
		if !warns(d.breaksAnew(c).Sub(now)) && !warns(c.Until.Sub(now)) || d.Queues[c.Queue] == nil {
			return nil
		}
		return d.update(ctx, func(tx Tx) error {
			again, err := tx.Callback(c.ID)
			if err != nil || again.Version != c.Version {
				return err
			}
			expects, err := d.expects(tx, again)
			if err != nil || !expects {
				return err
			}
			breaks, err := d.breaks(tx, again)
			if err != nil || !breaks {
				return err
			}
			_, err = d.slips(tx, &again)
			return err
		})
	})
}

// warns reports whether so much is left of a promise as is needed to tell a
// customer another time, and not much more.
func warns(left time.Duration) bool { return left > warning && left <= look }

// breaks reports whether nobody will be free in time for a promise: when that
// is so is estimated from who is at work, how long they talk, and how many
// promises go before this one.
func (d *Desk) breaks(tx Tx, c Callback) (bool, error) {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return false, err
	}
	end, err := d.breaksAt(tx, c)
	if err != nil || !warns(end.Sub(d.Now())) {
		return false, err
	}
	due, err := tx.FindCallbacks(Filter{Queue: c.Queue, States: []State{BookedState, RetryWait}, To: end, Max: widest})
	if err != nil {
		return false, err
	}
	all, err := tx.Statuses()
	if err != nil {
		return false, err
	}
	split, err := d.split(tx, q)
	if err != nil {
		return false, err
	}
	crew := d.crewFor(q, all, c.wish())
	line := wait.Line{
		Agents: split.sum(func(agent string) bool { return d.find(all, agent).onDuty() }), Able: split.sum(crew.serves),
	}
	for _, other := range due {
		if d.ends(other).Before(d.ends(c)) && !other.DueAt.After(d.Now()) {
			crew.before(&line, other.wish())
		}
	}
	if len(d.freeOf(crew.able, all)) > line.Ahead {
		return false, nil
	}
	run, err := d.running(tx, q)
	if err != nil {
		return false, err
	}
	line.Handle = run.Handle()
	return line.Estimate().Mean > end.Sub(d.Now()), nil
}

// breaksAt is when a customer who was not called may say that the promise is
// broken: at the end of the window, or, when his place in line is kept, at the
// time that he was told as the latest. Who asked for his call before its time
// was promised what he was before, whatever has become of that call, and whose
// call could not leave was told nothing else.
func (d *Desk) breaksAt(tx Tx, c Callback) (time.Time, error) {
	at := d.breaksAnew(c)
	if at.Equal(c.Until) {
		return at, nil
	}
	if c.State == RetryWait { // who was called keeps no place any more
		all, err := tx.AttemptsOf(c.ID)
		if err != nil {
			return at, err
		}
		if rang, err := rang(tx, c, all); err != nil || rang {
			return c.Until, err
		}
	}
	t, err := tx.Told(c.ID)
	if err := missing(err); err != nil {
		return at, err
	}
	if t.Until.After(c.At) { // a window was promised, and no place
		return c.Until, nil
	}
	return at, nil
}

// breaksAnew is the same of a promise that is made just now.
func (d *Desk) breaksAnew(c Callback) time.Time {
	at := d.told(c)
	if c.Place.IsZero() || c.DueAt.Equal(c.Place) || c.DueAt.Equal(at) {
		return c.Until
	}
	return at
}
