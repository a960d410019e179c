package callback

import (
	"errors"
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
		err = d.measure(tx, c.scope(), figures.Withdrawn, 0)
	} else {
		err = errors.Join(d.measure(tx, c.scope(), figures.FunnelAccepted, 0), d.saves(tx, c))
	}
	return errors.Join(err, d.toldAgain(tx, c))
}

// toldAgain keeps what a customer was promised in place of whatever he was
// promised before.
func (d *Desk) toldAgain(tx Tx, c Callback) error {
	now := d.Now()
	until := d.breaksAt(c)
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

// withdraw ends a promise that need not be kept.
func (d *Desk) withdraw(tx Tx, c Callback) error {
	t, err := d.openPromise(tx, c)
	if err != nil || t.ID == "" {
		return err
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
	t.How = ending(t, all, connected)
	errs := []error{tx.PutTold(t), d.measure(tx, c.scope(), t.How, 0), d.funnel(tx, c, all, connected)}
	if connected {
		errs = append(errs, d.measure(tx, c.scope(), figures.PunctualWithin(t.EndedAt.Sub(t.Until)), 0))
	}
	if t.How == figures.Late || t.How == figures.Broken {
		why, err := d.blame(tx, all, t.Until)
		errs = append(errs, err, d.measure(tx, c.scope(), figures.Why+why, 0), d.owns(tx, c, t.How, why))
	}
	return errors.Join(errs...)
}

// ending names what became of a promise.
func ending(t Told, all []Attempt, connected bool) string {
	switch {
	case connected && !t.EndedAt.After(t.Until):
		return figures.Kept
	case rungBy(all, t.Until):
		return figures.Unreached
	case connected:
		return figures.Late
	}
	return figures.Broken
}

// rungBy reports whether the customer's telephone rang by then, and he did not
// take the call.
func rungBy(all []Attempt, until time.Time) bool {
	for _, a := range all {
		missed := a.Outcome != "" && a.Outcome != string(ivr.Unsent) && a.Outcome != string(ivr.Carrier) &&
			a.Outcome != agentLeft && a.Outcome != interrupted && a.Outcome != spoke
		if a.Leg == CustomerLeg && missed && !a.IntentAt.After(until) {
			return true
		}
	}
	return false
}

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

// reasons are why a promise was not kept, by what its calls came to.
var reasons = []struct {
	leg     Leg
	outcome string
	why     string
}{
	{CustomerLeg, interrupted, "the service stopped during the call"},
	{AgentLeg, interrupted, "the service stopped during the call"},
	{CustomerLeg, string(ivr.Carrier), "the carrier did not put the call through"},
	{CustomerLeg, string(ivr.Unsent), "the call could not leave"},
	{CustomerLeg, agentLeft, "the agent hung up before the customer was there"},
	{AgentLeg, string(ivr.Carrier), "the agent's line failed"},
	{AgentLeg, string(ivr.Unsent), "the call to the agent could not leave"},
	{AgentLeg, string(ivr.Unanswered), "an agent did not answer his phone"},
	{AgentLeg, string(ivr.Busy), "an agent's phone was busy"},
}

// blame says in one sentence why a promise was not kept.
func (d *Desk) blame(tx Tx, all []Attempt, until time.Time) (string, error) {
	for _, r := range reasons {
		for _, a := range all {
			if a.Leg == r.leg && a.Outcome == r.outcome && !a.IntentAt.After(until) {
				return r.why, nil
			}
		}
	}
	if now, err := tx.Dialing(); err != nil || now.Stopped {
		return "dialling was stopped", err
	}
	return "nobody was free in time", nil
}
