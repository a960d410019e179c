package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// Who keeps his place and hangs up is called when it was promised at the
// latest, though the end of his call was never heard of.
func TestPlaceIsKeptWhenTheEndIsLost(t *testing.T) {
	t.Parallel()
	w := lined(t, func(c *callback.Config) { c.Survey.Consent = "ask" })
	w.calls(aino).presses("0", "1", "1").hears("placed", "ask_consent")
	w.frees("bo")
	w.pass(time.Minute)
	w.rings(0) // he may still be on the line
	for w.open(aino).At.After(w.now) {
		w.pass(time.Minute)
	}
	w.rings(1)
}

// Who was lost in line is not taken to be on the telephone.
func TestLostInLineIsForgotten(t *testing.T) {
	t.Parallel()
	w := lined(t)
	w.calls(aino).presses("0").hears("next_in_line")
	w.pass(12 * time.Minute)
	w.sweep()
	w.calls(aino).presses("0", "1", "1").hears("placed").event(ivr.Event{Kind: ivr.Gone})
	w.pass(time.Minute)
	w.frees("bo")
	w.rings(1)
}
