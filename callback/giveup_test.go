package callback_test

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// offline sends everybody home.
func (w *world) offline() {
	w.Helper()
	for _, a := range []string{"anna", "bo"} {
		if err := w.SetAgent(w.Context(), a, callback.Offline); err != nil {
			w.Fatal(err)
		}
	}
}

// live goes on for some days, sweeping and claiming every ten minutes, and
// returns the texts that left.
func (w *world) live(days int) (texts []string) {
	w.Helper()
	for end := w.now.AddDate(0, 0, days); w.now.Before(end); w.pass(10 * time.Minute) {
		w.sweep()
		w.rings(0)
		texts = append(texts, w.texts()...)
	}
	return texts
}

// Whoever is not reached in time is given up, whatever he waits for: nobody is
// called days after the promise, or told for ever that we are late.
func TestNothingWaitsForEver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		after func(w *world) // what comes before everybody goes home
	}{
		{"never tried", func(*world) {}},
		{"to be tried again", func(w *world) {
			w.tries(ivr.Busy)
		}},
		{"tried, and missed by an agent", func(w *world) {
			w.tries(ivr.Busy)
			w.pass(10 * time.Minute)
			r := w.ring()
			p := &party{w: w, talk: r.Talk}
			p.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.books(aino)
			w.now = c.At
			tt.after(w)
			w.offline()
			w.texts()
			texts := w.live(4)
			w.state(c.ID, callback.Failed)
			if n := w.journalled("task", ""); n != 1 {
				t.Errorf("%d tasks for a person", n)
			}
			if last := texts[len(texts)-1]; !strings.HasPrefix(last, "text_unreached") {
				t.Errorf("the last text is %q", last)
			}
			for _, a := range []string{"anna", "bo"} {
				if err := w.SetAgent(t.Context(), a, callback.Available); err != nil {
					t.Fatal(err)
				}
			}
			w.rings(0)
		})
	}
}
