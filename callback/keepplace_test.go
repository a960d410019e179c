package callback_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A full is a store that has no room for another callback.
type full struct {
	callback.Store
	err error
}

type fullTx struct {
	callback.Tx
	err error
}

func (f *full) Update(ctx context.Context, do func(callback.Tx) error) error {
	return f.Store.Update(ctx, func(tx callback.Tx) error { return do(fullTx{tx, f.err}) })
}

// AddCallback fails.
func (f fullTx) AddCallback(c callback.Callback) error {
	if f.err != nil {
		return f.err
	}
	return f.Tx.AddCallback(c)
}

// place is since when a party stands in line; zero when it does not.
func (w *world) place(p *party) time.Time {
	w.Helper()
	var since time.Time
	w.view(func(tx callback.Tx) error {
		in, err := tx.Waiter(p.talk)
		since = in.Place
		if errors.Is(err, callback.ErrNotFound) {
			return nil
		}
		return err
	})
	return since
}

// Who takes a callback instead of waiting leaves the line only when it is
// promised: while that cannot be written, he is told no such thing, has the
// place that he had, and is put through when it is his turn.
func TestPlaceIsLeftForAPromiseOnly(t *testing.T) {
	t.Parallel()
	for key, rest := range map[string][]string{
		"1": {"1"},      // when it is his turn, at this number
		"2": {"1", "1"}, // at a time that he chooses, at this number
	} {
		t.Run("key "+key, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withLine)
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.takesOver("anna") // with whom, the process does not know without the store
			w.takesOver("bo")
			store := &full{Store: w.Store}
			w.Store = store
			p := w.calls(aino).presses("0", key)
			before := w.place(p)
			store.err = errors.New("disk is full")
			w.pass(time.Second)
			p.presses("1").hears("sorry")
			store.err = nil
			w.wantTexts()
			if n := w.journalled("line.kept", "") + w.journalled("callback.booked", ""); n != 0 {
				t.Errorf("%d lines of a promise that is none", n)
			}
			if after := w.place(p); before.IsZero() || !after.Equal(before) {
				t.Errorf("he had the place of %s, and has that of %s", before, after)
			}
			p.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}).hears("next_in_line")
			p.presses(append([]string{key}, rest...)...) // again, and now it can be written
			w.wantTexts(map[string]string{"1": "text_placed", "2": "text_booked"}[key])
			if after := w.place(p); !after.IsZero() {
				t.Errorf("he still stands in line, since %s", after)
			}
		})
	}
}
