package twilioline

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
)

// customerFirst has the customers of a town rung before an agent.
func (w *town) customerFirst() {
	for _, q := range w.desk.Queues {
		q.Order = callback.CustomerFirst
	}
}

// A customer who is rung first speaks with an agent only when he has pressed
// a key; nobody else has an agent rung.
func TestCustomerFirst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		people  func(*town)
		state   callback.State
		outcome string
		agents  int    // how often an agent is rung
		person  string // what the customer hears
	}{
		{"kept", nil, callback.Done, "spoke", 1, "This is the call that you asked for."},
		{"busy", func(w *town) { w.customer.Answer = answers("busy", time.Second) }, callback.RetryWait, "busy", 0, ""},
		{"not answered", func(w *town) { w.customer.Answer = answers("no-answer", 0) }, callback.RetryWait, "no_answer", 0, ""},
		{"a machine", func(w *town) { w.customer.Press = nil }, callback.Failed, "machine", 0, "This is the call that you asked for."},
		{"hangs up", func(w *town) { w.customer.Press = hangsUpAfter(0) }, callback.Failed, "machine", 0, ""},
		{"later", func(w *town) { w.customer.Press = presses("2") }, callback.RetryWait, "later", 0, "We will call again in fifteen minutes."},
		{"the agent is away", func(w *town) { w.agent.Answer = answers("no-answer", 0) }, callback.RetryWait, "abandoned", 3, "You need not wait."},
		{"the agent passes", func(w *town) { w.agent.Press = presses("2") }, callback.RetryWait, "abandoned", 3, "You are next."},
		{"the agent hangs up first", func(w *town) { w.agent.Talk = lasts(time.Minute); w.customer.Talk = stays }, callback.Done, "spoke", 1, "Goodbye"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			day(t, func(w *town) {
				w.customerFirst()
				if tt.people != nil {
					tt.people(w)
				}
			}, func(w *town) {
				c := w.books()
				w.until("14:30")
				w.passes(150 * time.Second)
				got, attempts := w.show(c.ID)
				if got.State != tt.state || attempts[0].Outcome != tt.outcome || attempts[0].Leg != callback.CustomerLeg {
					t.Errorf("callback is %s after %+v", got.State, attempts)
				}
				if n := len(w.calls(linetest.AgentAddr)); n != tt.agents {
					t.Errorf("the agent was rung %d times, want %d", n, tt.agents)
				}
				if n := len(w.calls(string(aino))); n != 1 {
					t.Errorf("the customer was rung %d times", n)
				}
				w.wantHeard(string(aino), tt.person)
				w.quiet()
			})
		})
	}
}
