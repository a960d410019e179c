package limits_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/limits"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// take takes one, and returns how long to wait when there is none.
func take(t *testing.T, b limits.Book, now time.Time, all ...limits.Limit) time.Duration {
	t.Helper()
	left, err := b.Take(t.Context(), now, all...)
	if err != nil {
		t.Fatal(err)
	}
	return left.Wait
}

func TestTake(t *testing.T) {
	t.Parallel()
	var m limits.Memory
	l := limits.Limit{Kind: "sign in", Of: "anna", AtOnce: 3, Every: time.Minute}
	for i, want := range []limits.Left{{2, time.Minute, 0}, {1, 2 * time.Minute, 0}, {0, 3 * time.Minute, 0}, {0, 3 * time.Minute, time.Minute}} {
		if got, _ := m.Take(t.Context(), noon, l); got != want {
			t.Errorf("take %d: %+v, want %+v", i, got, want)
		}
	}
	if wait := take(t, &m, noon.Add(59*time.Second), l); wait != time.Second {
		t.Errorf("a second too early: wait %s", wait)
	}
	if wait := take(t, &m, noon.Add(time.Minute), l); wait != 0 {
		t.Errorf("a minute later: wait %s", wait)
	}
	if left, _ := m.Take(t.Context(), noon.Add(time.Hour), l); left.N != 2 {
		t.Errorf("an hour later %d are left, want no more than at first", left.N)
	}
	if wait := take(t, &m, noon, limits.Limit{Kind: "sign in", Of: "bo", AtOnce: 3, Every: time.Minute}); wait != 0 {
		t.Error("somebody else has to wait")
	}
}

// TestAllOrNone holds that nothing is taken of one limit when another has none.
func TestAllOrNone(t *testing.T) {
	t.Parallel()
	var m limits.Memory
	one := limits.Limit{Kind: "a", Of: "x", AtOnce: 1, Every: time.Hour}
	two := limits.Limit{Kind: "b", Of: "x", AtOnce: 2, Every: time.Minute}
	if wait := take(t, &m, noon, one, two); wait != 0 {
		t.Fatalf("wait %s", wait)
	}
	for range 5 {
		if wait := take(t, &m, noon, one, two); wait != time.Hour {
			t.Fatalf("wait %s, want an hour", wait)
		}
	}
	if left, _ := m.Take(t.Context(), noon, two); left.N != 0 || left.Wait != 0 {
		t.Errorf("of the other: %+v, want the last one", left)
	}
	if err := m.Give(t.Context(), noon, one, two); err != nil {
		t.Fatal(err)
	}
	if wait := take(t, &m, noon, one, two); wait != 0 {
		t.Errorf("what was given back is not there: wait %s", wait)
	}
}

// TestFloodForgetsNoGuesser sends so many strangers that not all can be
// remembered: whoever has used up most of his tries stays known, and other
// kinds do not notice.
func TestFloodForgetsNoGuesser(t *testing.T) {
	t.Parallel()
	var m limits.Memory
	of := func(kind, who string) limits.Limit {
		return limits.Limit{Kind: kind, Of: who, AtOnce: 10, Every: time.Minute}
	}
	for range 10 {
		take(t, &m, noon, of("sign in", "guesser"))
	}
	take(t, &m, noon, limits.Limit{Kind: "codes", AtOnce: 1, Every: time.Hour})
	for i := range 50_000 {
		take(t, &m, noon, of("sign in", fmt.Sprint(i)))
	}
	if wait := take(t, &m, noon, of("sign in", "guesser")); wait == 0 {
		t.Error("the guesser is forgotten")
	}
	if wait := take(t, &m, noon, limits.Limit{Kind: "codes", AtOnce: 1, Every: time.Hour}); wait == 0 {
		t.Error("another kind is forgotten")
	}
}

func TestTogether(t *testing.T) {
	t.Parallel()
	var m limits.Memory
	var wg sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for range 50 {
		wg.Go(func() {
			left, _ := m.Take(t.Context(), noon, limits.Limit{Kind: "a", AtOnce: 7, Every: time.Minute})
			mu.Lock()
			defer mu.Unlock()
			if left.Wait == 0 {
				taken++
			}
		})
	}
	wg.Wait()
	if taken != 7 {
		t.Errorf("%d were taken, want 7", taken)
	}
}

// TestNameTellsNothing holds that what people typed is not kept as they did.
func TestNameTellsNothing(t *testing.T) {
	t.Parallel()
	a, b := limits.Limit{Kind: "k", Of: "my secret password"}, limits.Limit{Kind: "k", Of: "another"}
	if strings.Contains(a.Name(), "secret") || a.Name() == b.Name() || len(a.Name()) != 32 {
		t.Errorf("names %q and %q", a.Name(), b.Name())
	}
}
