package callback

import (
	"errors"
	"slices"
	"time"

	"github.com/holdless/holdless/ivr"
)

// agentPause is how long a callback waits after its agent did not take it,
// when nobody else is free.
const agentPause = 30 * time.Second

// settle takes what an event says about the calls that were placed, before the
// menu hears of it. It reports true when the talk goes on without the menu.
func (d *Desk) settle(tx Tx, t *Talk, e *ivr.Event) (bool, error) {
	last := t.Last.Connect
	switch {
	case t.Menu == agentMenu && t.State.Turn == 0:
		return false, d.agentAnswers(tx, t, *e)
	case t.Menu == agentMenu && last != nil && last.To == "customer":
		return false, d.afterDial(tx, t, e)
	case t.Menu == customerMenu && e.Kind == ivr.Begin:
		return false, d.pickedUp(tx, t)
	case t.Menu == customerMenu && t.State.Turn == 0 && e.Kind == ivr.NoAnswer:
		return false, d.customerMissed(tx, t, *e)
	case sentOn(last):
		return d.afterSentOn(tx, t, e)
	case t.Menu == customerMenu && toAgent(last):
		return d.afterRescue(tx, t, e)
	case t.Menu != agentMenu && toAgent(last):
		return d.afterHunt(tx, t, *e)
	case handsOver(last):
		return false, d.afterOutside(tx, t, *e)
	}
	return false, nil
}

// agentAnswers takes the first event of an agent's talk: the phone was
// answered, or nobody took it.
func (d *Desk) agentAnswers(tx Tx, t *Talk, e ivr.Event) error {
	if e.Kind != ivr.Begin {
		return d.agentMissed(tx, t, AgentNoAnswer, e.Text)
	}
	a, err := tx.Attempt(t.Attempt)
	if err != nil || !a.EndedAt.IsZero() {
		return err
	}
	c, err := tx.Callback(t.Callback)
	if err != nil {
		return err
	}
	a.AnsweredAt = d.Now()
	if err := tx.PutAttempt(a); err != nil {
		return err
	}
	if err := d.occupy(tx, t.Agent, OnCall, t.ID); err != nil {
		return err
	}
	if c.State != AgentRinging { // cancelled while it rang
		return nil
	}
	return d.move(tx, &c, AgentAnswered, t.speaker())
}

// agentMissed gives back an agent who did not take a callback, and the
// callback to the others.
func (d *Desk) agentMissed(tx Tx, t *Talk, why Cause, outcome string) error {
	open, err := d.endAttempt(tx, t.Attempt, outcome)
	if err != nil {
		return err
	}
	if err := d.freeAgent(tx, t.Agent, t.ID, false); err != nil || !open {
		return err
	}
	c, err := tx.Callback(t.Callback)
	if err != nil {
		return err
	}
	if _, ok := c.State.After(why); !ok || !c.State.InFlight() {
		return nil // cancelled meanwhile
	}
	if c.DueAt, err = d.nextAgentAt(tx, t, why); err != nil {
		return err
	}
	return d.move(tx, &c, why, t.speaker())
}

// nextAgentAt returns when the next agent is rung: at once, unless there is
// only the one who just did not take it.
func (d *Desk) nextAgentAt(tx Tx, t *Talk, why Cause) (time.Time, error) {
	now := d.Now()
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return now, err
	}
	if why == NothingSent {
		calls, err := tx.AttemptsOf(t.Callback)
		if err != nil || q.stoodStill(calls, AgentLeg) {
			return now, err
		}
		return now.Add(unsentPause), nil
	}
	all, err := tx.Statuses()
	others := slices.DeleteFunc(d.ready(q, all), func(a string) bool { return a == t.Agent })
	if len(others) > 0 {
		return now, err
	}
	return now.Add(agentPause), err
}

// endAttempt writes down how a call ended. It reports false when that was
// known already: the process was taken for dead, and its calls for lost.
func (d *Desk) endAttempt(tx Tx, ref, outcome string) (bool, error) {
	a, err := tx.Attempt(ref)
	if err != nil || !a.EndedAt.IsZero() {
		return false, err
	}
	a.EndedAt, a.Outcome = d.Now(), outcome
	return true, tx.PutAttempt(a)
}

