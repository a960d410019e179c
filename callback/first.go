package callback

import (
	"cmp"
	"errors"
	"time"

	"github.com/holdless/holdless/ivr"
)

// An Order says who is rung first when a callback is due.
type Order string

// The orders of dialling.
const (
	AgentFirst    Order = "agent_first"    // the customer hears an agent as soon as he takes the call
	CustomerFirst Order = "customer_first" // an agent is kept free, and rung when the customer has pressed a key
	Adaptive      Order = "adaptive"       // the same, and an agent is kept only while few are free
)

// ringsFirst reports whether customers are rung before agents.
func (o Order) ringsFirst() bool { return o == CustomerFirst || o == Adaptive }

// customerRing is how long the telephone of a customer rings who is rung first.
const customerRing = 30 * time.Second

// ringFirst commits the intent to ring the customer of a claimed callback. The
// agent is kept free for him, if there is one: who answers a call of ours is not
// left waiting.
func (d *Desk) ringFirst(tx Tx, q *Queue, c *Callback) (Ring, error) {
	a := Attempt{Leg: CustomerLeg, First: true, Agent: c.Agent, Ref: d.NewID(), Phone: c.Phone, Shown: q.shown()}
	t := d.customerTalk(q, *c, a.Ref)
	err := errors.Join(d.attempt(tx, *c, &a), tx.PutTalk(t), d.move(tx, c, CustomerIntent, "scheduler"))
	if err == nil && c.Agent != "" {
		err = d.occupy(tx, c.Agent, OnRing, t.ID)
	}
	return Ring{
		Callback: c.ID, Talk: t.ID, Addr: string(c.Phone), Ref: a.Ref, CallerID: string(q.CallerID), Line: q.Line,
		Ring: customerRing, Before: d.Now().Add(q.fence()),
	}, err
}

// isFirst reports whether the customer of this call was rung before an agent.
func (a Attempt) isFirst() bool { return a.First }

// customerMissed notes why a customer who was rung first did not answer.
func (d *Desk) customerMissed(tx Tx, t *Talk, e ivr.Event) error {
	a, err := tx.Attempt(t.Attempt)
	if err != nil || !a.EndedAt.IsZero() || !a.isFirst() {
		return err
	}
	a.Outcome = string(ivr.Unanswered)
	if _, ok := plans[e.Text]; ok || e.Text == string(ivr.Unknown) {
		a.Outcome = e.Text
	}
	return tx.PutAttempt(a)
}

// customerAccepts takes that the customer has pressed the key: the agent who
// waits is joined to him, or, when he was rung first, an agent is rung now.
func (d *Desk) customerAccepts(tx Tx, t *Talk) (ivr.Event, bool, error) {
	a, err := tx.Attempt(t.Attempt)
	if err != nil {
		return ivr.Event{}, false, err
	}
	if !a.isFirst() {
		ok, err := d.customerTakes(tx, t)
		return missed(ivr.Unsent), ok, err
	}
	if late, err := d.orphaned(tx, t); err != nil || late {
		return missed(ivr.Unsent), false, err
	}
	t.Last.Connect.To = "agents"
	found, err := d.hunt(tx, t)
	if err != nil || found {
		return ivr.Event{}, found, err
	}
	return missed(ivr.Unanswered), false, d.foundNobody(tx, t)
}

// agentIntent writes down that an agent is rung, for a caller or for a customer
// who was rung first: whatever comes twice, his telephone rings once.
func (d *Desk) agentIntent(tx Tx, t *Talk) error {
	w := t.Last.Connect
	if t.Menu != customerMenu { // no promise is kept by it
		return tx.AddAttempt(Attempt{
			No: len(w.Tried) + 1, Leg: AgentLeg, Agent: t.Agent, Boot: d.Boot, Ref: w.Ref, IntentAt: d.Now(),
		})
	}
	c, err := tx.Callback(t.Callback)
	if err != nil {
		return err
	}
	return d.attempt(tx, c, &Attempt{Leg: AgentLeg, Agent: t.Agent, Ref: w.Ref})
}

