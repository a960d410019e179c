package callback_test

import (
	"context"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// An overtaken is a store in which something happens once, right after a sweep has
// looked for what is to be foreseen.
type overtaken struct {
	callback.Store
	now  func() time.Time
	then func()
}

type overtakenTx struct {
	callback.Tx
	of   *overtaken
	look *bool
}

func (o *overtaken) View(ctx context.Context, fn func(callback.Tx) error) error {
	look := false
	err := o.Store.View(ctx, func(tx callback.Tx) error { return fn(overtakenTx{tx, o, &look}) })
	if then := o.then; look && then != nil {
		o.then = nil
		then()
	}
	return err
}

func (o overtakenTx) FindCallbacks(f callback.Filter) ([]callback.Callback, error) {
	*o.look = *o.look || f.To.After(o.of.now())
	return o.Tx.FindCallbacks(f)
}

// What has changed since the sweep looked is left to the next one.
func TestNothingIsForeseenOfWhatHasChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.offline()
	w.texts()
	w.now = c.Until.Add(-6 * time.Minute)
	store := &overtaken{Store: w.Store, now: w.Now, then: func() {
		if err := w.Cancel(w.Context(), c.ID, "operator"); err != nil {
			t.Fatal(err)
		}
	}}
	w.Store = store
	w.sweeps()
	if store.then != nil {
		t.Fatal("nothing has changed")
	}
	w.wantTexts("text_cancelled")
}
