package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

var errFull = errors.New("no seat")

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
