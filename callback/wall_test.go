package callback_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// Who is unhappy waits for an answer until somebody writes that he has had one,
// and again when that is undone.
func TestUnhappyUntilSomebodyWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.asked(aino)
	w.reply(aino, "1", "2")
	wait := func(what string, want int) {
		t.Helper()
		w.pass(time.Second)
		if all, err := w.Unanswered(t.Context(), w.Now().Add(-time.Hour)); err != nil || len(all) != want {
			t.Errorf("%s: %+v wait, %v", what, all, err)
		}
	}
	wait("said", 1)
	w.must("anna", callback.DoNote, c, words("on the wrong row"))
	wait("written", 0)
	if _, err := w.Undo(t.Context(), c.ID, "agent:anna"); err != nil {
		t.Fatal(err)
	}
	wait("undone", 1)
	w.must("anna", callback.DoNote, c, words("spoke with her"))
	wait("written again", 0)
}

// Who is unhappy about a call that was answered at once is named as he is known from
// another time; a callback that he was asked about names him itself.
func TestUnhappyByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	err := w.Store.Update(t.Context(), func(tx callback.Tx) error {
		for id, name := range map[string]string{"a": "Aino", "b": "Aino Virtanen", "c": ""} {
			c := callback.Callback{ID: id, Queue: "billing", Phone: aino, Name: name, State: callback.CancelledState, At: w.now, DueAt: w.now, Until: w.now, UpdatedAt: w.now}
			if err := tx.AddCallback(c); err != nil {
				return err
			}
		}
		return tx.Record(callback.Entry{At: w.now, Kind: "task", Callback: "b", Phone: aino, Queue: "billing", Name: "unhappy customer", Value: "1 agent:anna"})
	})
	if err != nil {
		t.Fatal(err)
	}
	err = w.Store.Update(t.Context(), func(tx callback.Tx) error {
		c := callback.Callback{ID: "d", Queue: "billing", Phone: eero, Name: "Eero", State: callback.CancelledState, At: w.now, DueAt: w.now, Until: w.now, UpdatedAt: w.now}
		return errors.Join(tx.AddCallback(c), tx.Record(callback.Entry{At: w.now, Kind: "task", Talk: "t", Phone: eero, Queue: "billing", Name: "unhappy customer", Value: "2 agent:bo"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.Unanswered(t.Context(), w.now.Add(-time.Minute))
	if err != nil || len(all) != 2 || all[0].Name != "Aino Virtanen" || all[1].Name != "Eero" || all[1].Owner != "bo" || all[1].Score != 2 {
		t.Errorf("unhappy are %+v, %v", all, err)
	}
}
