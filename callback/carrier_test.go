package callback_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/holdless/holdless/callback"
)

// However many orders to send a call arrive at once, one call leaves.
func TestSendOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.books(aino)
	w.at("12:15")
	_, dial := w.dials(w.rings(1)[0])
	var sent atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			first, err := w.Send(t.Context(), dial.Ref)
			if err != nil {
				t.Error(err)
			}
			if first {
				sent.Add(1)
			}
		})
	}
	all.Wait()
	if got := sent.Load(); got != 1 {
		t.Errorf("%d may send, want 1", got)
	}
}

func TestPlaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.books(aino)
	w.at("12:15")
	r := w.rings(1)[0]
	for range 2 {
		if err := w.Placed(t.Context(), r.Ref, "CA1"); err != nil {
			t.Fatal(err)
		}
	}
	a, err := w.Attempt(t.Context(), r.Ref)
	if err != nil || a.Provider != "CA1" {
		t.Errorf("attempt is %+v, %v", a, err)
	}
	talk, err := w.Talk(t.Context(), r.Talk)
	if err != nil || talk.Attempt != r.Ref {
		t.Errorf("talk is %+v, %v", talk, err)
	}
	if _, err := w.Talk(t.Context(), "none"); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("got %v, want not found", err)
	}
}
