package callback

import (
	"time"

	"github.com/holdless/holdless/ivr"
)

// A plan is what follows when a call to the customer did not lead to a word
// with the agent.
type plan struct {
	cause  Cause
	counts bool          // as one of Policy.Attempts
	after  time.Duration // when the customer is tried again
	double bool          // after doubles each time it happens
	other  bool          // from the second time on, at another hour of the day
	away   bool          // at another hour at once
	text   string        // what the customer is told
	task   string        // what a person is asked to look at
}

// What a customer can answer beside an [ivr.Outcome].
const (
	wantsAnother = "another"       // another time, and then chose none
	wantsNoCall  = "stop"          // not me, or no longer needed
	agentLeft    = "agent_hung_up" // before the two spoke
	spoke        = "spoke"
	interrupted  = "interrupted"
)

// plans says what follows each outcome.
var plans = map[string]plan{
	string(ivr.Busy):       {cause: CustomerBusy, counts: true, after: 3 * time.Minute},
	string(ivr.Unanswered): {cause: CustomerNoAnswer, counts: true, after: 10 * time.Minute, other: true},
	string(ivr.Machine):    {cause: CustomerMachine, counts: true, away: true, text: "text_tried"},
	string(ivr.Later):      {cause: CustomerLater, after: 15 * time.Minute},
	wantsAnother:           {cause: CustomerLater, counts: true, away: true},
	string(ivr.Carrier):    {cause: CarrierFailed, after: time.Minute, double: true},
	string(ivr.Unsent):     {cause: NothingSent, after: unsentPause, double: true},
	agentLeft:              {cause: AgentHungUp, after: agentPause},
	string(ivr.Rejected):   {cause: CustomerRejected, counts: true, text: "text_unreached"},
	string(ivr.BadNumber):  {cause: BadNumberDialled, counts: true, task: "number does not exist"},
}

const (
	otherHour  = 4 * time.Hour // how far away another hour of the day is
	longest    = time.Hour     // a pause that doubles grows no further
	mostDials  = 4             // times Policy.Attempts: calls in all, counted or not
	stopsCalls = 90 * day1     // who says stop is left alone for so long
)

// afterDial takes how the call to a customer ended, and turns the event into
// what the customer himself said, if he did.
func (d *Desk) afterDial(tx Tx, t *Talk, e *ivr.Event) error {
	a, err := tx.Attempt(t.Last.Connect.Ref)
	if err != nil || !a.EndedAt.IsZero() {
		return err // taken over
	}
	c, err := tx.Callback(t.Callback)
	if err != nil {
		return err
	}
	how := outcome(*e, a, c)
	a.EndedAt, a.Outcome = d.Now(), how
	if err := tx.PutAttempt(a); err != nil {
		return err
	}
	if e.Kind == ivr.NoAnswer && isOutcome(how) {
		e.Text = how
	}
	switch {
	case c.State != CustomerDialing && c.State != Connected:
		return nil // the customer moved or cancelled it
	case how == spoke:
		return d.ended(tx, t, c)
	}
	return d.follow(tx, c, how)
}

// outcome says how a call to a customer ended. What the customer pressed
// counts for more than what the line made of it.
func outcome(e ivr.Event, a Attempt, c Callback) string {
	switch {
	case e.Kind == ivr.Spoke:
		return spoke
	case a.Outcome != "" && c.State == CustomerDialing:
		return a.Outcome
	case e.Kind == ivr.Gone || c.State == Connected:
		return agentLeft
	}
	if _, ok := plans[e.Text]; ok {
		return e.Text
	}
	return string(ivr.Unanswered)
}

// isOutcome reports whether menus know the outcome by name.
func isOutcome(how string) bool { return how != wantsAnother && how != agentLeft && how != spoke }

// ended takes that customer and agent have spoken.
func (d *Desk) ended(tx Tx, t *Talk, c Callback) error {
	if c.State == CustomerDialing { // a line that knows no more than this
		if err := d.move(tx, &c, CustomerAnswered, "customer"); err != nil {
			return err
		}
	}
	c.Attempts++
	if err := d.move(tx, &c, CallEnded, t.speaker()); err != nil {
		return err
	}
	return d.survey(tx, t, c)
}

