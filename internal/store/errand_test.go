package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// TestErrands holds that errands are taken by the process they are for, once, and
// while they are new; and that those of dead processes alone are dropped.
func TestErrands(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Now()
		asked := callback.Errand{ID: "e1", Boot: "b1", Agent: "anna", Talk: "t1", Do: callback.PutThrough, To: "bo", At: now, State: callback.ErrandAsked}
		must(t, s, func(tx callback.Tx) error {
			other := asked
			other.ID, other.Boot = "e2", "b2"
			return errors.Join(tx.AddErrand(asked), tx.AddErrand(other))
		})
		must(t, s, func(tx callback.Tx) error {
			none, err := tx.TakeErrands("b1", now, -time.Hour) // before it was asked
			all, err2 := tx.TakeErrands("b1", now, time.Hour)
			again, err3 := tx.TakeErrands("b1", now, time.Hour)
			if len(none) != 0 || len(all) != 1 || len(again) != 0 {
				t.Fatalf("taken %v, %v, %v", none, all, again)
			}
			asked.State, asked.At = callback.ErrandTaken, all[0].At
			same(t, all[0], asked)
			wantErr(t, tx.MoveErrand("e1", callback.ErrandAsked, "missed"), callback.ErrMoved)
			return errors.Join(err, err2, err3)
		})
		must(t, s, func(tx callback.Tx) error {
			return errors.Join(tx.Beat(callback.Node{Boot: "b2", SeenAt: now}), tx.Beat(callback.Node{Boot: "b2", SeenAt: now, DeadAt: now}),
				tx.DropErrands(callback.ErrandTaken, "interrupted"), tx.DropErrands(callback.ErrandAsked, "missed"))
		})
		look(t, s, func(tx callback.Tx) error {
			one, err := tx.Errand("e1")
			same(t, one, asked)
			two, err2 := tx.Errand("e2")
			if two.State != "missed" || two.To != "" {
				t.Errorf("of a dead process: %+v", two)
			}
			_, none := tx.Errand("e3")
			wantErr(t, none, callback.ErrNotFound)
			return errors.Join(err, err2)
		})
	})
}
