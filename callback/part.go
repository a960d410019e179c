package callback

import (
	"errors"
	"time"

	"github.com/holdless/holdless/ivr"
)

// heed takes a note that means something to the desk.
func (d *Desk) heed(tx Tx, t *Talk, n ivr.Note) error {
	switch {
	case t.Menu == customerMenu && (n.Name == "answer" || n.Name == "outcome"):
		return d.customerSays(tx, t, n.Value)
	case t.Menu == d.Survey.Menu || isQuestion(n.Name):
		return d.surveyed(tx, t, n)
	case n.Name == "language" && t.calls() != "":
		return tx.PutLanguage(t.calls(), n.Value, d.Now())
	case n.Name == "consent":
		return d.consented(tx, t, n)
	}
	return nil
}

// customerSays remembers what the customer answered when he was called.
func (d *Desk) customerSays(tx Tx, t *Talk, answer string) error {
	if answer == wantsNoCall {
		return d.leaveAlone(tx, t)
	}
	if _, ok := plans[answer]; !ok {
		return nil
	}
	a, err := tx.Attempt(t.Attempt)
	if err != nil || !a.EndedAt.IsZero() || a.Outcome == abandoned {
		return err
	}
	a.Outcome = answer
	return tx.PutAttempt(a)
}

// leaveAlone takes that the person who was called did not want it: no machine
// calls him again until a person allows it ([Desk.AllowCalls]).
func (d *Desk) leaveAlone(tx Tx, t *Talk) error {
	if err := tx.Block(t.Phone, NoCalls, time.Time{}); err != nil {
		return err
	}
	if err := d.journal(tx, t, "number.blocked", string(NoCalls), ""); err != nil {
		return err
	}
	c, err := tx.Callback(t.Callback)
	if err != nil || c.State != CustomerDialing {
		return err
	}
	return d.move(tx, &c, CallerCancel, t.speaker())
}

// part lets go of what a talk had in hand when it ends.
func (d *Desk) part(tx Tx, t *Talk) error {
	switch t.Menu {
	case agentMenu:
		return d.agentParts(tx, t)
	case customerMenu:
		return d.customerParts(tx, t)
	case whisperMenu:
		return nil // whoever waits for them tells
	}
	held, err := d.heldBy(tx, t)
	for _, c := range held {
		if err := d.move(tx, &c, HoldLapsed, t.speaker()); err != nil {
			return err
		}
	}
	return err
}

// agentParts ends the talk with an agent. Who passed a callback on, or hung
// up, leaves it to the others.
func (d *Desk) agentParts(tx Tx, t *Talk) error {
	c, err := tx.Callback(t.Callback)
	if err != nil {
		return err
	}
	a, err := tx.Attempt(t.Attempt)
	if err != nil {
		return err
	}
	if c.State == AgentReady && c.Agent == t.Agent && a.EndedAt.IsZero() {
		return errors.Join(d.dismiss(tx, t.Agent, t.ID), d.agentMissed(tx, t, AgentHungUp, passedOn))
	}
	worked := c.State == Wrapup && c.Agent == t.Agent
	how := "released"
	if worked {
		how = spoke
	}
	if _, err := d.endAttempt(tx, t.Attempt, how); err != nil {
		return err
	}
	if !worked {
		return d.dismiss(tx, t.Agent, t.ID)
	}
	return d.freeAgent(tx, t.Agent, t.ID, true)
}
