package callback_test

import (
	"context"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A call that this process was too slow to send is made again at once, before those
// who were promised the same time later than he: nothing is wrong but that. If it is
// too slow again, it waits, and has its place all the same.
func TestTooSlowToSend(t *testing.T) {
	t.Parallel()
	for _, order := range []callback.Order{callback.AgentFirst, callback.CustomerFirst} {
		t.Run(string(order), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) {
				q := c.Queues["billing"]
				q.Dialing, q.Capacity, q.Agents = order, 5, []string{"anna"}
				c.Queues["billing"] = q
			})
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			at := w.now.Add(15 * time.Minute)
			for i := range 4 {
				if _, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: mobile(i), At: at}); err != nil {
					t.Fatal(err)
				}
				w.pass(time.Second)
			}
			w.at("12:15")
			for _, want := range []int{0, 0, 1, 1, 2} {
				w.tooSlow(mobile(want))
			}
			w.pass(20 * time.Second)
			w.tooSlow(mobile(0))
		})
	}
}

// So is the call to a customer for whom an agent waits already, whom the next one
// keeps company. What could not leave, though there was time, waits.
func TestTooSlowForTheCustomer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		took time.Duration
		want []time.Duration
	}{
		"too slow":       {5 * time.Second, []time.Duration{0, 20 * time.Second}},
		"nothing leaves": {2 * time.Second, []time.Duration{10 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.books(aino)
			w.now = c.At
			for _, want := range tt.want {
				agent, _ := w.dials(w.rings(1)[0])
				w.pass(tt.took)
				agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unsent)}).event(ivr.Event{Kind: ivr.Gone})
				if got := w.state(c.ID, callback.BookedState).DueAt.Sub(w.now); got != want {
					t.Errorf("called again in %s, want %s", got, want)
				}
			}
		})
	}
}

// tooSlow has a call come to nothing because the time to send it is over.
func (w *world) tooSlow(to callback.Phone) {
	w.Helper()
	r := w.rings(1)[0]
	w.now = r.Before
	if err := w.Unsent(w.Context(), r, context.DeadlineExceeded); err != nil {
		w.Fatal(err)
	}
	if c, _, err := w.Show(w.Context(), r.Callback); err != nil || c.Phone != to {
		w.Errorf("%s is called, want %s, %v", c.Phone, to, err)
	}
}
