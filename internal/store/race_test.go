package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

var errFull = errors.New("no seat")

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

// seat takes a seat of the slot at noon, as the desk does.
func seat(tx callback.Tx, c callback.Callback, now time.Time) error {
	capacity, err := tx.LockSlot(c.Queue, noon, 37)
	if err != nil {
		return err
	}
	taken, err := tx.CountSlots(c.Queue, noon, noon.Add(time.Millisecond), now)
	if err != nil {
		return err
	}
	if taken[noon.UnixMilli()] >= capacity {
		return errFull
	}
	return tx.AddCallback(c)
}

func TestSeatsAreNeverOversold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for round := range 5 {
			queue := fmt.Sprint("queue", round)
			errs := together(200, func(i int) error {
				c := booked(fmt.Sprint(round, "-", i))
				c.Queue, c.Phone = queue, callback.Phone(fmt.Sprint("+358", i))
				return s.Update(t.Context(), func(tx callback.Tx) error { return seat(tx, c, noon) })
			})
			if full := count(t, errs, errFull); full != 200-37 {
				t.Errorf("round %d: %d of 200 were refused, want 163", round, full)
			}
			look(t, s, func(tx callback.Tx) error {
				taken, err := tx.CountSlots(queue, noon, noon.Add(time.Millisecond), noon)
				if got := taken[noon.UnixMilli()]; got != 37 {
					t.Errorf("round %d: %d seats taken, want 37", round, got)
				}
				return err
			})
		}
	})
}

// Callers hold a seat, some hang up, some confirm, and the clocks of the
// processes differ by 30 ms. Who counts a hold counts it some time longer than
// who confirms it; and who confirms looks at the clock when he has the slot:
// a look before the wait for it oversells.
func TestHoldsWithClocksApart(t *testing.T) {
	t.Parallel()
	const grace = 100 * time.Millisecond
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const hold = 200 * time.Millisecond
		var now atomic.Int64 // virtual milliseconds since noon; nobody waits
		clock := func(i int) time.Time {
			skew := time.Duration(i%61-30) * time.Millisecond
			return noon.Add(time.Duration(now.Load())*time.Millisecond + skew)
		}
		confirmed := atomic.Int64{}
		together(200, func(i int) error {
			c := booked(fmt.Sprint(i))
			c.State = callback.HeldState
			for range 40 {
				now.Add(1)
				mine := clock(i)
				c.HoldUntil = mine.Add(hold)
				err := s.Update(t.Context(), func(tx callback.Tx) error { return seat(tx, c, mine.Add(-grace)) })
				if errors.Is(err, errFull) {
					continue
				}
				if err != nil {
					t.Error(err)
				}
				break
			}
			if i%5 < 2 {
				return nil // hangs up; the seat comes back by itself
			}
			now.Add(rand.Int64N(5))
			err := s.Update(t.Context(), func(tx callback.Tx) error {
				_, err := tx.LockSlot("billing", noon, 37)
				if err != nil || !clock(i).Before(c.HoldUntil) {
					return errors.Join(err, errFull)
				}
				booked := c
				booked.State = callback.BookedState
				return tx.MoveCallback(booked, callback.HeldState)
			})
			if err == nil {
				confirmed.Add(1)
			} else if !errors.Is(err, callback.ErrMoved) && !errors.Is(err, errFull) { // never held, or too late
				t.Error(err)
			}
			return nil
		})
		late := noon.Add(24 * time.Hour)
		look(t, s, func(tx callback.Tx) error {
			taken, err := tx.CountSlots("billing", noon, noon.Add(time.Millisecond), late)
			got := taken[noon.UnixMilli()]
			if got > 37 || int64(got) != confirmed.Load() || got == 0 {
				t.Errorf("%d seats taken, %d confirmed, want as many and at most 37", got, confirmed.Load())
			}
			return err
		})
		// The holds that nobody confirmed have lapsed: the rest can be had.
		for i := range 37 {
			c := booked(fmt.Sprint("late", i))
			err := s.Update(t.Context(), func(tx callback.Tx) error { return seat(tx, c, late) })
			if want := i >= 37-int(confirmed.Load()); errors.Is(err, errFull) != want {
				t.Errorf("late booking %d: %v", i, err)
			}
		}
	})
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
