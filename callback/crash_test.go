package callback_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/ivr"
)

// restart is the next process over the same store, after the last one died.
func (w *world) restart(t *testing.T) *world {
	t.Helper()
	next := worldOn(t, w.Store, "boot-2")
	next.now = w.now
	for range 2 { // twice does no more than once
		if err := next.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return next
}

func TestRecover(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		crash func(*world) // what was done before the process died
		state callback.State
		texts []string
	}{
		{"agent rings", func(*world) {}, callback.BookedState, nil},
		{"agent hears the brief", func(w *world) { w.party(w.ring().Talk) }, callback.BookedState, nil},
		{"customer rings", func(w *world) { w.dials(w.ring()) }, callback.Interrupted, []string{"text_cut_off Mon 12:30"}},
		{"customer hears the menu", func(w *world) {
			_, dial := w.dials(w.ring())
			w.party(dial.Talk)
		}, callback.Interrupted, []string{"text_cut_off Mon 12:30"}},
		{"the two speak", func(w *world) {
			_, dial := w.dials(w.ring())
			w.party(dial.Talk).presses("1")
		}, callback.Interrupted, []string{"text_cut_off Mon 12:30"}},
		{"the call is over", func(w *world) {
			agent, dial := w.dials(w.ring())
			w.party(dial.Talk).presses("1")
			agent.event(ivr.Event{Kind: ivr.Spoke})
		}, callback.Wrapup, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.books(aino)
			w.texts()
			w.now = c.At
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			if tt.name == "agent rings" {
				w.rings(1)
			}
			tt.crash(w)
			next := w.restart(t)
			next.state(c.ID, tt.state)
			next.wantTexts(tt.texts...)
			if tt.state != callback.Wrapup {
				next.agent("anna", callback.Available)
			}
			want := 0
			if tt.state == callback.BookedState {
				want = 1
			}
			next.rings(want)
		})
	}
}

// ring claims the one callback that is due.
func (w *world) ring() callback.Ring {
	w.Helper()
	return w.rings(1)[0]
}

// What the dead process still says, when it was only asleep, changes nothing.
func TestDeadProcessIsNotBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	agent := w.party(w.ring().Talk)
	next := w.restart(t)
	agent.presses("1")
	if agent.turn.Connect != nil {
		t.Error("the customer is dialled by a dead process")
	}
	r := next.ring()
	other, _ := next.dials(r)
	agent.event(ivr.Event{Kind: ivr.Gone})
	next.state(c.ID, callback.CustomerDialing)
	other.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Busy)})
	next.state(c.ID, callback.RetryWait)
	if err := w.Beat(t.Context()); !errors.Is(err, callback.ErrMoved) {
		t.Errorf("a dead process beats: %v", err)
	}
}

// Among several nodes only those that were silent for long are dead.
func TestLivingNodesAreLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.ring()
	other := worldOn(t, w.Store, "boot-2")
	other.Alone, other.now = false, w.now.Add(14*time.Second)
	if err := other.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	other.state(c.ID, callback.AgentRinging)
	other.pass(2 * time.Second)
	if err := other.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	other.state(c.ID, callback.BookedState)
}

// The customer answers the apology; nobody else has him dialled again.
func TestApology(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.texts()
	w.now = c.At
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.dials(w.ring())
	next := w.restart(t)
	next.wantTexts("text_cut_off Mon 12:30")
	next.pass(10 * time.Hour)
	next.rings(0)
	next.now = w.now.Add(time.Minute)
	for id, body := range map[string]string{"a": "10, who is this?"} {
		next.reply(aino, id, body)
		next.state(c.ID, callback.Interrupted)
		next.wantTexts("unclear text_again")
	}
	if next.journalled("text.unexpected", "") != 1 {
		t.Error("nobody reads what was written")
	}
	for range 2 { // carriers deliver twice
		if !next.reply(aino, "b", "1") {
			t.Error("the answer was not taken")
		}
	}
	if got := next.state(c.ID, callback.BookedState); got.Wall != "2026-06-01T12:30" {
		t.Errorf("promised %s", got.Wall)
	}
	next.wantTexts("text_moved Mon 12:30")
}

func TestRequeue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.dials(w.ring())
	next := w.restart(t)
	next.pass(time.Minute)
	if err := next.Requeue(t.Context(), c.ID, "agent:anna"); err != nil {
		t.Fatal(err)
	}
	_, dial := next.dials(next.ring())
	next.party(dial.Talk).presses("1")
	_, calls, err := next.Show(t.Context(), c.ID)
	if err != nil || len(calls) != 4 {
		t.Fatalf("calls %+v, %v", calls, err)
	}
	for i, a := range calls {
		if a.No != i+1 || (a.Outcome == "interrupted") != (i < 2) || a.IntentAt.IsZero() {
			t.Errorf("call %+v", a)
		}
	}
}

