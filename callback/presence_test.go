package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// callsBy is a call on a line of a name.
func (w *world) callsBy(line string, from callback.Phone) *party {
	w.Helper()
	turn, err := w.Answer(w.Context(), callback.Inbound{Talk: "talk-" + line, Line: line, From: from, To: service})
	if err != nil {
		w.Fatal(err)
	}
	return &party{w, "talk-" + line, turn}
}

// Who is with an agent is not called back meanwhile, whichever process has
// answered him: not after it has died either, when his call goes on at a
// carrier.
func TestOnTheLineElsewhere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, line string
		crash      bool
		rings      int
	}{
		{"another process", "sip", false, 0},
		{"at a carrier, and the process has died", "twilio", true, 0},
		{"with the process that has died", "sip", true, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.books(aino)
			w.now = c.At
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			caller := w.callsBy(tt.line, aino).presses("0")
			w.party(caller.connect().Talk).presses("1")
			next := worldOn(t, w.Store, "boot-2")
			next.now, next.Alone = w.now, tt.crash
			if err := next.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			next.rings(tt.rings)
			if tt.rings > 0 {
				return
			}
			next.agent("anna", callback.OnCall)
			next.party(caller.talk) // told twice
			turn, err := next.Next(t.Context(), caller.talk, caller.turn.No, ivr.Event{Kind: ivr.Gone})
			if err != nil || !turn.End && turn.Connect == nil {
				t.Errorf("at the end: %+v, %v", turn, err)
			}
			next.agent("anna", callback.Available)
			next.pass(21 * time.Second)
			next.rings(1)
		})
	}
}
