package storetest_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store/storetest"
)

// Virtual time goes on only when every goroutine of the bubble waits for
// something of the bubble, and the bubble ends only when all have ended. So a
// store inside must neither hide a wait nor leave a goroutine behind.
func TestStoreInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := storetest.New(t)
		began := time.Now()
		done := make(chan error)
		for hour := range 24 {
			go func() {
				time.Sleep(time.Duration(hour/8) * time.Hour) //nolint:forbidigo // virtual: eight at the same moment
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				done <- s.Update(ctx, func(tx callback.Tx) error {
					return tx.Record(callback.Entry{At: time.Now(), Kind: fmt.Sprint(hour)})
				})
			}()
		}
		for range 24 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if got, want := time.Since(began), 2*time.Hour; got != want {
			t.Errorf("it took %v of virtual time, want %v", got, want)
		}
		err := s.View(t.Context(), func(tx callback.Tx) error {
			all, err := tx.Entries(0, 100)
			if len(all) != 24 {
				t.Errorf("%d entries, want 24", len(all))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