// A callback may be cut off twice: there is an apology each time.
func TestCutOffTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.texts()
	w.now = c.At
	for _, id := range []string{"first", "second"} {
		w.dials(w.ring())
		w.pass(15 * time.Minute)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.state(c.ID, callback.Interrupted)
		w.wantTexts("text_cut_off")
		w.calls(aino).hears("welcome").event(ivr.Event{Kind: ivr.Gone})
		w.reply(aino, id, "1")
		w.wantTexts("text_moved")
		w.now = w.state(c.ID, callback.BookedState).At
	}
}

// A line that loses a call without a word does not keep the callback for ever.
func TestLostCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	w.dials(w.ring())
	w.pass(14 * time.Minute)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.state(c.ID, callback.CustomerDialing)
	w.pass(time.Minute)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.state(c.ID, callback.Interrupted)
}

// Zone rules may change after a promise was made: the wall time stands.
func TestZoneRulesChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	wrong := c
	wrong.At, wrong.DueAt = c.At.Add(time.Hour), c.At.Add(time.Hour)
	err := w.Store.Update(t.Context(), func(tx callback.Tx) error { return tx.MoveCallback(wrong, callback.BookedState) })
	if err != nil {
		t.Fatal(err)
	}
	next := w.restart(t)
	if got := next.state(c.ID, callback.BookedState); !got.At.Equal(c.At) || !got.DueAt.Equal(c.At) {
		t.Errorf("promised for %s, due %s, want %s", got.At, got.DueAt, c.At)
	}
}

// However many promises there are: those that move from one page of the list
// to another while they are put right are not passed over.
func TestZoneRulesChangeForMany(t *testing.T) {
	t.Parallel()
	const many = 1100
	w := newWorld(t)
	c := w.books(aino)
	err := w.Store.Update(t.Context(), func(tx callback.Tx) error {
		for i := range many {
			o := c
			o.ID, o.Phone = fmt.Sprintf("c%04d", i), callback.Phone(fmt.Sprintf("+35840%07d", i))
			at := c.At.Add(time.Duration(i) * time.Minute)
			o.Wall, o.At, o.DueAt = opening.Wall(at.In(helsinki(t))), at.Add(-time.Hour), at.Add(-time.Hour)
			if err := tx.AddCallback(o); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.pass(-2 * time.Hour) // all of them are still to come
	w.restart(t)
	if n := w.journalled("callback.booked", string(callback.ZoneChanged)); n != many {
		t.Errorf("%d promises were put right, want %d", n, many)
	}
}

// broken is a store that cannot write, as on a full disk.
type broken struct {
	callback.Store
	down bool
}

var errFull = errors.New("disk is full")

func (b *broken) Update(ctx context.Context, fn func(callback.Tx) error) error {
	if b.down {
		return errFull
	}
	return b.Store.Update(ctx, fn)
}

// Nothing is promised that is not written: the caller hears so and gets a
// person. When the store is back, the talk is stored as it went on.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	disk := &broken{Store: w.Store}
	w.Store = disk
	caller := w.calls(aino).presses("1", "1").hears("number_is")
	disk.down = true
	caller.presses("1").hears("sorry", "connecting")
	if got := caller.connect(); got.Addr != "sip:anna@127.0.0.1" || got.Talk != "" {
		t.Errorf("rings %+v", got)
	}
	turn := caller.turn
	again, err := w.Next(t.Context(), caller.talk, turn.No-1, ivr.Event{Kind: ivr.Heard, Text: "1"})
	if err != nil || again.No != turn.No {
		t.Errorf("told twice: %+v, %v", again, err)
	}
	caller.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Busy)})
	if got := caller.connect(); got.Addr != "sip:bo@127.0.0.1" {
		t.Errorf("rings %+v", got)
	}
	disk.down = false
	caller.event(ivr.Event{Kind: ivr.Spoke}).hears("goodbye")
	w.view(func(tx callback.Tx) error {
		talk, err := tx.Talk(caller.talk)
		if !talk.Closed || talk.State.Turn != caller.turn.No {
			t.Errorf("stored is %+v", talk)
		}
		return err
	})

	disk.down = true
	fresh := w.calls(eero).hears("welcome").presses("1")
	if fresh.turn.Listen == nil && fresh.turn.Connect == nil {
		t.Errorf("a new caller is left with %+v", fresh.turn)
	}
}

// A call that keeps a promise stops: nobody is dialled without a line in the
// ledger.
func TestStoreFailsWhileDialling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	disk := &broken{Store: w.Store}
	w.Store = disk
	c := w.books(aino)
	w.now = c.At
	agent := w.party(w.ring().Talk)
	disk.down = true
	if _, err := w.Next(t.Context(), agent.talk, agent.turn.No, ivr.Event{Kind: ivr.Heard, Text: "1"}); !errors.Is(err, errFull) {
		t.Errorf("the agent goes on: %v", err)
	}
	disk.down = false
	w.state(c.ID, callback.AgentReady)
}
