package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// customerFirst has the queue ring its customers before an agent.
func customerFirst(c *callback.Config) {
	q := c.Queues["billing"]
	q.Dialing = callback.CustomerFirst
	c.Queues["billing"] = q
}

// ringsFirst lets the telephone of a customer ring whose time has come.
func ringsFirst(t *testing.T) (*world, callback.Callback, callback.Ring) {
	t.Helper()
	w := newWorld(t, customerFirst)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := w.books(aino)
	w.texts()
	w.at("12:15")
	r := w.rings(1)[0]
	if err := w.Sent(t.Context(), r.Ref); err != nil {
		t.Fatal(err)
	}
	return w, c, r
}

// A promise is kept by ringing the customer first. An agent is kept free
// meanwhile, and rung when the customer has pressed the key.
func TestCustomerFirst(t *testing.T) {
	t.Parallel()
	w, c, r := ringsFirst(t)
	if r.Addr != string(aino) || r.CallerID != string(service) || r.Before.Sub(w.now) != 500*time.Millisecond {
		t.Errorf("ring %+v", r)
	}
	w.state(c.ID, callback.CustomerDialing)
	w.agent("anna", callback.OnRing)
	w.rings(0)
	customer := w.party(r.Talk).hears("callback_here")
	w.agent("bo", callback.Available)
	dial := customer.presses("1").connect()
	if dial.To != "agents" || dial.Addr != "sip:anna@127.0.0.1" || dial.Talk == "" {
		t.Fatalf("rings %+v", dial)
	}
	agent := w.party(dial.Talk).hears("caller_waiting").presses("1")
	if got := agent.connect().To; got != ivr.Waiting {
		t.Errorf("the agent is connected to %q", got)
	}
	w.state(c.ID, callback.Connected)
	w.agent("anna", callback.OnCall)
	w.pass(5 * time.Minute)
	customer.event(ivr.Event{Kind: ivr.Spoke}).hears("bye")
	got := w.state(c.ID, callback.Wrapup)
	w.agent("anna", callback.WrappingUp)
	if got.Agent != "anna" || got.Attempts != 1 {
		t.Errorf("%s, %d tries", got.Agent, got.Attempts)
	}
	_, calls, err := w.Show(t.Context(), c.ID)
	if err != nil || len(calls) != 2 {
		t.Fatalf("calls %+v, %v", calls, err)
	}
	for i, leg := range []callback.Leg{callback.CustomerLeg, callback.AgentLeg} {
		if calls[i].Leg != leg || calls[i].Outcome != "spoke" || calls[i].AnsweredAt.IsZero() {
			t.Errorf("call %d is %+v", i+1, calls[i])
		}
	}
	w.pass(3 * time.Minute)
	w.wantTexts("csat")
}

// What follows when the customer does not come to speak with an agent. Nobody
// but he is ever rung for it.
func TestCustomerFirstOutcomes(t *testing.T) {
	t.Parallel()
	missed := func(o ivr.Outcome) func(*party) {
		return func(p *party) { p.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(o)}) }
	}
	begins := func(p *party) *party { return p.event(ivr.Event{Kind: ivr.Begin}).hears("callback_here") }
	for _, tt := range []struct {
		name     string
		what     func(*party)
		state    callback.State
		wait     time.Duration
		attempts int
		outcome  string
	}{
		{"busy", missed(ivr.Busy), callback.RetryWait, 3 * time.Minute, 1, "busy"},
		{"no answer", missed(ivr.Unanswered), callback.RetryWait, 10 * time.Minute, 1, "no_answer"},
		{"carrier", missed(ivr.Carrier), callback.RetryWait, time.Minute, 0, "carrier"},
		{"rejected", missed(ivr.Rejected), callback.Failed, 0, 1, "rejected"},
		{"bad number", missed(ivr.BadNumber), callback.Failed, 0, 1, "bad_number"},
		{"unknown", missed(ivr.Unknown), callback.Interrupted, 0, 1, "unknown"},
		{"unsent", missed(ivr.Unsent), callback.BookedState, 10 * time.Second, 0, "unsent"},
		{"hangs up at once", func(p *party) { begins(p).event(ivr.Event{Kind: ivr.Gone}) }, callback.RetryWait, 4 * time.Hour, 1, "machine"},
		{"machine", func(p *party) {
			begins(p).event(ivr.Event{Kind: ivr.Silence}).event(ivr.Event{Kind: ivr.Silence})
		}, callback.RetryWait, 4 * time.Hour, 1, "machine"},
		{"a wrong key", func(p *party) { begins(p).presses("5").event(ivr.Event{Kind: ivr.Gone}) }, callback.RetryWait, 10 * time.Minute, 1, "no_answer"},
		{"later", func(p *party) { begins(p).presses("2") }, callback.RetryWait, 15 * time.Minute, 0, "later"},
		{"stop", func(p *party) { begins(p).presses("9") }, callback.CancelledState, 0, 0, "rejected"},
		{"another time", func(p *party) { begins(p).presses("3", "1") }, callback.BookedState, 0, 0, "later"},
		{"another time, and takes none", func(p *party) {
			begins(p).presses("3").event(ivr.Event{Kind: ivr.Gone})
		}, callback.RetryWait, 4 * time.Hour, 1, "another"},
		{"leaves while an agent is rung", func(p *party) {
			begins(p).presses("1").event(ivr.Event{Kind: ivr.Gone})
		}, callback.RetryWait, 10 * time.Minute, 1, "no_answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, c, r := ringsFirst(t)
			tt.what(&party{w: w, talk: r.Talk})
			got := w.state(c.ID, tt.state)
			if wait := got.DueAt.Sub(w.now); tt.wait > 0 && wait != tt.wait || got.Attempts != tt.attempts {
				t.Errorf("tried again in %s after %d tries, want %s, %d", wait, got.Attempts, tt.wait, tt.attempts)
			}
			_, calls, err := w.Show(t.Context(), c.ID)
			if err != nil || calls[0].Outcome != tt.outcome {
				t.Errorf("calls %+v, %v, want %s", calls, err, tt.outcome)
			}
			for _, a := range calls {
				if a.EndedAt.IsZero() {
					t.Errorf("call %d has no end", a.No)
				}
			}
			w.agent("anna", callback.Available)
			w.agent("bo", callback.Available)
		})
	}
}

