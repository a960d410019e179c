package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// How a call ends that a dead process held is news of the carrier's, which may
// come before Recover does. What the customer did not say himself, and what may
// have ended for want of us, is not taken for his answer: he is not dialled
// again by the machine.
func TestEndOfCallOfDeadProcess(t *testing.T) {
	t.Parallel()
	answered := func(w *world, c party) { w.party(c.talk) }
	rings := func(*world, party) {}
	missed := func(o ivr.Outcome) ivr.Event { return ivr.Event{Kind: ivr.NoAnswer, Text: string(o)} }
	for _, tt := range []struct {
		name  string
		crash func(w *world, customer party)
		event ivr.Event
		state callback.State
	}{
		{"taken for a machine", answered, missed(ivr.Machine), callback.Interrupted},
		{"taken for somebody who did not decide", answered, missed(ivr.Unanswered), callback.Interrupted},
		{"the carrier", answered, missed(ivr.Carrier), callback.Interrupted},
		{"the agent is gone", answered, ivr.Event{Kind: ivr.Gone}, callback.Interrupted},
		{"the agent is gone, and it rings", rings, ivr.Event{Kind: ivr.Gone}, callback.Interrupted},
		{"busy", rings, missed(ivr.Busy), callback.RetryWait},
		{"not answered", rings, missed(ivr.Unanswered), callback.RetryWait},
		{"he wants it later", func(w *world, c party) { w.party(c.talk).presses("2") }, missed(ivr.Unanswered), callback.RetryWait},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.books(aino)
			w.now = c.At
			agent, dial := w.dials(w.ring())
			tt.crash(w, party{talk: dial.Talk})
			next := worldOn(t, w.Store, "boot-2")
			next.now = w.now.Add(time.Second)
			if _, err := next.Next(t.Context(), agent.talk, agent.turn.No, tt.event); err != nil {
				t.Fatal(err)
			}
			next.state(c.ID, tt.state)
			for range 2 {
				if err := next.Recover(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			next.state(c.ID, tt.state)
		})
	}
}

// A customer who was rung first, and spoke with an agent when the process died,
// is not dialled again by the machine either.
func TestEndOfTalkOfDeadProcess(t *testing.T) {
	t.Parallel()
	w, c, r := ringsFirst(t)
	customer := w.party(r.Talk).presses("1")
	w.party(customer.connect().Talk).presses("1")
	w.state(c.ID, callback.Connected)
	next := worldOn(t, w.Store, "boot-2")
	next.now = w.now.Add(time.Second)
	if _, err := next.Next(t.Context(), r.Talk, customer.turn.No, ivr.Event{Kind: ivr.Gone}); err != nil {
		t.Fatal(err)
	}
	next.state(c.ID, callback.Interrupted)
}
