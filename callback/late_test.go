package callback_test

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

func count(all []string, prefix string) (n int) {
	for _, s := range all {
		if strings.HasPrefix(s, prefix) {
			n++
		}
	}
	return n
}

// Whoever is never reached is told that we are late each time a promise slips,
// and not for ever: the third text is the last.
func TestLateIsToldThreeTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.texts()
	w.now = c.At
	w.offline()
	all := w.live(3)
	if n := count(all, "text_late"); n != 3 {
		t.Errorf("%d texts say that we are late: %q", n, all)
	}
	for i, want := range []string{"text_late Mon 12:50", "text_late Mon 13:35", "text_late Mon 14:55"} {
		if !strings.HasPrefix(all[i], want) {
			t.Errorf("text %q, want %q", all[i], want)
		}
	}
}

// Who asked to be called in fifteen minutes was promised that: he is told when
// it will be later. Who was merely not reached knows of no time.
func TestLateAgain(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"2": 1, "": 0} {
		w := newWorld(t)
		c := w.books(aino)
		w.texts()
		w.now = c.At
		agent, dial := w.dials(w.ring())
		if name == "2" {
			w.party(dial.Talk).presses("2")
		}
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}).event(ivr.Event{Kind: ivr.Gone})
		w.state(c.ID, callback.RetryWait)
		w.offline()
		w.texts()
		w.pass(31 * time.Minute) // fifteen, and the window
		w.sweep()
		w.sweep()
		if all := w.texts(); count(all, "text_late") != want {
			t.Errorf("key %q: texts %q", name, all)
		}
		w.state(c.ID, callback.RetryWait)
	}
}

// An agent who takes the call of somebody who hangs up that moment serves
// nobody: the promise stands until the two have spoken.
func TestPromiseStandsUntilBothSpoke(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		how  ivr.Kind
		want callback.State
	}{{ivr.Gone, callback.BookedState}, {ivr.Spoke, callback.CancelledState}} {
		w := newWorld(t)
		c := w.books(aino)
		caller := w.calls(aino).presses("0")
		w.party(caller.connect().Talk).presses("1")
		w.state(c.ID, callback.BookedState)
		caller.event(ivr.Event{Kind: tt.how})
		w.state(c.ID, tt.want)
	}
}

// Nobody is called who is speaking with us.
func TestNotWhileHeCallsUs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	caller := w.calls(aino).presses("0")
	w.party(caller.connect().Talk).presses("1")
	w.now = c.At
	w.rings(0)
	w.pass(20 * time.Second)
	w.rings(0)
	caller.event(ivr.Event{Kind: ivr.Gone})
	w.pass(20 * time.Second)
	w.rings(1)
}