// When the agent who was kept free does not take the call, the next one is
// rung. When nobody does, the customer waits for a moment, and is called again
// if he leaves.
func TestCustomerFirstNoAgent(t *testing.T) {
	t.Parallel()
	w, c, r := ringsFirst(t)
	customer := w.party(r.Talk).presses("1")
	anna := customer.connect()
	customer.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unsent)})
	bo := customer.connect()
	if anna.Addr != "sip:anna@127.0.0.1" || bo.Addr != "sip:bo@127.0.0.1" {
		t.Fatalf("rang %s and then %s", anna.Addr, bo.Addr)
	}
	late := w.party(anna.Talk).presses("1")
	if late.turn.Connect != nil {
		t.Error("an agent whom nobody waits for has taken the call")
	}
	customer.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unsent)}).hears("next_in_line")
	w.rings(0) // those who did not take it are left alone for a moment
	w.pass(30 * time.Second)
	w.rings(0)
	if customer.called(true).connect().Addr != "sip:anna@127.0.0.1" {
		t.Error("nobody is rung again")
	}
	customer.event(ivr.Event{Kind: ivr.Gone})
	if got := w.state(c.ID, callback.RetryWait); got.DueAt.Sub(w.now) != 15*time.Minute {
		t.Errorf("tried again in %s", got.DueAt.Sub(w.now))
	}
	w.agent("anna", callback.Available)
	w.agent("bo", callback.Available)
}

// While nobody is free, the customer is not rung.
func TestCustomerFirstNobodyFree(t *testing.T) {
	t.Parallel()
	w := newWorld(t, customerFirst)
	c := w.books(aino)
	for _, a := range []string{"anna", "bo"} {
		if err := w.SetAgent(t.Context(), a, callback.OnBreak); err != nil {
			t.Fatal(err)
		}
	}
	w.at("12:15")
	w.rings(0)
	w.state(c.ID, callback.BookedState)
}

// Nothing that may have reached the customer is dialled again by the machine:
// not after a crash, and not while another call of ours is with him.
func TestCustomerFirstTwice(t *testing.T) {
	t.Parallel()
	w, c, r := ringsFirst(t)
	next := worldOn(t, w.Store, "boot-2", customerFirst)
	next.now = w.now.Add(time.Minute)
	if err := next.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	next.state(c.ID, callback.Interrupted)
	next.agent("anna", callback.Available)
	next.party(r.Talk).presses("1").parts()
	next.rings(0)
}

// parts says that a customer hears that it was all, and is not left waiting.
func (p *party) parts() {
	p.w.Helper()
	p.hears("bye")
	if !p.turn.End || p.turn.Connect != nil {
		p.w.Errorf("it goes on: %+v", p.turn)
	}
}

// A key comes too late when the customer is called anew by then: no agent is rung
// for the old call, and nobody waits on it.
func TestCustomerFirstKeyTooLate(t *testing.T) {
	t.Parallel()
	w, c, r := ringsFirst(t)
	next := worldOn(t, w.Store, "boot-2", customerFirst)
	next.now = w.now.Add(time.Minute)
	if err := next.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := next.Requeue(t.Context(), c.ID, "operator"); err != nil {
		t.Fatal(err)
	}
	next.rings(1)
	next.state(c.ID, callback.CustomerDialing)
	next.party(r.Talk).presses("1").parts()
	next.state(c.ID, callback.CustomerDialing)
}
