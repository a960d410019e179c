package sms

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
)

// All texts together leave no faster than per_second, whoever they are for, and
// none waits past its lease.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Config{PerSecond: 10}, Ports{Now: time.Now})
		began := time.Now()
		for range 21 {
			if err := g.wait(t.Context(), callback.Message{To: "+358401234567"}); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("21 texts took %s", took)
		}
		slow := newGate(Config{PerSecond: 0.001}, Ports{Now: time.Now})
		leased := callback.Message{Lease: time.Now().Add(time.Minute)}
		if err := slow.wait(t.Context(), leased); err != nil {
			t.Fatal(err)
		}
		if err := slow.wait(context.Background(), leased); err == nil || time.Since(began) > 3*time.Second {
			t.Errorf("waited %s past the lease, %v", time.Since(began), err)
		}
	})
}
