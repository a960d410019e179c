package twiliosim

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// call is a call, live or over. The lock of the Sim guards what is in it.
type call struct {
	Call

	sim    *Sim
	person Person
	ctx    context.Context // ends with the call
	hangUp context.CancelFunc
	over   chan struct{} // closed when it is over

	said []string // since the last key

	statusURL string
	events    []string // that the status callback wants
	seq       int
	courier   courier

	turn     context.CancelFunc // breaks off the document that is carried out
	redirect string             // the document that follows instead
	queued   time.Duration      // how long it waits in the queue
	answered time.Time
	ended    time.Time
	member   *member // of the conference that it is in
	waitsIn  string  // SID of the queue in which it waits
	detect   string  // address that is told who answered
	detects  string  // how it is found out: Enable, DetectMessageEnd
	by       string  // who answered
	last     step    // what is told when it is over
}

// newCall must be called with the lock held.
func (s *Sim) newCall(from, to, direction string, p Person) *call {
	c := &call{
		Call: Call{
			SID: s.newSID("CA"), From: from, To: to, Direction: direction, Status: "queued", Created: s.config.Now(),
		},
		sim: s, person: p, over: make(chan struct{}), courier: courier{sim: s},
	}
	c.ctx, c.hangUp = context.WithCancel(s.life)
	s.calls = append(s.calls, c)
	return c
}

// person says who is at a number.
func (s *Sim) personAt(number string) Person {
	if s.config.Person == nil {
		return Person{}
	}
	return s.config.Person(number)
}

func (s *Sim) find(sid string) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.calls, func(c *call) bool { return c.SID == sid })
	if i < 0 {
		return nil
	}
	return s.calls[i]
}

func (c *call) copy() Call {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	now := c.Call
	now.Log = slices.Clone(c.Log)
	return now
}

// log notes what was said or done.
func (c *call) log(format string, args ...any) {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	c.Log = append(c.Log, fmt.Sprintf(format, args...))
}

// queue gives a call its place in Twilio's queue. It must be called with the
// lock held.
func (c *call) queue() {
	s := c.sim
	c.queued = s.config.Queue
	if s.config.PerSecond == 0 {
		return
	}
	now := s.config.Now()
	if s.turn.Before(now) {
		s.turn = now
	}
	c.queued += s.turn.Sub(now)
	s.turn = s.turn.Add(time.Duration(float64(time.Second) / s.config.PerSecond))
}

// place rings a number, and has begin go on with whoever answers.
func (c *call) place(ring time.Duration, begin func()) {
	if !c.sim.wait(c.ctx, c.queued) {
		c.finish("canceled")
		return
	}
	c.set("initiated")
	c.tell("initiated")
	c.set("ringing")
	c.tell("ringing")
	a := Answer{}
	if c.person.Answer != nil {
		a = c.person.Answer(c.ctx, c.copy())
	}
	switch outcome := c.ring(a, ring); outcome {
	case "":
		c.answer(a)
		begin()
		c.finish("completed")
	default:
		c.finish(outcome)
	}
}

// ring lets it ring and says how that ended; "" when it was answered.
func (c *call) ring(a Answer, most time.Duration) string {
	if a.Outcome == "no-answer" || a.After > most {
		a.After, a.Outcome = most, "no-answer"
	}
	if !c.sim.wait(c.ctx, a.After) {
		return "canceled"
	}
	return a.Outcome
}

func (c *call) answer(a Answer) {
	c.sim.mu.Lock()
	c.answered = c.sim.config.Now()
	c.sim.mu.Unlock()
	c.set("in-progress")
	c.tell("answered")
	if c.detect != "" {
		c.sim.work.Go(func() { c.recognise(a) })
	}
}

func (c *call) set(status string) {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	c.Status = status
}

// finish ends a call; how is what it was, unless it ended as something else.
func (c *call) finish(how string) {
	c.sim.mu.Lock()
	c.Status, c.ended = how, c.sim.config.Now()
	c.sim.mu.Unlock()
	c.hangUp()
	c.tell("completed")
	c.tellLast()
	close(c.over)
}

// form are the parameters that every webhook of a call has.
func (c *call) form() url.Values {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	f := url.Values{
		"CallSid": {c.SID}, "AccountSid": {c.sim.Account}, "From": {c.From}, "To": {c.To}, "Caller": {c.From}, "Called": {c.To},
		"CallStatus": {c.Status}, "Direction": {c.Direction}, "ApiVersion": {"2010-04-01"},
	}
	if c.Parent != "" {
		f.Set("ParentCallSid", c.Parent)
	}
	if c.person.Stir != "" {
		f.Set("StirVerstat", c.person.Stir)
	}
	return f
}

// sipCodes are how carriers say how a call ended.
var sipCodes = map[string]string{
	"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404",
}

// tell has the status callback hear of an event, if it wants to.
func (c *call) tell(event string) {
	if !slices.Contains(c.events, event) {
		return
	}
	f := c.form()
	f.Set("CallbackSource", "call-progress-events")
	c.sim.mu.Lock()
	f.Set("SequenceNumber", strconv.Itoa(c.seq))
	c.seq++
	f.Set("Timestamp", c.sim.config.Now().UTC().Format(time.RFC1123Z))
	if event == "completed" {
		f.Set("SipResponseCode", sipCodes[c.Status])
	}
	if event == "completed" && !c.answered.IsZero() {
		f.Set("CallDuration", seconds(c.ended.Sub(c.answered)))
	}
	c.sim.mu.Unlock()
	c.courier.notify(c.statusURL, f)
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
