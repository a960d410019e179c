package callback_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// cluster is two processes on one store.
func cluster(t *testing.T, s *store.Store) [2]*world {
	t.Helper()
	edit := func(c *callback.Config) { c.Callbacks.Texts = 3 }
	return [2]*world{worldOn(t, s, "boot-1", edit), worldOn(t, s, "boot-2", edit)}
}

// texted puts texts into the outbox that are due.
func (w *world) texted(to func(i int) callback.Phone, n int) {
	w.Helper()
	for i := range n {
		m := callback.Message{
			ID: fmt.Sprint("m", i), Kind: callback.TextKind, Key: fmt.Sprint("text_booked:", i), To: string(to(i)), Body: "x",
			DueAt: w.now, Until: w.now.Add(8 * time.Hour),
		}
		if err := w.Store.Update(w.Context(), func(tx callback.Tx) error { return tx.AddMessage(m) }); err != nil {
			w.Fatal(err)
		}
	}
}

// claimed is what both processes take of the outbox at once, so many at a time,
// until nothing is left for now.
func claimed(all [2]*world, n int) []callback.Message {
	var mu sync.Mutex
	var got []callback.Message
	var both sync.WaitGroup
	for _, w := range all {
		both.Go(func() {
			for empty := 0; empty < 2; {
				some, err := w.ClaimMessages(context.WithoutCancel(w.Context()), n)
				if err != nil {
					w.Error(err)
					return
				}
				if len(some) == 0 {
					empty++
				}
				mu.Lock()
				got = append(got, some...)
				mu.Unlock()
			}
		})
	}
	both.Wait()
	return got
}

// All texts together leave no faster than the pace, however many processes send
// them, and each leaves soon after it was claimed.
func TestTextsKeepOnePace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		all := cluster(t, s)
		const texts, perSecond = 50, 10
		all[0].texted(func(i int) callback.Phone { return callback.Phone(fmt.Sprintf("+35840123%04d", i)) }, texts)
		var leave []time.Time
		for round := 0; len(leave) < texts && round < 10; round++ {
			for _, w := range all {
				w.TextsPerSecond = perSecond
				w.pass(2 * time.Second)
			}
			for _, m := range claimed(all, 8) {
				if wait := m.Leaves.Sub(all[0].now); wait < 0 || wait > 2*time.Second {
					t.Errorf("a text that was claimed leaves in %s", wait)
				}
				leave = append(leave, m.Leaves)
			}
		}
		slices.SortFunc(leave, time.Time.Compare)
		if len(leave) != texts {
			t.Fatalf("%d texts left", len(leave))
		}
		for i := 1; i < texts; i++ {
			if apart := leave[i].Sub(leave[i-1]); apart < time.Second/perSecond {
				t.Errorf("texts %d and %d leave %s apart", i-1, i, apart)
			}
		}
	})
}

// One person gets so many texts in a day, though several processes send them at
// once.
func TestTooManyTextsOfTwoProcesses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		all := cluster(t, s)
		all[0].texted(func(int) callback.Phone { return aino }, 12)
		if got := claimed(all, 1); len(got) != 3 {
			t.Errorf("%d texts leave", len(got))
		}
	})
}
