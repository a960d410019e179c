package callback

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	givesUp  = 24 * time.Hour // how late a callback may be before it is given up
	pageSize = 1000           // callbacks that are looked at in one go
)

// stuckAfter is how long a callback may stay in one state of flight while its
// process lives. Beyond it, the line has lost the call without a word.
var stuckAfter = map[State]time.Duration{
	Claimed:         time.Minute,
	AgentRinging:    5 * time.Minute,
	AgentReady:      10 * time.Minute,
	CustomerDialing: 15 * time.Minute,
	Connected:       4 * time.Hour,
}

// Sweep does what time alone decides: holds that lapsed, promises that were
// missed, agents who have written their notes. It also tells the store what it
// could not be told before, and learns of it what others have ended.
func (d *Desk) Sweep(ctx context.Context) error {
	return errors.Join(
		d.repay(ctx),
		d.forgetEnded(ctx),
		d.resume(ctx),
		d.each(ctx, Filter{States: []State{HeldState, Wrapup, Interrupted}}, d.lapse),
		d.overdue(ctx),
		d.foresee(ctx),
		d.each(ctx, Filter{States: inFlight, Boot: d.Boot}, d.stuck),
		d.update(ctx, d.restTeam),
		d.update(ctx, d.restLine),
	)
}

// overdue does what time decides about promises that have passed.
func (d *Desk) overdue(ctx context.Context) error {
	return d.each(ctx, Filter{States: []State{BookedState, RetryWait}, To: d.Now()}, func(tx Tx, c Callback) error {
		if c.State == RetryWait {
			return d.lateAgain(tx, c)
		}
		return d.late(tx, c)
	})
}

// each looks at the callbacks that match, each in a transaction of its own,
// so that one that cannot be moved does not keep the others.
func (d *Desk) each(ctx context.Context, f Filter, do func(Tx, Callback) error) error {
	var all []error
	err := d.page(ctx, f, func(c Callback) error {
		if d.waits(c) {
			return nil
		}
		all = append(all, d.update(ctx, func(tx Tx) error {
			now, err := tx.Callback(c.ID)
			if err != nil || now.State != c.State || d.waits(now) {
				return err // another node swept it
			}
			return do(tx, now)
		}))
		return nil
	})
	return errors.Join(append(all, err)...)
}

// page does something to all callbacks that match, however many. A page is
// read before anything on the one before it is changed: a callback whose time
// changes moves within the list.
func (d *Desk) page(ctx context.Context, f Filter, do func(Callback) error) error {
	f.Max = pageSize
	found, err := d.List(ctx, f)
	for err == nil && len(found) > 0 {
		var next []Callback
		if len(found) == f.Max {
			f.After = Mark{found[len(found)-1].DueAt, found[len(found)-1].ID}
			if next, err = d.List(ctx, f); err != nil {
				return err
			}
		}
		for _, c := range found {
			if err := do(c); err != nil {
				return err
			}
		}
		found = next
	}
	return err
}

// waits reports whether time has not yet decided anything about a callback.
func (d *Desk) waits(c Callback) bool {
	since := d.Now().Sub(c.UpdatedAt)
	if d.Queues[c.Queue] == nil && slices.Contains([]State{BookedState, RetryWait, Interrupted}, c.State) {
		return true // until the queue is in the configuration again
	}
	switch c.State {
	case HeldState:
		return d.Now().Before(c.HoldUntil.Add(grace))
	case BookedState, RetryWait:
		return d.Now().Before(d.ends(c)) // or later: breaksAt knows
	case Wrapup:
		q := d.Queues[c.Queue]
		return q != nil && since < q.WrapUp
	case Interrupted:
		return since < givesUp || d.Now().Before(c.At.Add(givesUp)) // a message may wait for Monday
	case Claimed, AgentRinging, AgentReady, CustomerDialing, Connected:
		return since < stuckAfter[c.State]
	case Done, Expired, CancelledState, Failed:
	}
	return true
}

// tooLate reports whether a callback is so late that nobody is called any more:
// a day after the promise, or when the time for further tries is over.
func (d *Desk) tooLate(c Callback) bool {
	last := c.At.Add(givesUp)
	if c.Attempts > 0 || c.State == RetryWait {
		last = c.At.Add(d.Policy.Within.Duration())
	}
	now := d.Now()
	return !now.Before(last) && !now.Before(c.Until) // a person may have it tried again later
}

// lapse ends what has an end of its own: a hold, the time for notes, and the
// time in which a person may decide about a call that was cut off.
func (d *Desk) lapse(tx Tx, c Callback) error {
	switch c.State {
	case HeldState:
		return d.move(tx, &c, HoldLapsed, "desk")
	case Wrapup:
		return d.move(tx, &c, WrapupTimeout, "desk")
	default:
		return d.forgotten(tx, c)
	}
}

func (d *Desk) stuck(tx Tx, c Callback) error { return d.nodeDead(tx, c) }

// forgotten gives up what nobody decided on for a day.
func (d *Desk) forgotten(tx Tx, c Callback) error {
	if err := d.move(tx, &c, GivenUp, "desk"); err != nil {
		return err
	}
	return d.task(tx, c, "given up")
}
