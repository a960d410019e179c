package callback_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// mobile is the i-th of numbers that lie far apart.
func mobile(i int) callback.Phone { return callback.Phone(fmt.Sprintf("+35840%03d1234", 100+i)) }

// planted promises callbacks that are due now, to numbers that lie far apart.
func (w *world) planted(n int) {
	w.Helper()
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		for i := range n {
			c := callback.Callback{
				ID: fmt.Sprint("planted", i), Queue: "billing", Phone: mobile(i), Lang: "en", State: callback.BookedState,
				At: w.now, DueAt: w.now, Until: w.now.Add(15 * time.Minute), Zone: "Europe/Helsinki", CreatedAt: w.now, UpdatedAt: w.now,
			}
			if err := tx.AddCallback(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

// next claims the callback that is due next.
func (w *world) next() callback.Ring {
	w.Helper()
	all, err := w.Claim(w.Context(), 1)
	if err != nil || len(all) != 1 {
		w.Fatalf("%d rings, want 1, and %v", len(all), err)
	}
	return all[0]
}

// places calls the next customer who is due, and ends that call after so long;
// 0 is for nobody answers.
func (w *world) places(talked time.Duration) {
	w.Helper()
	agent, dial := w.dials(w.next())
	end := ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}
	if talked > 0 {
		w.party(dial.Talk).presses("1")
		end = ivr.Event{Kind: ivr.Spoke}
	}
	w.pass(talked)
	agent.event(end).event(ivr.Event{Kind: ivr.Gone})
	w.pass(time.Minute)
	if err := w.Sweep(w.Context()); err != nil {
		w.Fatal(err)
	}
}

func (w *world) dialing() callback.Dialing {
	w.Helper()
	now, err := w.Dialing(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return now
}

// What was stopped stays so in another process. Promises are not lost: their
// customers are told once that we are late, and no time that nobody knows.
func TestStopDialing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.texts()
	if err := w.StopDialing(t.Context(), "operator", "trunk is being changed"); err != nil {
		t.Fatal(err)
	}
	w.now = c.At
	w = worldOn(t, w.Store, "boot-2", func(*callback.Config) {})
	w.now = c.At
	w.rings(0)
	if got := w.dialing(); !got.Stopped || got.Why != "trunk is being changed" || got.Actor != "operator" {
		t.Errorf("dialing is %+v", got)
	}
	for range 4 * 50 { // more than a day after which it would be given up
		w.pass(15 * time.Minute)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.wantTexts() // the one text that says we are late has lost its meaning by now
	if n := w.journalled("promise.broken", "dialling was stopped"); n != 1 {
		t.Errorf("the promise was broken %d times", n)
	}
	w.at("12:00")
	w.state(c.ID, callback.BookedState)
	if err := w.StartDialing(t.Context(), "operator"); err != nil {
		t.Fatal(err)
	}
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.rings(1)
}

// A customer is told that we are late, but no new time.
func TestLateWhileStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.texts()
	if err := w.StopDialing(t.Context(), "operator", ""); err != nil {
		t.Fatal(err)
	}
	w.now = c.Until
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantTexts("text_halted")
}

// Who waits for another try does not lose it while nobody can try.
func TestRetryWhileStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	w.places(0)
	w.state(c.ID, callback.RetryWait)
	if err := w.StopDialing(t.Context(), "operator", ""); err != nil {
		t.Fatal(err)
	}
	w.pass(5 * 24 * time.Hour)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.state(c.ID, callback.RetryWait)
}

// A customer who is about to be dialled is not, when dialling is stopped while
// the agent's telephone rings.
func TestStopBeforeTheCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	r := w.rings(1)[0]
	if err := w.StopDialing(t.Context(), "operator", ""); err != nil {
		t.Fatal(err)
	}
	agent := w.party(r.Talk).hears("callback_due").presses("1")
	if agent.turn.Connect != nil {
		t.Fatalf("rings %s", agent.turn.Connect.Addr)
	}
	w.state(c.ID, callback.BookedState)
	if n := w.journalled("callback.customer_dialing", ""); n != 0 {
		t.Errorf("%d customers were dialled", n)
	}
}

// While dialling is stopped no look is taken at all those who are due.
func TestNobodyIsLookedForInVain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.planted(2)
	read := &reading{Store: w.Store}
	w.Store = read
	if err := w.StopDialing(t.Context(), "operator", ""); err != nil {
		t.Fatal(err)
	}
	w.rings(0)
	if read.due > 0 {
		t.Errorf("looked %d times who is due", read.due)
	}
	if err := w.StartDialing(t.Context(), "operator"); err != nil {
		t.Fatal(err)
	}
	if w.rings(2); read.due == 0 {
		t.Error("nobody has looked who is due")
	}
}