// dial commits the intent to call the customer of a callback. From here on
// nothing but a proven outcome lets the machine call that number again.
func (d *Desk) dial(tx Tx, t *Talk) (ivr.Event, bool, error) {
	c, err := tx.Callback(t.Callback)
	if err != nil {
		return ivr.Event{}, false, err
	}
	a, err := tx.Attempt(t.Attempt)
	if err != nil {
		return ivr.Event{}, false, err
	}
	if c.State != AgentReady || !a.EndedAt.IsZero() {
		return missed(ivr.Unsent), false, nil // cancelled, or taken over
	}
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return ivr.Event{}, false, err
	}
	no, err := d.forbidden(tx, q, &c)
	if err != nil || no != "" {
		return missed(no), false, err
	}
	return ivr.Event{}, true, d.ringCustomer(tx, q, t, &c)
}

// forbidden is the last look before a customer is dialled, whatever was
// checked before.
func (d *Desk) forbidden(tx Tx, q *Queue, c *Callback) (ivr.Outcome, error) {
	if err := errors.Join(tx.LockPhone(anyDial), tx.LockPhone(c.Phone)); err != nil {
		return "", err
	}
	e, err := refused(d.mayDial(tx, c.Phone))
	if err != nil {
		return "", err
	}
	if e.Kind == ivr.Refused {
		return ivr.BadNumber, d.refuse(tx, c, BadNumberDialled, e.Text)
	}
	now := d.Now()
	if at := d.permits(q, c.Phone, now); !at.Equal(now) {
		return ivr.Unsent, d.postpone(tx, c, at)
	}
	if wait, err := d.paused(tx, q); err != nil || wait {
		return ivr.Unsent, errors.Join(err, d.postpone(tx, c, now.Add(limitPause)))
	}
	busy, err := d.onThePhone(tx, c.Phone)
	if err != nil || !busy {
		return "", err
	}
	c.DueAt = now.Add(plans[string(ivr.Busy)].after)
	return ivr.Busy, d.move(tx, c, AgentHungUp, "desk")
}

// onThePhone reports whether a call of ours is with this number, or may be. Two
// must never ring one telephone.
func (d *Desk) onThePhone(tx Tx, p Phone) (bool, error) {
	if err := tx.LockPhone(p); err != nil {
		return false, err
	}
	busy, err := tx.FindCallbacks(Filter{Phone: p, States: []State{CustomerDialing, Connected}})
	return len(busy) > 0, err
}

// ringCustomer fills in whom the line rings.
func (d *Desk) ringCustomer(tx Tx, q *Queue, t *Talk, c *Callback) error {
	a := Attempt{Leg: CustomerLeg, Ref: d.NewID(), Phone: c.Phone, Shown: q.shown()}
	if err := d.attempt(tx, *c, &a); err != nil {
		return err
	}
	talk := d.customerTalk(q, *c, a.Ref)
	if err := tx.PutTalk(talk); err != nil {
		return err
	}
	w := t.Last.Connect
	w.Addr, w.Talk, w.Ref, w.CallerID = string(c.Phone), talk.ID, a.Ref, string(q.CallerID)
	w.Before = a.IntentAt.Add(q.fence())
	if len(t.Last.Say) > 0 {
		w.Before = a.IntentAt.Add(fenceWaiting)
	}
	return d.move(tx, c, CustomerIntent, t.speaker())
}

// customerTalk is the talk with the customer of a callback, once he answers.
func (d *Desk) customerTalk(q *Queue, c Callback, ref string) Talk {
	return Talk{
		ID: d.NewID(), Line: "phone", Phone: c.Phone, Dialled: q.CallerID, Menu: customerMenu, Queue: c.Queue,
		Callback: c.ID, Attempt: ref, Agent: c.Agent, BeganAt: d.Now(), State: ivr.State{Lang: c.Lang},
	}
}

// pickedUp writes down that the call of a talk was answered, by whomever.
func (d *Desk) pickedUp(tx Tx, t *Talk) error {
	a, err := tx.Attempt(t.Attempt)
	if err != nil || !a.AnsweredAt.IsZero() {
		return err
	}
	a.AnsweredAt = d.Now()
	return tx.PutAttempt(a)
}

// customerTakes joins the customer with the agent who waits. It reports false
// when nobody waits any more.
func (d *Desk) customerTakes(tx Tx, t *Talk) (bool, error) {
	a, err := tx.Attempt(t.Attempt)
	if err != nil || !a.EndedAt.IsZero() {
		return false, err
	}
	c, err := tx.Callback(t.Callback)
	if err != nil || c.State != CustomerDialing {
		return false, err
	}
	return true, d.move(tx, &c, CustomerAnswered, t.speaker())
}
