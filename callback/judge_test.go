package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// Dialling stops by itself when the last calls look as if somebody made us
// call, and what was dialled before a start does not count any more.
func TestStopsByItself(t *testing.T) {
	t.Parallel()
	const long, short, never = time.Minute, 3 * time.Second, 0
	tests := []struct {
		name  string
		calls []time.Duration // again and again
		why   string
	}{
		{"all is well", []time.Duration{long, long, never}, ""},
		{"one in five answers", []time.Duration{never, never, long, never, never}, ""},
		{"nobody answers", []time.Duration{never}, "0 of the last 20 calls were answered, fewer than 20 %"},
		{"few answer", []time.Duration{never, never, never, never, never, never, long}, "2 of the last 20 calls were answered, fewer than 20 %"},
		{"three in ten hang up at once", []time.Duration{short, long, long, short, long, long, short, long, long, long}, ""},
		{"they say a few words", []time.Duration{6 * time.Second, long}, ""},
		{"those who answer hang up at once", []time.Duration{short, long, never, short, long, never, long, never, never, never}, "4 of 10 answered calls were over in 6s, more than 30 %"},
		{"they hang up at once", []time.Duration{short, long}, "10 of 20 answered calls were over in 6s, more than 30 %"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) { c.Limits.Over, c.Callbacks.Attempts = 20, 1 })
			w.planted(45)
			for i := range 20 {
				if w.dialing().Stopped {
					t.Fatalf("stopped after %d calls", i)
				}
				w.places(tt.calls[i%len(tt.calls)])
			}
			now := w.dialing()
			if now.Why != tt.why || now.Stopped != (tt.why != "") {
				t.Fatalf("dialing is %+v, want %q", now, tt.why)
			}
			if tt.why == "" {
				return
			}
			w.rings(0)
			if n := w.journalled("dialing.stopped", ""); n != 1 || now.Actor != "desk" {
				t.Errorf("stopped %d times, by %q", n, now.Actor)
			}
			if err := w.StartDialing(t.Context(), "operator"); err != nil {
				t.Fatal(err)
			}
			w.places(never)
			if w.dialing().Stopped {
				t.Error("what was dialled before the start counts")
			}
		})
	}
}

// Calls of more than a day ago say nothing of who makes us call now.
func TestOldCallsAreNotJudged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Limits.Over, c.Callbacks.Attempts = 2, 1 })
	w.now = w.books(aino).At
	w.places(0)
	w.pass(24 * time.Hour)
	w.now = w.books(eero).At
	w.places(0)
	if now := w.dialing(); now.Stopped {
		t.Errorf("stopped: %s", now.Why)
	}
}

// Who asks by a key for another time expected us, however quick he was.
func TestQuickKeysAreNoShortCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Limits.Over = 5 })
	w.planted(5)
	for range 5 {
		agent, dial := w.dials(w.next())
		w.party(dial.Talk).presses("2") // in fifteen minutes
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Later)}).event(ivr.Event{Kind: ivr.Gone})
		w.pass(time.Minute)
	}
	if now := w.dialing(); now.Stopped {
		t.Errorf("stopped: %s", now.Why)
	}
}
