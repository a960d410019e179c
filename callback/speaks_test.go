package callback_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// TestSpeaks holds that the call of an agent is found by the talk that keeps him,
// and that his own is told from that with the person.
func TestSpeaks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller := w.calls(aino).presses("0")
	if _, err := w.Speaks(t.Context(), "anna"); !errors.Is(err, callback.ErrNoCall) {
		t.Errorf("while it rings: %v", err)
	}
	whisper := w.party(caller.connect().Talk).presses("1")
	if talk, err := w.Speaks(t.Context(), "anna"); err != nil || talk != caller.talk {
		t.Errorf("speaks in %q, %v", talk, err)
	}
	for _, tt := range []struct {
		agent, talk string
		want        bool
	}{{"anna", whisper.talk, true}, {"bo", whisper.talk, false}, {"anna", caller.talk, false}, {"anna", "", false}} {
		if got, err := w.Owns(t.Context(), tt.agent, tt.talk); got != tt.want || err != nil {
			t.Errorf("%+v: %v, %v", tt, got, err)
		}
	}
}

// TestTransferIdle holds that a colleague in a call is not rung for another, as a
// telephone could have him rung.
func TestTransferIdle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whisper := w.party(w.calls(aino).presses("0").connect().Talk).presses("1")
	for _, was := range []callback.AgentState{callback.OnRing, callback.OnCall} {
		w.puts("bo", was, "another")
		if _, err := w.TransferIdle(t.Context(), whisper.talk, "bo"); !errors.Is(err, callback.ErrNobodyFree) {
			t.Errorf("%s: %v", was, err)
		}
		w.agent("bo", was)
	}
	w.puts("bo", callback.OnBreak, "")
	if h, err := w.TransferIdle(t.Context(), whisper.talk, "bo"); err != nil || h.To.Addr != "sip:bo@127.0.0.1" {
		t.Errorf("on a break: rings %q, %v", h.To.Addr, err)
	}
	w.agent("bo", callback.OnRing)
}

// TestCutOff holds that a call for somebody who was put through, and which ended with
// the process that carried it, is in the ledger from before it was placed, is known
// to have ended so afterwards, and is placed by nobody again.
func TestCutOff(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"bo", string(eero)} {
		for _, taken := range []bool{false, true} {
			for _, promised := range []bool{false, true} {
				w := newWorld(t, mayTransfer)
				var own string
				if promised {
					c := w.books(aino)
					w.now = c.At
					agent, dial := w.dials(w.rings(1)[0])
					w.party(dial.Talk).presses("1")
					own = agent.talk
				} else {
					own = w.party(w.calls(aino).presses("0").connect().Talk).presses("1").talk
				}
				h, err := w.TransferIdle(t.Context(), own, to)
				if err != nil {
					t.Fatal(err)
				}
				if a := w.ledger(h.To.Ref); a.IntentAt.IsZero() || !a.EndedAt.IsZero() {
					t.Errorf("before it is placed: %+v", a)
				}
				if taken {
					w.party(h.To.Talk).presses("1")
				}
				if err := w.Beat(t.Context()); err != nil {
					t.Fatal(err)
				}
				next := w.restart(t)
				if a := next.ledger(h.To.Ref); a.EndedAt.IsZero() || a.Outcome != "interrupted" {
					t.Errorf("to %s, taken %v, promised %v: %+v", to, taken, promised, a)
				}
				missed := 1
				if taken {
					missed = 0
				}
				if n := next.journalled("transfer.missed", "outcome"); n != missed {
					t.Errorf("to %s, taken %v: missed %d times in the journal", to, taken, n)
				}
				next.rings(0)
				next.agent("anna", callback.Available)
				next.agent("bo", callback.Available)
				if err := next.Desk.Transferred(t.Context(), own, h, ivr.Unanswered); err != nil {
					t.Errorf("news that come late: %v", err)
				}
			}
		}
	}
}

// TestDeserted holds that a customer who was put through from one to the other until
// nobody was there for him is promised another call; and that a caller is not, whose
// own talk goes on, nor one whom the talk with his agent still tells of.
func TestDeserted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mayTransfer)
	c := w.books(aino)
	w.now = c.At
	agent, dial := w.dials(w.rings(1)[0])
	customer := w.party(dial.Talk).presses("1")
	h, err := w.TransferIdle(t.Context(), agent.talk, string(eero))
	if err != nil {
		t.Fatal(err)
	}
	w.party(h.To.Talk).presses("1")
	forsaken := func(talk string) {
		t.Helper()
		if err := w.Deserted(t.Context(), talk); err != nil {
			t.Fatal(err)
		}
	}
	forsaken(customer.talk)
	w.state(c.ID, callback.Connected)
	if err := w.Desk.Transferred(t.Context(), agent.talk, h, ""); err != nil {
		t.Fatal(err)
	}
	agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
	for range 2 { // whatever is told twice
		forsaken(customer.talk)
	}
	if again := w.open(aino); again.ID == c.ID || !again.At.Equal(w.now.Add(15*time.Minute)) {
		t.Errorf("called again: %+v", again)
	}
	caller := w.calls(eero).presses("0")
	forsaken(caller.talk)
	if n := w.journalled("task", ""); n != 0 {
		t.Errorf("%d tasks", n)
	}
}
