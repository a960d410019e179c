package callback_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// puts an agent in a state, as if a talk had left him there.
func (w *world) puts(agent string, state callback.AgentState, talk string) {
	w.Helper()
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		s, err := tx.Status(agent)
		if err != nil && !errors.Is(err, callback.ErrNotFound) {
			return err
		}
		s.Agent, s.State, s.Ref, s.Boot, s.Since = agent, state, talk, w.Boot, w.now
		return tx.PutStatus(s)
	})
	if err != nil {
		w.Fatal(err)
	}
}

// An agent whom nothing keeps busy any more is free again, whatever state he was
// left in, and who is in a call stays in it.
func TestStuckAgentsAreFreed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		state callback.AgentState
		talk  string
		after time.Duration
		want  callback.AgentState
	}{
		{"rung just now", callback.OnRing, "none", 59 * time.Second, callback.OnRing},
		{"rung for nobody", callback.OnRing, "none", time.Minute, callback.Available},
		{"in a call that nobody knows", callback.OnCall, "none", time.Minute, callback.Available},
		{"rung for who has hung up", callback.OnRing, "over", time.Minute, callback.Available},
		{"in a call that is over", callback.OnCall, "over", time.Minute, callback.Available},
		{"in a call that goes on", callback.OnCall, "open", time.Hour, callback.OnCall},
		{"writing", callback.WrappingUp, "", 29 * time.Second, callback.WrappingUp},
		{"writing no more", callback.WrappingUp, "", 30 * time.Second, callback.Available},
		{"at lunch", callback.OnBreak, "", 3 * time.Hour, callback.OnBreak},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			switch tt.talk {
			case "over":
				tt.talk = w.calls(aino).event(ivr.Event{Kind: ivr.Gone}).talk
			case "open":
				tt.talk = w.calls(aino).talk
			}
			w.puts("anna", tt.state, tt.talk)
			w.pass(tt.after)
			w.sweep()
			w.agent("anna", tt.want)
		})
	}
}

// Who does not answer costs a caller no time: the next agent is rung in the same
// moment, and nobody twice.
func TestNextAgentAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller := w.calls(aino).presses("0")
	first := caller.connect()
	second := caller.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}).connect()
	if second.Addr == first.Addr || second.Talk == first.Talk || second.Ref == first.Ref {
		t.Errorf("after %+v, %+v is rung", first, second)
	}
	if last := caller.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}).turn.Connect; last != nil {
		t.Errorf("%+v is rung, and both have not answered", last)
	}
}

// However short the promised window is, a callback that somebody owns is the
// team's three minutes before its end.
func TestOwnedFallsToTheTeam(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.Window = callback.Span(5 * time.Minute) })
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Owner: "bo"})
	if err != nil {
		t.Fatal(err)
	}
	w.takesOver("bo")
	w.now = c.Until.Add(-3*time.Minute - time.Second)
	w.rings(0)
	w.pass(time.Second)
	if r := w.rings(1)[0]; r.Addr != "sip:anna@127.0.0.1" {
		t.Errorf("%s is rung", r.Addr)
	}
}

// Whose place in line is kept was told a time as the latest: his callback is the
// team's three minutes before that one.
func TestOwnedPlaceFallsToTheTeam(t *testing.T) {
	t.Parallel()
	w := lined(t)
	c := w.placed(aino)
	if _, err := w.does("bo", callback.DoClaim, c); err != nil {
		t.Fatal(err)
	}
	w.frees("anna")
	w.now = c.At.Add(-3*time.Minute - time.Second)
	w.rings(0)
	w.pass(time.Second)
	if r := w.rings(1)[0]; r.Addr != "sip:anna@127.0.0.1" {
		t.Errorf("%s is rung", r.Addr)
	}
}

// A promise that will break is corrected in the minute before the last five, and
// the text names the new time.
func TestCorrectionInTheSixthMinute(t *testing.T) {
	t.Parallel()
	for left, want := range map[time.Duration]string{
		6*time.Minute + time.Second: "",
		6 * time.Minute:             "text_late Mon 12:39",
		5*time.Minute + time.Second: "text_late Mon 12:39",
		5 * time.Minute:             "",
	} {
		w := newWorld(t)
		c := w.books(aino)
		w.texts()
		w.offline()
		w.now = c.Until.Add(-left)
		w.sweep()
		if want == "" {
			w.wantTexts()
			continue
		}
		w.wantTexts(want)
		if got := w.state(c.ID, callback.BookedState); !got.Until.After(c.Until) {
			t.Errorf("told a new time, and the promise ends at %s as before", got.Until)
		}
	}
}
