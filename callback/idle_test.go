package callback_test

import (
	"context"
	"testing"

	"github.com/holdless/holdless/callback"
)

// writes counts how often a desk asks to write.
type writes struct {
	callback.Store
	n int
}

func (w *writes) Update(ctx context.Context, fn func(callback.Tx) error) error {
	w.n++
	return w.Store.Update(ctx, fn)
}

// A desk that looks for work every second, and finds none, keeps no writer
// waiting.
func TestLookingForWorkWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := w.books(aino)
	w.texts()
	count := &writes{Store: w.Store}
	w.Store = count
	w.rings(0)
	if sent, err := w.ClaimMessages(t.Context(), 10); err != nil || len(sent) > 0 {
		t.Fatalf("texts %v, %v", sent, err)
	}
	if count.n > 0 {
		t.Errorf("nothing is due, and it wrote %d times", count.n)
	}
	w.now = c.At
	w.rings(1)
	if count.n == 0 {
		t.Error("a call was claimed without a word to the store")
	}
}
