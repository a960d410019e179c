package callback

import (
	"errors"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/ivr"
)

// promisedAnew keeps what was promised to a customer, to be held against what
// comes of it. A promise that he has moved is another one from then on.
func (d *Desk) promisedAnew(tx Tx, c Callback) error {
	old, err := tx.Told(c.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err == nil && old.EndedAt.IsZero() {
		err = d.replaced(tx, c, old)
	} else {
		err = errors.Join(d.measure(tx, c.scope(), figures.FunnelAccepted, 0), d.saves(tx, c))
	}
	return errors.Join(err, d.toldAgain(tx, c))
}

// replaced ends a promise in whose place another is given. One whose time is
// over was to be kept all the same.
func (d *Desk) replaced(tx Tx, c Callback, old Told) error {
	if !d.Now().After(old.Until) {
		return d.measure(tx, c.scope(), figures.Withdrawn, 0)
	}
	all, err := tx.AttemptsOf(c.ID)
	if err != nil {
		return err
	}
	return d.tally(tx, c, old, verdictOf(old, all, false), all)
}

// toldAgain keeps what a customer was promised in place of whatever he was
// promised before.
func (d *Desk) toldAgain(tx Tx, c Callback) error {
	now := d.Now()
	until := d.breaksAnew(c)
	return tx.PutTold(Told{
		ID: c.ID, Queue: c.Queue, At: now, Mean: c.At.Sub(now), Bound: until.Sub(now), Until: until,
	})
}

// verdict finds out what a change of a callback says about the promise.
func (d *Desk) verdict(tx Tx, c Callback, why Cause) error {
	switch {
	case c.State == BookedState && (why == Confirm || why == Reschedule):
		return d.promisedAnew(tx, c)
	case c.State == Connected:
		return d.conclude(tx, c, true)
	case c.State == CancelledState:
		return d.withdraw(tx, c)
	case c.State == Failed, c.State == Done:
		return d.conclude(tx, c, false)
	}
	return nil
}

// saves counts how long a caller would have waited who is called back instead:
// what he was told when he joined the line, less what he has waited since, or
// the estimate for who would join it now.
func (d *Desk) saves(tx Tx, c Callback) error {
	q := d.Queues[c.Queue]
	if c.Talk == "" || q == nil || !q.Open(d.Now()) {
		return nil
	}
	spared := time.Duration(0)
	told, err := tx.Told(c.Talk)
	if err == nil {
		spared = told.Mean - d.Now().Sub(told.At)
	} else if missing(err) == nil {
		var o Outlook
		o, err = d.outlook(tx, q)
		spared = o.Mean
	}
	if err != nil || spared <= 0 {
		return err
	}
	return d.measure(tx, c.scope(), figures.Saved, spared)
}

// missedKind is the line of the journal about a promise that we did not keep.
const missedKind = "promise.missed"

// owns writes down why a promise was not kept.
func (d *Desk) owns(tx Tx, c Callback, how, why string) error {
	return tx.Record(Entry{
		At: d.Now(), Kind: missedKind, Callback: c.ID, Talk: c.Talk, Queue: c.Queue, Phone: c.Phone, Actor: "desk", Name: how, Value: why,
	})
}

// withdraw ends a promise that need not be kept any more. One whose time is over
// was to be kept all the same: who has waited in vain may well take it back.
func (d *Desk) withdraw(tx Tx, c Callback) error {
	t, err := d.openPromise(tx, c)
	if err != nil || t.ID == "" {
		return err
	}
	if d.Now().After(t.Until) {
		return d.conclude(tx, c, false)
	}
	t.EndedAt, t.How = d.Now(), figures.Withdrawn
	return errors.Join(tx.PutTold(t), d.measure(tx, c.scope(), t.How, 0))
}

// openPromise is the promise that nothing has come of yet.
func (d *Desk) openPromise(tx Tx, c Callback) (Told, error) {
	t, err := tx.Told(c.ID)
	if errors.Is(err, ErrNotFound) || err == nil && !t.EndedAt.IsZero() {
		return Told{}, nil
	}
	return t, err
}

// conclude decides what became of a promise: kept, late, the customer's doing
// or ours.
func (d *Desk) conclude(tx Tx, c Callback, connected bool) error {
	t, err := d.openPromise(tx, c)
	if err != nil || t.ID == "" {
		return err
	}
	all, err := tx.AttemptsOf(c.ID)
	if err != nil {
		return err
	}
	t.EndedAt = d.Now()
	t.How = verdictOf(t, all, connected)
	errs := []error{tx.PutTold(t), d.tally(tx, c, t, t.How, all), d.funnel(tx, c, all, connected)}
	if connected {
		errs = append(errs, d.measure(tx, c.scope(), figures.PunctualWithin(t.EndedAt.Sub(t.Until)), 0))
	}
	return errors.Join(errs...)
}

// tally counts what became of a promise, and writes down why, if it was our
// doing.
func (d *Desk) tally(tx Tx, c Callback, t Told, how string, all []Attempt) error {
	err := d.measure(tx, c.scope(), how, 0)
	if err != nil || how != figures.Late && how != figures.Broken {
		return err
	}
	why, err := d.blame(tx, c, t, all)
	return errors.Join(err, d.measure(tx, c.scope(), figures.Why+why, 0), d.owns(tx, c, how, why))
}

// verdictOf names what became of a promise.
func verdictOf(t Told, all []Attempt, connected bool) string {
	switch {
	case connected && !t.EndedAt.After(t.Until):
		return figures.Kept
	case slices.ContainsFunc(all, func(a Attempt) bool { return t.covers(a) && a.missed() }):
		return figures.Unreached
	case connected:
		return figures.Late
	}
	return figures.Broken
}

// covers reports whether a call was begun to keep this promise, and in time.
func (t Told) covers(a Attempt) bool {
	return !a.IntentAt.Before(t.At) && !a.IntentAt.After(t.Until)
}

// notHis are the ends of a call to a customer that say nothing of him: it did not
// reach him, nobody knows whether it did, or he took it.
var notHis = []string{
	"", string(ivr.Unsent), string(ivr.Carrier), string(ivr.Unknown), agentLeft, abandoned, interrupted, spoke,
}

// missed reports whether the customer's telephone rang, and he did not want the
// call, or did not take it.
func (a Attempt) missed() bool { return a.Leg == CustomerLeg && !slices.Contains(notHis, a.Outcome) }

// funnel counts how far the customer of a callback came.
func (d *Desk) funnel(tx Tx, c Callback, all []Attempt, connected bool) error {
	dialed, answered := false, connected
	for _, a := range all {
		dialed = dialed || a.Leg == CustomerLeg
		answered = answered || a.Leg == CustomerLeg && !a.AnsweredAt.IsZero()
	}
	var errs []error
	for _, step := range []struct {
		name string
		came bool
	}{{figures.FunnelDialed, dialed}, {figures.FunnelAnswered, answered}, {figures.FunnelConnected, connected}} {
		if step.came {
			errs = append(errs, d.measure(tx, c.scope(), step.name, 0))
		}
	}
	return errors.Join(errs...)
}
