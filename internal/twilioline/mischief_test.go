package twilioline

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/ivr"
)

// Whatever befalls status callbacks, the promise is kept, once.
func TestMischief(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		mischief twiliosim.Mischief
		until    string
	}{
		{"doubled", twiliosim.Mischief{Double: 1}, "14:38"},
		{"shuffled", twiliosim.Mischief{Shuffle: 1}, "14:38"},
		{"an hour late", twiliosim.Mischief{Delay: 1}, "15:40"},
		{"lost", twiliosim.Mischief{Drop: 1}, "14:42"},
		{"all of it", twiliosim.Mischief{Double: 0.5, Shuffle: 0.3, Drop: 0.3, Delay: 0.3, Late: 10 * time.Minute}, "14:50"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			day(t, func(w *town) { w.mischief = tt.mischief }, func(w *town) {
				c := w.books()
				w.until(tt.until)
				got, attempts := w.show(c.ID)
				if got.State != callback.Done || len(attempts) != 2 {
					t.Errorf("callback is %s after %d calls", got.State, len(attempts))
				}
				if n := len(w.calls(string(aino))); n != 1 {
					t.Errorf("%d calls to the customer", n)
				}
				w.quiet()
			})
		})
	}
}

// A customer who does not answer, and of whom no callback tells, is found out
// about, and called again.
func TestMissingStatus(t *testing.T) {
	t.Parallel()
	day(t, func(w *town) {
		w.mischief.Drop = 1
		w.customer.Answer = answers("no-answer", 0)
	}, func(w *town) {
		c := w.books()
		w.until("14:30")
		w.passes(4 * time.Minute)
		got, attempts := w.show(c.ID)
		if got.State != callback.RetryWait || len(attempts) != 2 || attempts[1].Outcome != string(ivr.Unanswered) {
			t.Errorf("callback is %s, calls %+v", got.State, attempts)
		}
		w.wantHeard(linetest.AgentAddr, "The customer did not answer.")
		w.quiet()
	})
}

// An agent who waits for a customer in vain is fetched out of the conference,
// even when Twilio does not take the first order to.
func TestFetchedAgain(t *testing.T) {
	t.Parallel()
	day(t, func(w *town) { w.customer.Answer = answers("busy", time.Second) }, func(w *town) {
		w.sim.Fail(twiliosim.Fault{}, twiliosim.Fault{}, twiliosim.Fault{Status: 429}, twiliosim.Fault{Status: 503})
		w.books()
		w.until("14:30")
		w.passes(40 * time.Second)
		w.wantHeard(linetest.AgentAddr, "The customer's line is busy.")
	})
}
