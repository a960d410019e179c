package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/limits"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// twoDesks opens one database twice, as two processes do; on SQLite there is
// only one.
func twoDesks(t *testing.T, cfg store.Config) []limits.Book {
	t.Helper()
	open := func() limits.Book {
		s, err := store.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() }) // its database goes with the test
		return s.Limits()
	}
	if cfg.Database == "" {
		one := open()
		return []limits.Book{one, one}
	}
	return []limits.Book{open(), open()}
}

func waitOf(t *testing.T, b limits.Book, now time.Time, all ...limits.Limit) time.Duration {
	t.Helper()
	left, err := b.Take(t.Context(), now, all...)
	if err != nil {
		t.Fatal(err)
	}
	return left.Wait
}

// TestLimitsHoldTogether has two desks let somebody try at once: together they
// allow no more than one of them would.
func TestLimitsHoldTogether(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		desks, now := twoDesks(t, cfg), time.Now()
		account := limits.Limit{Kind: "account", Of: "anna", AtOnce: 10, Every: time.Minute}
		var wg sync.WaitGroup
		got := make([]time.Duration, 40)
		for i := range got {
			wg.Go(func() {
				address := limits.Limit{Kind: "address", Of: string(rune('a' + i)), AtOnce: 10, Every: time.Minute}
				got[i] = waitOf(t, desks[i%2], now, account, address)
			})
		}
		wg.Wait()
		allowed := 0
		for _, wait := range got {
			switch wait {
			case 0:
				allowed++
			case time.Minute:
			default:
				t.Errorf("somebody waits %s, want a minute", wait)
			}
		}
		if allowed != 10 {
			t.Errorf("%d tries were allowed together, want 10", allowed)
		}
		if wait := waitOf(t, desks[1], now.Add(time.Minute), account); wait != 0 {
			t.Errorf("a minute later: wait %s", wait)
		}
		if wait := waitOf(t, desks[0], now.Add(time.Minute), account); wait == 0 {
			t.Error("the other desk gives the same try once more")
		}
	})
}

// TestLimitsAllOrNone holds that who is refused by one limit has used up none of
// the other, and that what is given back is there on the other desk.
func TestLimitsAllOrNone(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		desks, now := twoDesks(t, cfg), time.Now()
		one := limits.Limit{Kind: "one", AtOnce: 1, Every: time.Hour}
		two := limits.Limit{Kind: "two", AtOnce: 2, Every: time.Minute}
		if wait := waitOf(t, desks[0], now, one, two); wait != 0 {
			t.Fatalf("wait %s", wait)
		}
		for range 3 {
			if wait := waitOf(t, desks[1], now, two, one); wait != time.Hour {
				t.Fatalf("wait %s, want an hour", wait)
			}
		}
		left, err := desks[0].Take(t.Context(), now, two)
		if want := (limits.Left{Full: 2 * time.Minute}); err != nil || left != want {
			t.Errorf("of the other: %+v, %v, want %+v", left, err, want)
		}
		if err := desks[0].Give(t.Context(), now, one, two); err != nil {
			t.Fatal(err)
		}
		if wait := waitOf(t, desks[1], now, one, two); wait != 0 {
			t.Errorf("what was given back is not there: wait %s", wait)
		}
	})
}

// TestLimitsWaitForTheDatabase has somebody ask while another process holds the
// row, and takes by a later clock: he is not refused for having waited.
func TestLimitsWaitForTheDatabase(t *testing.T) {
	t.Parallel()
	cfg := store.Config{Database: storetest.Postgres(t), Patience: 5 * time.Minute}
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // its database goes with the test
	book, l := s.Limits(), limits.Limit{Kind: "requests", Of: "key", AtOnce: 2, Every: 50 * time.Millisecond}
	asked := time.Now()
	waitOf(t, book, asked, l)
	held, let, ended := make(chan error, 1), make(chan struct{}), make(chan error, 1)
	go func() { ended <- s.HoldAllowances(t.Context(), held, let) }()
	if err := <-held; err != nil {
		t.Fatal(err)
	}
	got := make(chan limits.Left, 1)
	began := time.Now()
	go func() {
		left, err := book.Take(t.Context(), began, l)
		if err != nil {
			t.Error(err)
		}
		got <- left
	}()
	<-time.After(500 * time.Millisecond) // so late is the clock of the other by then
	close(let)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if left := <-got; left.Wait != 0 {
		t.Errorf("who waited for the database has to wait %s more", left.Wait)
	}
}

// TestLimitsAreForgotten holds that who has all his tries again takes no room.
func TestLimitsAreForgotten(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), store.Config{Database: storetest.Postgres(t), Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // its database goes with the test
	book, now := s.Limits(), time.Now()
	for i := range 20 {
		waitOf(t, book, now, limits.Limit{Kind: "a", Of: string(rune('a' + i)), AtOnce: 2, Every: time.Second})
	}
	waitOf(t, book, now, limits.Limit{Kind: "slow", AtOnce: 2, Every: time.Hour})
	waitOf(t, book, now.Add(5*time.Minute), limits.Limit{Kind: "later", AtOnce: 2, Every: time.Second})
	if n, err := s.Rows(t.Context(), "allowance"); err != nil || n != 2 {
		t.Errorf("%d limits are kept, %v, want the slow one and the new one", n, err)
	}
}
