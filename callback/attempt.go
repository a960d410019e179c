package callback

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/holdless/holdless/ivr"
)

const (
	// fence is how long after its intent was committed a call may leave. A
	// process that slept for longer must not dial: others may have taken over.
	fence = 500 * time.Millisecond
	// fenceWaiting is the same when the call waits on the way: a prompt is said
	// first, or the carrier begins so many in a second and no more. It is shorter
	// than the time after which a silent process is taken for dead.
	fenceWaiting = 5 * time.Second
)

// fence is how long a call of this queue may take to leave.
func (q *Queue) fence() time.Duration {
	if q.Line == carrierLine {
		return fenceWaiting
	}
	return fence
}

// ringAgent commits the intent to ring the agent of a claimed callback.
func (d *Desk) ringAgent(tx Tx, q *Queue, c *Callback) (Ring, error) {
	now, ref := d.Now(), d.NewID()
	t := Talk{
		ID: d.NewID(), Line: "phone", Phone: Phone(d.Agents[c.Agent].Phone), Dialled: q.CallerID, Menu: agentMenu,
		Queue: q.Name, Callback: c.ID, Attempt: ref, Agent: c.Agent, BeganAt: now,
	}
	if langs := d.Agents[c.Agent].Languages; len(langs) > 0 {
		t.State.Lang = langs[0]
	}
	a := Attempt{Leg: AgentLeg, Agent: c.Agent, Ref: ref}
	err := errors.Join(
		d.attempt(tx, *c, &a), tx.PutTalk(t), d.occupy(tx, c.Agent, OnRing, t.ID),
		d.move(tx, c, AgentIntent, "scheduler"))
	return Ring{
		Callback: c.ID, Talk: t.ID, Addr: d.Agents[c.Agent].Phone, Ref: ref, CallerID: string(q.CallerID), Line: q.Line,
		Ring: d.Policy.Ring.Duration(), Before: now.Add(q.fence()),
	}, err
}

// attempt adds the next line to the dial ledger.
func (d *Desk) attempt(tx Tx, c Callback, a *Attempt) error {
	all, err := tx.AttemptsOf(c.ID)
	if err != nil {
		return err
	}
	for _, one := range all {
		a.No = max(a.No, one.No)
	}
	a.No++
	a.Callback, a.Boot, a.IntentAt = c.ID, d.Boot, d.Now()
	return tx.AddAttempt(*a)
}

// Sent reports that the call of this name has left this machine.
func (d *Desk) Sent(ctx context.Context, ref string) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		a, err := tx.Attempt(ref)
		if err != nil || !a.SentAt.IsZero() {
			return err
		}
		a.SentAt = d.Now()
		return tx.PutAttempt(a)
	})
}

// unsentPause is how long a callback waits when its agent could not be rung.
const unsentPause = 10 * time.Second

// stoodStill reports whether the last call of a kind did not leave because this
// process was slow, so that its time was over. It is made again at once; the second
// in a row waits, like others that could not leave.
func (q *Queue) stoodStill(all []Attempt, leg Leg) bool {
	within := q.fence()
	if leg == CustomerLeg && !q.Order.ringsFirst() {
		within = fenceWaiting // the agent has heard a prompt meanwhile
	}
	all = slices.DeleteFunc(slices.Clone(all), func(a Attempt) bool { return a.Leg != leg })
	n := len(all)
	if n == 0 || all[n-1].Outcome != string(ivr.Unsent) || all[n-1].EndedAt.Sub(all[n-1].IntentAt) < within {
		return false
	}
	return n == 1 || all[n-2].Outcome != string(ivr.Unsent)
}

// Unsent reports that nothing of a ring has left this machine.
func (d *Desk) Unsent(ctx context.Context, r Ring, cause error) error {
	return d.update(ctx, func(tx Tx) error {
		t, err := talkOf(tx, r)
		if err != nil || t.Closed {
			return err
		}
		t.Closed, t.EndedAt = true, d.Now()
		why := string(ivr.Unsent)
		if cause != nil {
			why += ": " + cause.Error()
		}
		return errors.Join(
			d.unsent(tx, &t), d.journal(tx, &t, "attempt.unsent", r.Ref, why), tx.PutTalk(t))
	})
}

// talkOf returns the talk that was set up for a ring. One that is not there may be on its
// way to the store still: whoever writes it holds its callback until that is decided.
func talkOf(tx Tx, r Ring) (Talk, error) {
	t, err := tx.Talk(r.Talk)
	if !errors.Is(err, ErrNotFound) {
		return t, err
	}
	if _, err := tx.Callback(r.Callback); err != nil {
		return t, err
	}
	return tx.Talk(r.Talk)
}

// unsent gives back who was to be rung.
func (d *Desk) unsent(tx Tx, t *Talk) error {
	if t.Menu == customerMenu {
		return errors.Join(d.customerMissed(tx, t, ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unsent)}), d.customerParts(tx, t))
	}
	return d.agentMissed(tx, t, NothingSent, string(ivr.Unsent))
}

// dials counts how often the customer was called.
func dials(all []Attempt) int {
	n := 0
	for _, a := range all {
		if a.Leg == CustomerLeg {
			n++
		}
	}
	return n
}

// rang reports whether a call has come to the customer since he was promised it, as
// far as anybody knows.
func rang(tx Tx, c Callback, all []Attempt) (bool, error) {
	told, err := tx.Told(c.ID)
	return slices.ContainsFunc(all, func(a Attempt) bool {
		silent := a.Outcome == string(ivr.Unsent) || a.Outcome == string(ivr.Carrier)
		return a.Leg == CustomerLeg && !silent && !a.IntentAt.Before(told.At)
	}), missing(err)
}

// failures counts the calls that the customer never heard of.
func failures(all []Attempt, c Callback) int {
	return max(0, dials(all)-1-c.Attempts)
}

// unlessCut says how the call to a customer ended, unless the process has died
// that held it: then the call may have ended for want of us, whatever it looks
// like, and only what the customer has said, or that he never answered, is known.
func (d *Desk) unlessCut(tx Tx, c Callback, a Attempt, how string) (string, error) {
	said := a.Outcome != "" || how == spoke
	if said || a.AnsweredAt.IsZero() && how != agentLeft {
		return how, nil
	}
	dead, err := d.outlived(tx, c.Boot)
	if dead {
		how = string(ivr.Unknown)
	}
	return how, err
}

// outlived reports whether the process is known to be dead that has something
// in hand. Recover may not have come to it yet.
func (d *Desk) outlived(tx Tx, boot string) (bool, error) {
	if boot == d.Boot || boot == "" || d.Alone {
		return boot != d.Boot && boot != "", nil
	}
	all, err := tx.Nodes()
	return slices.ContainsFunc(all, func(n Node) bool { return n.Boot == boot && !n.DeadAt.IsZero() }), err
}
