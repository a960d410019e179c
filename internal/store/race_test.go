package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// together runs fn n times at once and returns the errors.
func together(n int, fn func(int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	return errs
}

// count counts the errors that are want, and reports those that are neither
// that nor nil.
func count(t *testing.T, errs []error, want error) int {
	t.Helper()
	n := 0
	for _, err := range errs {
		if errors.Is(err, want) {
			n++
		} else if err != nil {
			t.Error(err)
		}
	}
	return n
}

func TestClaimsAreTakenOnce(t *testing.T) {
	t.Parallel()
	const all = 200
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		must(t, s, func(tx callback.Tx) error {
			for i := range all {
				if err := tx.AddCallback(booked(fmt.Sprintf("%03d", i))); err != nil {
					return err
				}
			}
			return nil
		})
		var mu sync.Mutex
		taken := map[string]int{}
		errs := together(4, func(worker int) error {
			for {
				mine, err := claim(t, s, fmt.Sprint("boot", worker))
				if err != nil || len(mine) == 0 {
					return err
				}
				mu.Lock()
				for _, c := range mine {
					taken[c.ID]++
				}
				mu.Unlock()
			}
		})
		count(t, errs, nil)
		if len(taken) != all {
			t.Errorf("%d of %d were claimed", len(taken), all)
		}
		for id, n := range taken {
			if n != 1 {
				t.Errorf("%s was claimed %d times", id, n)
			}
		}
	})
}

// claim takes up to 7 due callbacks in hand.
func claim(t *testing.T, s *store.Store, boot string) (mine []callback.Callback, err error) {
	err = s.Update(t.Context(), func(tx callback.Tx) error {
		var err error
		mine, err = tx.DueCallbacks(noon, 7)
		if err != nil {
			return err
		}
		for _, c := range mine {
			c.State, c.Boot = callback.Claimed, boot
			if err := tx.MoveCallback(c, callback.BookedState); err != nil {
				return err
			}
		}
		return nil
	})
	return mine, err
}

func TestNoChangeIsLost(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		must(t, s, func(tx callback.Tx) error { return tx.AddCallback(booked("1")) })
		// All read the same version, and one of them wins.
		read := booked("1")
		errs := together(20, func(i int) error {
			c := read
			c.Note = fmt.Sprint(i)
			return s.Update(t.Context(), func(tx callback.Tx) error { return tx.MoveCallback(c, callback.BookedState) })
		})
		if moved := count(t, errs, callback.ErrMoved); moved != 19 {
			t.Errorf("%d of 20 were told that somebody was first, want 19", moved)
		}
		// Who reads within the transaction loses nothing.
		errs = together(20, func(int) error {
			return s.Update(t.Context(), func(tx callback.Tx) error {
				c, err := tx.Callback("1")
				c.Attempts++
				return errors.Join(err, tx.MoveCallback(c, callback.BookedState))
			})
		})
		count(t, errs, nil)
		look(t, s, func(tx callback.Tx) error {
			c, err := tx.Callback("1")
			if c.Attempts != 20 || c.Version != 21 {
				t.Errorf("attempts %d, version %d, want 20 and 21", c.Attempts, c.Version)
			}
			return err
		})
	})
}

// Two deliveries of one event, of the first one too, are taken one after the
// other.
func TestTalkIsHeldByOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		errs := together(30, func(int) error {
			return s.Update(t.Context(), func(tx callback.Tx) error {
				k, err := tx.Talk("t1")
				if err != nil && !errors.Is(err, callback.ErrNotFound) {
					return err
				}
				k.ID = "t1"
				k.State.Turn++
				return tx.PutTalk(k)
			})
		})
		count(t, errs, nil)
		look(t, s, func(tx callback.Tx) error {
			k, err := tx.Talk("t1")
			if k.State.Turn != 30 {
				t.Errorf("turn = %d, want 30", k.State.Turn)
			}
			return err
		})
	})
}

func TestOneOpenCallbackOfANumber(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		errs := together(100, func(i int) error {
			c := booked(fmt.Sprint(i))
			c.Phone = "+358401"
			return s.Update(t.Context(), func(tx callback.Tx) error {
				if i%2 == 0 { // by way of a hold
					c.State, c.HoldUntil = callback.HeldState, noon
					if err := tx.AddCallback(c); err != nil {
						return err
					}
					c.State = callback.BookedState
					return tx.MoveCallback(c, callback.HeldState)
				}
				return tx.AddCallback(c)
			})
		})
		if got := count(t, errs, callback.ErrBooked); got != 99 {
			t.Errorf("%d of 100 were refused, want 99", got)
		}
	})
}

// Whoever reads the journal up to a number, and later what comes after it, has
// read all.
func TestJournalIsReadWithoutGaps(t *testing.T) {
	t.Parallel()
	const writers, each = 8, 40
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		done := make(chan []error)
		go func() {
			done <- together(writers, func(w int) error {
				for i := range each {
					err := s.Update(t.Context(), func(tx callback.Tx) error {
						err := tx.Record(callback.Entry{Kind: "first", Name: fmt.Sprint(w, "/", i)})
						_, err2 := tx.Blocked("+1", callback.NoCalls, noon) // something in between
						return errors.Join(err, err2, tx.Record(callback.Entry{Kind: "second", Name: fmt.Sprint(w, "/", i)}))
					})
					if err != nil {
						return err
					}
				}
				return nil
			})
		}()
		var read, last int64
		for read < 2*writers*each {
			select {
			case errs := <-done:
				count(t, errs, nil)
				done = nil
			default:
			}
			look(t, s, func(tx callback.Tx) error {
				more, err := tx.Entries(last, 50)
				for _, e := range more {
					read, last = read+1, e.Seq
				}
				if len(more) == 0 && done == nil {
					t.Fatalf("the reader missed %d of %d lines", 2*writers*each-read, 2*writers*each)
				}
				return err
			})
		}
		if done != nil {
			count(t, <-done, nil)
		}
	})
}