// orphaned reports whether the callback of a customer who was rung first is no
// longer kept by this call: the process that held it has died, or an agent has
// taken it. No agent is rung for him any more.
func (d *Desk) orphaned(tx Tx, t *Talk) (bool, error) {
	if t.Menu != customerMenu {
		return false, nil
	}
	a, err := tx.Attempt(t.Attempt)
	if err != nil || !a.EndedAt.IsZero() {
		return err == nil, err
	}
	c, err := tx.Callback(t.Callback)
	return err == nil && c.State != CustomerDialing, err
}

// agentTakes joins an agent with the customer who waits. It reports false when
// the callback is nobody's any more.
func (d *Desk) agentTakes(tx Tx, customer, whisper *Talk) (bool, error) {
	a, err := tx.Attempt(whisper.Attempt)
	if err != nil || !a.EndedAt.IsZero() {
		return false, err
	}
	c, err := tx.Callback(customer.Callback)
	if err != nil || c.State != CustomerDialing {
		return false, err
	}
	a.AnsweredAt, c.Agent = d.Now(), whisper.Agent
	return true, errors.Join(
		tx.PutAttempt(a), d.occupy(tx, whisper.Agent, OnCall, customer.ID), d.leaveLine(tx, customer, "line.served"),
		d.move(tx, &c, CustomerAnswered, whisper.speaker()))
}

// afterRescue takes how ringing an agent ended for a customer who was rung
// first. It reports true when the next agent is rung.
func (d *Desk) afterRescue(tx Tx, t *Talk, e *ivr.Event) (bool, error) {
	how := cmp.Or(e.Text, string(e.Kind))
	if _, err := d.endAttempt(tx, t.Last.Connect.Ref, how); err != nil {
		return false, err
	}
	if e.Kind == ivr.Spoke {
		if err := d.served(tx, t); err != nil {
			return false, err
		}
	}
	next, err := d.afterHunt(tx, t, *e)
	if e.Kind == ivr.NoAnswer { // why none of them took it is nothing to the customer
		e.Text = string(ivr.Unanswered)
	}
	return next, err
}

// served takes that a customer who was rung first has spoken with an agent.
func (d *Desk) served(tx Tx, t *Talk) error {
	open, err := d.endAttempt(tx, t.Attempt, spoke)
	if err != nil || !open {
		return err
	}
	c, err := tx.Callback(t.Callback)
	if err != nil || c.State != CustomerDialing && c.State != Connected {
		return err
	}
	c.Agent = t.Agent
	return d.ended(tx, t, c)
}

// customerParts ends the talk with a customer who was rung first, and frees who
// was kept for him. In every other talk the agent's tells.
func (d *Desk) customerParts(tx Tx, t *Talk) error {
	a, err := tx.Attempt(t.Attempt)
	if err != nil || !a.isFirst() || !a.EndedAt.IsZero() {
		return err
	}
	c, err := tx.Callback(t.Callback)
	if err != nil {
		return err
	}
	how := cmp.Or(a.Outcome, t.unmoved())
	if c.State == Connected {
		how = agentLeft
	}
	if how, err = d.unlessCut(tx, c, a, how); err != nil {
		return err
	}
	a.EndedAt, a.Outcome = d.Now(), how
	if err := errors.Join(tx.PutAttempt(a), d.letGo(tx, t, ivr.Gone)); err != nil {
		return err
	}
	if how == abandoned {
		if err := d.abandon(tx, t); err != nil {
			return err
		}
	}
	switch {
	case c.State != CustomerDialing && c.State != Connected:
		return nil // he moved or cancelled it
	case how == string(ivr.Unknown): // it may ring yet: never again by machine alone
		return d.nodeDead(tx, c)
	}
	return d.follow(tx, c, how)
}

// unmoved says what became of a customer who has said nothing: one who pressed
// no key is taken for a machine.
func (t *Talk) unmoved() string {
	if path := t.State.Path; len(path) == 1 && t.State.Node == path[0] && t.State.Wrong == 0 {
		return string(ivr.Machine)
	}
	return string(ivr.Unanswered)
}