// follow does what the plan for an outcome says.
func (d *Desk) follow(tx Tx, c Callback, how string) error {
	p := plans[how]
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	all, err := tx.AttemptsOf(c.ID)
	if err != nil {
		return err
	}
	if p.counts {
		c.Attempts++
	}
	if to, _ := c.State.After(p.cause); to.Over() {
		return d.stopTrying(tx, c, p)
	}
	c.DueAt = d.retryAt(q, c, p, all)
	c.Until = c.DueAt.Add(d.Policy.Window.Duration())
	late := c.DueAt.IsZero() || c.DueAt.After(c.At.Add(d.Policy.Within.Duration()))
	tired := p.counts && c.Attempts >= d.Policy.Attempts || dials(all) >= mostDials*d.Policy.Attempts
	if late || tired {
		return d.exhaust(tx, c, p)
	}
	if err := d.move(tx, &c, p.cause, "customer"); err != nil {
		return err
	}
	return d.tell(tx, c, p.text)
}

// retryAt returns when a customer is tried again; zero when never.
func (d *Desk) retryAt(q *Queue, c Callback, p plan, all []Attempt) time.Time {
	now, after := d.Now(), p.after
	if p.double {
		after = min(after<<min(failures(all, c), 10), longest)
	}
	if p.away || p.other && c.Attempts > 1 {
		return d.anotherHour(q, c.Phone, now)
	}
	return d.permits(q, c.Phone, now.Add(after))
}

// anotherHour returns a time at which the customer may be called, at an hour of
// the day at which he was not.
func (d *Desk) anotherHour(q *Queue, p Phone, now time.Time) time.Time {
	at := d.permits(q, p, now.Add(otherHour))
	if at.IsZero() || at.In(q.Zone).Hour() != now.In(q.Zone).Hour() {
		return at
	}
	return d.permits(q, p, at.Add(otherHour/2))
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

// failures counts the calls that the customer never heard of.
func failures(all []Attempt, c Callback) int {
	return max(0, dials(all)-1-c.Attempts)
}

// stopTrying ends a callback by an outcome after which nobody is called again.
func (d *Desk) stopTrying(tx Tx, c Callback, p plan) error {
	if err := d.move(tx, &c, p.cause, "customer"); err != nil {
		return err
	}
	if p.task != "" {
		if err := d.task(tx, c, p.task); err != nil {
			return err
		}
	}
	return d.tell(tx, c, p.text)
}

// exhaust ends a callback whose customer was tried often enough.
func (d *Desk) exhaust(tx Tx, c Callback, p plan) error {
	if to, _ := c.State.After(p.cause); to == BookedState {
		p.cause = CarrierFailed // it never left us: the same, for the customer
	}
	if c.DueAt.IsZero() {
		c.DueAt = d.Now()
	}
	if err := d.move(tx, &c, p.cause, "customer"); err != nil {
		return err
	}
	if err := d.move(tx, &c, AttemptsExhausted, "desk"); err != nil {
		return err
	}
	if err := d.task(tx, c, "not reached"); err != nil {
		return err
	}
	return d.tell(tx, c, "text_unreached")
}

// heed takes a note that means something to the desk.
func (d *Desk) heed(tx Tx, t *Talk, n ivr.Note) error {
	switch {
	case t.Menu == customerMenu && (n.Name == "answer" || n.Name == "outcome"):
		return d.customerSays(tx, t, n.Value)
	case t.Menu == d.Survey.Menu:
		return d.surveyed(tx, t, n)
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
	if err != nil || !a.EndedAt.IsZero() {
		return err
	}
	a.Outcome = answer
	return tx.PutAttempt(a)
}

// leaveAlone takes that the person who was called did not want it.
func (d *Desk) leaveAlone(tx Tx, t *Talk) error {
	until := d.Now().Add(stopsCalls)
	if err := tx.Block(t.Phone, NoCalls, until); err != nil {
		return err
	}
	if err := d.journal(tx, t, "number.blocked", string(NoCalls), until.UTC().Format(time.RFC3339)); err != nil {
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
	case customerMenu, whisperMenu:
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
		return d.agentMissed(tx, t, AgentHungUp, "passed")
	}
	worked := c.State == Wrapup && c.Agent == t.Agent
	how := "released"
	if worked {
		how = spoke
	}
	if _, err := d.endAttempt(tx, t.Attempt, how); err != nil {
		return err
	}
	return d.freeAgent(tx, t.Agent, t.ID, worked)
}
