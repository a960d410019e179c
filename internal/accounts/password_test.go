package accounts_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/holdless/holdless/internal/accounts"
)

// A stored hash says what it cost: 19 MiB and two passes of argon2id.
func TestCostOfAHash(t *testing.T) {
	t.Parallel()
	var g accounts.Registry
	one, err := g.HashOf(t.Context(), good)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %s", one)
	}
	if two, err := g.HashOf(t.Context(), good); err != nil || two == one {
		t.Errorf("two hashes of one password are the same: %s, %v", two, err)
	}
}

// Two passwords are hashed at once. The third waits for its turn, and no longer
// than whoever asked.
func TestHashersAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g accounts.Registry
		var places []func()
		for done, ok := g.Hashing(); ok && len(places) < 10; done, ok = g.Hashing() {
			places = append(places, done)
		}
		if len(places) != 2 {
			t.Fatalf("%d passwords are hashed at once, want 2", len(places))
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := g.HashOf(gone, good); !errors.Is(err, context.Canceled) {
			t.Errorf("hashed for who has left: %v", err)
		}
		hashed := make(chan error, 1)
		go func() {
			_, err := g.HashOf(t.Context(), good)
			hashed <- err
		}()
		synctest.Wait()
		if len(hashed) != 0 {
			t.Error("a third is hashed beside two others")
		}
		places[0]()
		if err := <-hashed; err != nil {
			t.Error(err)
		}
		if _, ok := g.Hashing(); !ok {
			t.Error("whose password is hashed keeps the place of others")
		}
	})
}
