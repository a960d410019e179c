package callback

import (
	"errors"
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
	abandoned    = "abandoned"     // wanted to talk, and no agent was free
	spoke        = "spoke"
	interrupted  = "interrupted"
	passedOn     = "passed" // an agent left a callback to the others
)

// plans says what follows each outcome.
var plans = map[string]plan{
	string(ivr.Busy):       {cause: CustomerBusy, counts: true, after: 3 * time.Minute},
	string(ivr.Unanswered): {cause: CustomerNoAnswer, counts: true, after: 10 * time.Minute, other: true},
	string(ivr.Machine):    {cause: CustomerMachine, counts: true, away: true, text: "text_tried"},
	string(ivr.Later):      {cause: CustomerLater, after: 15 * time.Minute},
	abandoned:              {cause: CustomerLater, after: 15 * time.Minute},
	wantsAnother:           {cause: CustomerLater, counts: true, away: true},
	string(ivr.Carrier):    {cause: CarrierFailed, after: time.Minute, double: true},
	string(ivr.Unsent):     {cause: NothingSent, after: unsentPause, double: true},
	agentLeft:              {cause: AgentHungUp, after: agentPause},
	string(ivr.Rejected):   {cause: CustomerRejected, counts: true, text: "text_unreached"},
	string(ivr.BadNumber):  {cause: BadNumberDialled, counts: true, task: "number does not exist"},
}

const (
	otherHour = 4 * time.Hour // how far away another hour of the day is
	longest   = time.Hour     // a pause that doubles grows no further
	mostDials = 4             // times Policy.Attempts: calls in all, counted or not
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
	how, err := d.unlessCut(tx, c, a, outcome(*e, a, c))
	if err != nil {
		return err
	}
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
	case how == string(ivr.Unknown): // it may ring yet: never again by machine alone
		return d.nodeDead(tx, c)
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
	case e.Kind == ivr.NoAnswer && e.Text == string(ivr.Unknown):
		return e.Text // also of one who has taken the call: whether he heard the agent, nobody knows
	case e.Kind == ivr.Gone || c.State == Connected:
		return agentLeft
	}
	if _, ok := plans[e.Text]; ok {
		return e.Text
	}
	return string(ivr.Unanswered)
}

// isOutcome reports whether menus know the outcome by name.
func isOutcome(how string) bool {
	return how != wantsAnother && how != abandoned && how != agentLeft && how != spoke
}

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
	return errors.Join(d.settled(tx, c), d.survey(tx, t, c), d.judge(tx))
}

// follow does what the plan for an outcome says.
func (d *Desk) follow(tx Tx, c Callback, how string) error {
	if err := d.judge(tx); err != nil {
		return err
	}
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
	rang, err := rang(tx, c, all)
	if err != nil {
		return err
	}
	if rang { // else he knows of nothing but what was promised
		c.Until = c.DueAt.Add(d.Policy.Window.Duration())
	}
	late := c.DueAt.IsZero() || c.DueAt.After(c.At.Add(d.Policy.Within.Duration()))
	tired := p.counts && c.Attempts >= d.Policy.Attempts || dials(all) >= mostDials*d.Policy.Attempts
	if late || tired {
		return d.exhaust(tx, c, p)
	}
	if err := d.move(tx, &c, p.cause, "customer"); err != nil {
		return err
	}
	if rang {
		return d.tell(tx, c, p.text)
	}
	return d.lastChance(tx, c)
}

// lastChance tells a customer another time, whose telephone has not rung, when the
// next try comes too late to tell him after it.
func (d *Desk) lastChance(tx Tx, c Callback) error {
	breaks, err := d.breaksAt(tx, c)
	if err == nil && c.DueAt.After(breaks.Add(-warning)) {
		_, err = d.slips(tx, &c)
	}
	return err
}

// retryAt returns when a customer is tried again; zero when never.
func (d *Desk) retryAt(q *Queue, c Callback, p plan, all []Attempt) time.Time {
	now, after := d.Now(), p.after
	if p.double {
		after = min(after<<min(failures(all, c), 10), longest)
	}
	if p.cause == NothingSent && q.stoodStill(all, CustomerLeg) {
		after = 0
	}
	if p.away || p.other && c.Attempts > 1 {
		return d.anotherHour(q, c.Phone, all)
	}
	return d.permits(q, c.Phone, now.Add(after))
}

// anotherHour returns a time at which the customer may be called, at an hour of
// the day at which he was not. Who was called at every hour at which he may be is
// called at the first of them again.
func (d *Desk) anotherHour(q *Queue, p Phone, all []Attempt) time.Time {
	tried := map[int]bool{}
	for _, a := range all {
		if a.Leg == CustomerLeg {
			tried[a.IntentAt.In(q.Zone).Hour()] = true
		}
	}
	first := d.permits(q, p, d.Now().Add(otherHour))
	for at, n := first, 0; n < 24 && !at.IsZero(); n++ {
		if !tried[at.In(q.Zone).Hour()] {
			return at
		}
		at = d.permits(q, p, at.Truncate(time.Hour).Add(time.Hour))
	}
	return first
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
	return d.exhausted(tx, c)
}

// exhausted gives up a customer who was to be tried again.
func (d *Desk) exhausted(tx Tx, c Callback) error {
	if err := d.move(tx, &c, AttemptsExhausted, "desk"); err != nil {
		return err
	}
	if err := d.task(tx, c, "not reached"); err != nil {
		return err
	}
	return d.tell(tx, c, "text_unreached")
}
