package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// Who is promised a call and stands in line when it is due is served there: his
// telephone is busy.
func TestPromiseWaitsForWhoStandsInLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLine)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := w.books(aino)
	w.now = c.At.Add(-2 * time.Minute)
	for _, from := range []callback.Phone{"+358401110001", "+358401110002"} {
		w.party(w.calls(from).presses("0").connect().Talk).presses("1")
	}
	p := w.calls(aino).presses("0").hears("next_in_line")
	w.now = c.Until.Add(-6 * time.Minute) // it goes before who waits in line
	w.frees("anna")
	w.frees("bo")
	w.rings(0)
	p.called(true).connect()
}

// At the end of its window the promise is kept all the same.
func TestPromiseWaitsNoLongerThanItsWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLine)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := w.books(aino)
	err := w.Store.Update(t.Context(), func(tx callback.Tx) error {
		return tx.PutWaiter(callback.Waiter{Talk: "ghost", Queue: "billing", Phone: aino, Place: w.now, Came: w.now, Seen: w.now})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.now = c.At
	w.rings(0)
	w.now = c.Until
	w.rings(1)
}

// Who speaks with an agent of ours is asked for every twenty seconds, and called at the
// end of his window all the same: the promise says so.
func TestPromiseWaitsForWhoSpeaks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := w.books(aino)
	w.now = c.At
	w.party(w.calls(aino).presses("0").connect().Talk).presses("1")
	for _, at := range []time.Time{c.At, c.Until.Add(-20 * time.Second)} {
		w.now = at
		w.rings(0)
		if due := w.state(c.ID, callback.BookedState).DueAt; !due.Equal(at.Add(20 * time.Second)) {
			t.Errorf("at %s he is asked for again at %s", at, due)
		}
	}
	w.now = c.Until
	w.rings(1)
}
