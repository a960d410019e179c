package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// held is a customer whom we have called, and who waits, because both agents
// were taken while he listened.
func held(t *testing.T) (*world, callback.Ring, *party) {
	t.Helper()
	w := newWorld(t, adaptive, withLine)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.promises(2)
	r := w.rings(2)[0]
	p := w.party(r.Talk)
	for _, a := range []string{"anna", "bo"} {
		w.takesOver(a)
	}
	p.presses("1").hears("next_in_line", "wait_most", "press_times")
	if !p.turn.Listen.Hold || p.turn.Say[1].N != 2 {
		t.Fatalf("he hears %+v", p.turn)
	}
	return w, r, p
}

// Whom we have called, and for whom nobody is free any more, is put through to
// the next agent who is: before callers who came long ago, and promises that are
// due.
func TestCalledCustomerIsServedFirst(t *testing.T) {
	t.Parallel()
	w, r, p := held(t)
	err := w.Store.Update(t.Context(), func(tx callback.Tx) error {
		return tx.PutWaiter(callback.Waiter{
			Talk: "older", Queue: "billing", Place: w.now.Add(-time.Hour), Came: w.now, Seen: w.now, Ready: true, Boot: "other",
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.pass(20 * time.Second)
	w.rings(0)
	p.called(false)
	w.frees("bo")
	w.rings(0)
	dial := p.called(true).connect()
	if dial.Addr != "sip:bo@127.0.0.1" {
		t.Errorf("rings %q", dial.Addr)
	}
	w.party(dial.Talk).presses("1")
	w.state(r.Callback, callback.Connected)
	w.agent("bo", callback.OnCall)
	if n := w.journalled("line.served", "seconds"); n != 1 {
		t.Errorf("%d were served", n)
	}
	p.event(ivr.Event{Kind: ivr.Spoke})
	_, calls, err := w.Show(t.Context(), r.Callback)
	if err != nil || calls[0].Outcome != "spoke" || w.journalled("call.abandoned", "") > 0 {
		t.Errorf("calls %+v, %v", calls, err)
	}
}

// He waits for a minute and a half. Then he is told that nobody is free, and
// offered times; the call counts as abandoned.
func TestCalledCustomerDoesNotWaitLong(t *testing.T) {
	t.Parallel()
	w, r, p := held(t)
	for range 2 {
		w.pass(30 * time.Second)
		p.event(ivr.Event{Kind: ivr.Silence}).hears("next_in_line", "wait_most")
	}
	if p.turn.Say[1].N != 1 {
		t.Errorf("he hears %+v", p.turn.Say)
	}
	w.pass(30 * time.Second)
	p.event(ivr.Event{Kind: ivr.Silence}).hears("nobody_free", "offer")
	w.frees("anna")
	w.rings(0)
	p.presses("1").hears("bye")
	got := w.state(r.Callback, callback.BookedState)
	if !got.At.After(w.now) || w.journalled("call.abandoned", "") != 1 || w.journalled("line.left", "") != 1 {
		t.Errorf("called again at %s", got.At)
	}
}

// What he does meanwhile is his to say.
func TestCalledCustomerLeavesTheLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		what  func(*party)
		state callback.State
	}{
		{"he chooses a time", func(p *party) { p.presses("2").hears("offer").presses("1").hears("bye") }, callback.BookedState},
		{"he hangs up", func(p *party) { p.event(ivr.Event{Kind: ivr.Gone}) }, callback.RetryWait},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, r, p := held(t)
			tt.what(p)
			got := w.state(r.Callback, tt.state)
			if tt.state == callback.RetryWait && got.DueAt.Sub(w.now) != 15*time.Minute {
				t.Errorf("called again in %s", got.DueAt.Sub(w.now))
			}
			w.frees("bo")
			if _, err := w.Claim(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			w.agent("bo", callback.Available)
			if n := w.journalled("call.abandoned", ""); n != 1 {
				t.Errorf("%d were abandoned", n)
			}
		})
	}
}

// When the process dies that has his call, he is in no line any more, and a
// person decides about the callback.
func TestCalledCustomerOfADeadProcess(t *testing.T) {
	t.Parallel()
	w, r, _ := held(t)
	next := worldOn(t, w.Store, "boot-2", adaptive, withLine)
	next.now = w.now.Add(time.Minute)
	if err := next.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	next.state(r.Callback, callback.Interrupted)
	next.view(func(tx callback.Tx) error {
		all, err := tx.Waiters("")
		if len(all) > 0 {
			t.Errorf("waiters %+v", all)
		}
		return err
	})
}
