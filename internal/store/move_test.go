package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// All that SQLite had is in PostgreSQL afterwards, and what is new follows it.
func TestMove(t *testing.T) {
	t.Parallel()
	from := store.Config{Dir: t.TempDir(), Patience: time.Minute}
	to := store.Config{Database: storetest.Postgres(t), Patience: time.Minute}
	s, err := store.Open(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	must(t, s, remembered)
	before := everything(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	n, err := store.Move(t.Context(), from, to)
	if err != nil || n < 20 {
		t.Fatalf("%d rows, %v", n, err)
	}
	moved, err := store.Open(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	defer moved.Close()
	same(t, everything(t, moved), before)
	must(t, moved, func(tx callback.Tx) error {
		return errors.Join(
			tx.Record(callback.Entry{At: noon, Kind: "after"}), tx.PutTalk(callback.Talk{ID: "after", Line: "sip"}),
			tx.AddMessage(callback.Message{ID: "after"}))
	})
	look(t, moved, func(tx callback.Tx) error {
		all, err := tx.Entries(int64(len(before.entries)), 10)
		if len(all) != 1 || all[0].Kind != "after" {
			t.Errorf("the journal goes on with %+v", all)
		}
		return err
	})
	if _, err := store.Move(t.Context(), from, to); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("moved twice: %v", err)
	}
	for _, wrong := range []struct{ from, to store.Config }{{to, to}, {from, from}} {
		if _, err := store.Move(t.Context(), wrong.from, wrong.to); err == nil {
			t.Error("moved from PostgreSQL, or to SQLite")
		}
	}
}

// kept is what can be asked of a store.
type kept struct {
	callbacks []callback.Callback
	attempt   callback.Attempt
	talk      callback.Talk
	messages  []callback.Message
	entries   []callback.Entry
	figures   feedback.Figures
}

func everything(t *testing.T, s *store.Store) (all kept) {
	t.Helper()
	look(t, s, func(tx callback.Tx) error {
		var errs [5]error
		all.callbacks, errs[0] = tx.FindCallbacks(callback.Filter{})
		all.attempt, errs[1] = tx.Attempt("ref1")
		all.talk, errs[2] = tx.Talk("t3")
		all.messages, errs[3] = tx.MessagesTo("", 100)
		all.entries, errs[4] = tx.Entries(0, 1000)
		return errors.Join(errs[:]...)
	})
	all.figures = figures(t, s, callback.FigureFilter{From: noon.Add(-time.Hour), To: noon.Add(time.Hour), Now: noon.Add(30 * 24 * time.Hour)})
	return all
}
