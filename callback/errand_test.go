package callback_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// beside is two processes on one store, of which the first carries a call of Anna's.
func beside(t *testing.T, s *store.Store) (carries, shows *world) {
	t.Helper()
	carries, shows = worldOn(t, s, "boot-1"), worldOn(t, s, "boot-2")
	carries.Alone, shows.Alone = false, false
	if err := carries.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	carries.puts("anna", callback.OnCall, "talk-1")
	return carries, shows
}

func (w *world) sendsErrand(e callback.Errand) string {
	w.Helper()
	id, err := w.Ask(w.Context(), e)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *world) answered(id string, over bool, want error) {
	w.Helper()
	if done, err := w.Answered(w.Context(), id); done != over || !errors.Is(err, want) {
		w.Errorf("over %v, %v; want %v, %v", done, err, over, want)
	}
}

// TestErrand holds that an errand reaches the process that carries the call, once,
// and that who has asked is told how it ended.
func TestErrand(t *testing.T) {
	t.Parallel()
	for _, end := range []error{
		nil, callback.ErrNoCall, callback.ErrOtherLine, callback.ErrUnlisted, callback.ErrNobodyFree, callback.ErrForbidden,
	} {
		carries, shows := beside(t, storetest.New(t))
		id := shows.sendsErrand(callback.Errand{Agent: "anna", Do: callback.SpeakFirst, To: "bo"})
		shows.answered(id, false, nil)
		if all, err := shows.TakeErrands(t.Context()); len(all) > 0 || err != nil {
			t.Errorf("taken by who carries nothing: %v, %v", all, err)
		}
		all, err := carries.TakeErrands(t.Context())
		if err != nil || len(all) != 1 || all[0].ID != id || all[0].Talk != "talk-1" || all[0].Do != callback.SpeakFirst || all[0].To != "bo" {
			t.Fatalf("taken %+v, %v", all, err)
		}
		if again, err := carries.TakeErrands(t.Context()); len(again) > 0 || err != nil {
			t.Errorf("taken twice: %v, %v", again, err)
		}
		if err := shows.Withdraw(t.Context(), id); err != nil { // too late
			t.Fatal(err)
		}
		shows.answered(id, false, nil)
		if err := carries.EndErrand(t.Context(), id, end); err != nil {
			t.Fatal(err)
		}
		shows.answered(id, true, end)
	}
}

// TestErrandIsRefined holds that who has asked hears why, and no less: a number that
// is not listed is not just any place.
func TestErrandIsRefined(t *testing.T) {
	t.Parallel()
	carries, shows := beside(t, storetest.New(t))
	for end, not := range map[error]error{callback.ErrForbidden: callback.ErrUnlisted, errors.New("no sound"): callback.ErrForbidden} {
		id := shows.sendsErrand(callback.Errand{Agent: "anna", Do: callback.PutThrough, To: "x"})
		if _, err := carries.TakeErrands(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := carries.EndErrand(t.Context(), id, fmt.Errorf("put through: %w", end)); err != nil {
			t.Fatal(err)
		}
		if over, err := shows.Answered(t.Context(), id); !over || err == nil || errors.Is(err, not) {
			t.Errorf("%v became %v", end, err)
		}
	}
}

// TestNoErrand holds that nobody is asked in vain: there is no call, or no other
// process that lives has it.
func TestNoErrand(t *testing.T) {
	t.Parallel()
	carries, shows := beside(t, storetest.New(t))
	for _, tt := range []struct {
		name  string
		asked *world
		agent string
		want  error
	}{
		{"no call", shows, "bo", callback.ErrNoCall},
		{"its own call", carries, "anna", callback.ErrOtherLine},
	} {
		if _, err := tt.asked.Ask(t.Context(), callback.Errand{Agent: tt.agent, Do: callback.TakeBack}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	shows.now = shows.now.Add(time.Minute)
	if err := shows.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	carries.puts("anna", callback.OnCall, "talk-1") // as nobody has noticed yet
	if _, err := shows.Ask(t.Context(), callback.Errand{Agent: "anna", Do: callback.TakeBack}); !errors.Is(err, callback.ErrOtherLine) {
		t.Errorf("of a dead process: %v", err)
	}
}

// TestErrandsEnd holds that an errand has an end whatever becomes of the process: one
// that it has not heard of is not done later, and one that it was at when it died may
// have been done.
func TestErrandsEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		what  func(carries, shows *world, id string) error
		over  bool
		want  error
		taken int // afterwards
	}{
		{"withdrawn", func(_, shows *world, id string) error { return shows.Withdraw(shows.Context(), id) }, true, callback.ErrUnreached, 0},
		{"too old", func(carries, _ *world, _ string) error { carries.pass(time.Minute); return nil }, false, nil, 0},
		{"died before", func(_, shows *world, _ string) error { return shows.outlives() }, true, callback.ErrUnreached, 0},
		{"died while it was at it", func(carries, shows *world, _ string) error {
			_, err := carries.TakeErrands(carries.Context())
			return errors.Join(err, shows.outlives())
		}, true, callback.ErrUnclear, 0},
		{"ended while it was at it", func(carries, _ *world, id string) error {
			_, err := carries.TakeErrands(carries.Context())
			return errors.Join(err, carries.EndErrand(carries.Context(), id, context.Canceled))
		}, true, callback.ErrUnclear, 0},
		{"nothing", func(_, _ *world, _ string) error { return nil }, false, nil, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			carries, shows := beside(t, storetest.New(t))
			id := shows.sendsErrand(callback.Errand{Agent: "anna", Do: callback.PutThrough, To: "bo"})
			if err := tt.what(carries, shows, id); err != nil {
				t.Fatal(err)
			}
			shows.answered(id, tt.over, tt.want)
			if all, err := carries.TakeErrands(t.Context()); len(all) != tt.taken || err != nil {
				t.Errorf("taken afterwards: %v, %v", all, err)
			}
		})
	}
}

// outlives has the other process be silent for too long.
func (w *world) outlives() error {
	w.pass(time.Minute)
	return w.Recover(w.Context())
}

// TestErrandRaces holds that of taking an errand and withdrawing it exactly one
// happens, whoever is quicker.
func TestErrandRaces(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		carries, shows := beside(t, s)
		for range 20 {
			id := shows.sendsErrand(callback.Errand{Agent: "anna", Do: callback.JoinBoth})
			var all sync.WaitGroup
			var mu sync.Mutex
			taken := 0
			for range 2 {
				all.Go(func() {
					got, err := carries.TakeErrands(context.WithoutCancel(t.Context()))
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					taken += len(got)
					mu.Unlock()
				})
			}
			all.Go(func() {
				if err := shows.Withdraw(context.WithoutCancel(t.Context()), id); err != nil {
					t.Error(err)
				}
			})
			all.Wait()
			withdrawn, err := shows.Answered(t.Context(), id)
			if withdrawn == (taken == 1) || taken > 1 || withdrawn && !errors.Is(err, callback.ErrUnreached) {
				t.Fatalf("taken %d times, withdrawn %v, %v", taken, withdrawn, err)
			}
		}
	})
}

// What agents ask for is not done by a process that could not take it: who has asked
// is told so.
func TestErrandThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	carries, shows := beside(t, storetest.New(t))
	id := shows.sendsErrand(callback.Errand{Agent: "anna", Do: callback.JoinBoth})
	whole := carries.Store
	carries.Store = undone{whole}
	if all, err := carries.TakeErrands(t.Context()); len(all) > 0 || err == nil {
		t.Errorf("taken %v, %v", all, err)
	}
	if err := shows.Withdraw(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	shows.answered(id, true, callback.ErrUnreached)
}
