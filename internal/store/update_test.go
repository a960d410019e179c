package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

func TestRollbackLeavesNothing(t *testing.T) {
	t.Parallel()
	errOops := errors.New("oops")
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		everything := func(tx callback.Tx) error {
			_, err := tx.LockSlot("billing", noon, 3)
			return errors.Join(err, tx.AddCallback(booked("1")), tx.PutTalk(callback.Talk{ID: "t1"}),
				tx.AddAttempt(callback.Attempt{Callback: "1", Ref: "r1", Leg: callback.AgentLeg}),
				tx.AddMessage(callback.Message{ID: "m1"}), tx.PutStatus(callback.Status{Agent: "anna"}),
				tx.Beat(callback.Node{Boot: "b1"}), tx.Block("+1", callback.NoCalls, time.Time{}),
				tx.AddText(callback.InText{Line: "l", ID: "1"}, noon), tx.Record(callback.Entry{Kind: "k"}))
		}
		wantErr(t, s.Update(t.Context(), func(tx callback.Tx) error {
			return errors.Join(everything(tx), errOops)
		}), errOops)
		func() {
			defer func() { _ = recover() }()
			_ = s.Update(t.Context(), func(tx callback.Tx) error { panic(everything(tx)) })
		}()
		look(t, s, func(tx callback.Tx) error {
			_, err := tx.Callback("1")
			wantErr(t, err, callback.ErrNotFound)
			_, err = tx.Talk("t1")
			wantErr(t, err, callback.ErrNotFound)
			journal, err := tx.Entries(0, 1)
			if len(journal) != 0 {
				t.Errorf("journal = %v", journal)
			}
			return err
		})
		must(t, s, everything) // no key is left over, and nobody holds a lock
	})
}

// What went wrong in the database is told, even when fn makes light of it.
func TestBrokenTransactionDoesNotLand(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		err := s.Update(t.Context(), func(tx callback.Tx) error {
			nonsense := booked("1")
			nonsense.State = "nonsense"
			_ = tx.AddCallback(nonsense)
			return nil
		})
		if err == nil {
			t.Error("a state that is none was stored")
		}
	})
}

func TestViewCannotWrite(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		err := s.View(t.Context(), func(tx callback.Tx) error { return tx.AddCallback(booked("1")) })
		if err == nil {
			t.Error("a View has written")
		}
		look(t, s, func(tx callback.Tx) error {
			before, err := tx.FindCallbacks(callback.Filter{})
			must(t, s, func(tx callback.Tx) error { return tx.AddCallback(booked("2")) })
			after, err2 := tx.FindCallbacks(callback.Filter{})
			if len(before) != 0 || len(after) != 0 {
				t.Errorf("a View saw %d and then %d callbacks, want one moment", len(before), len(after))
			}
			return errors.Join(err, err2)
		})
	})
}
