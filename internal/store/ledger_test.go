package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// called is a call to a customer that was begun so many minutes after noon.
func called(ref string, p callback.Phone, shown string, minute int, outcome string) callback.Attempt {
	at := noon.Add(time.Duration(minute) * time.Minute)
	a := callback.Attempt{Callback: "promise", Ref: ref, No: minute, Leg: callback.CustomerLeg, Phone: p, Shown: shown, IntentAt: at, Outcome: outcome}
	if outcome != "" {
		a.EndedAt = at.Add(time.Second)
	}
	return a
}

func TestLedger(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		must(t, s, func(tx callback.Tx) error {
			through := called("h", "+358401250008", "+3589", 8, "spoke")
			through.Callback = "" // somebody was put through: it keeps no promise
			return errors.Join(
				tx.AddCallback(dueAt("promise", "+358401230001", noon)), tx.AddAttempt(through),
				tx.AddAttempt(called("a", "+358401230001", "+3589", 1, "spoke")),
				tx.AddAttempt(called("b", "+358401230002", "+3589", 2, "")),
				tx.AddAttempt(called("c", "+358401240003", "sip", 3, "unanswered")),
				tx.AddAttempt(called("d", "+358401230004", "+3589", 4, "carrier")),
				tx.AddAttempt(called("e", "+358401230005", "+3589", 5, "unsent")),
				tx.AddAttempt(called("f", "+358401230006", "sip", 6, "interrupted")),
				tx.AddAttempt(callback.Attempt{Ref: "g", No: 7, Leg: callback.AgentLeg, IntentAt: noon}))
		})
		tests := []struct {
			name string
			f    callback.DialFilter
			want int
		}{
			{"all", callback.DialFilter{}, 5},
			{"since", callback.DialFilter{Since: noon.Add(2 * time.Minute)}, 4},
			{"until", callback.DialFilter{Until: noon.Add(2 * time.Minute)}, 1},
			{"prefix", callback.DialFilter{Prefix: "+35840123"}, 3},
			{"whole number", callback.DialFilter{Prefix: "+358401230002"}, 1},
			{"shown", callback.DialFilter{Shown: "sip", Since: noon}, 2},
			{"shown and prefix", callback.DialFilter{Shown: "+3589", Prefix: "+35840124"}, 0},
		}
		look(t, s, func(tx callback.Tx) error {
			for _, tt := range tests {
				n, err := tx.Dialled(tt.f)
				if err != nil || n != tt.want {
					t.Errorf("%s: %d calls, %v; want %d", tt.name, n, err, tt.want)
				}
			}
			if n, err := tx.Dials("+358401250008", noon); err != nil || n != 1 {
				t.Errorf("%d calls to whom somebody was put through, %v", n, err)
			}
			over, err := tx.Ended(noon, 10)
			if len(over) != 2 || over[0].Ref != "c" || over[1].Ref != "a" || over[1].Phone != "+358401230001" {
				t.Errorf("ended %+v", over)
			}
			one, err2 := tx.Ended(noon, 1)
			if len(one) != 1 || one[0].Ref != "c" {
				t.Errorf("ended %+v", one)
			}
			return errors.Join(err, err2)
		})
	})
}

// answered is a call that a customer, or his machine, has answered.
func answered(ref string, minute int, outcome string) callback.Attempt {
	a := called(ref, "+358701230009", "other", minute, outcome)
	a.No, a.AnsweredAt = 50+minute, a.IntentAt.Add(time.Millisecond)
	return a
}

// Of the calls of a time that people have answered, those are counted that found
// no agent; what has not ended yet is not judged.
func TestForsaken(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		look(t, s, func(tx callback.Tx) error {
			left, all, err := tx.Forsaken(noon)
			if left != 0 || all != 0 {
				t.Errorf("of no calls %d of %d found no agent", left, all)
			}
			return err
		})
		waits, through := answered("f", 6, "abandoned"), answered("g", 7, "abandoned")
		waits.EndedAt, through.Callback = time.Time{}, ""
		must(t, s, func(tx callback.Tx) error {
			return errors.Join(
				tx.AddCallback(dueAt("promise", "+358701230009", noon)), tx.AddAttempt(answered("a", 1, "abandoned")), tx.AddAttempt(answered("b", 2, "spoke")),
				tx.AddAttempt(answered("c", 3, "machine")), tx.AddAttempt(called("d", "+358701230009", "other", 4, "unanswered")),
				tx.AddAttempt(answered("e", -1, "abandoned")), tx.AddAttempt(waits), tx.AddAttempt(through))
		})
		look(t, s, func(tx callback.Tx) error {
			left, all, err := tx.Forsaken(noon)
			if left != 1 || all != 2 {
				t.Errorf("%d of %d found no agent, want 1 of 2", left, all)
			}
			return err
		})
	})
}

func TestDialingIsKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, want := range []callback.Dialing{
			{},
			{Stopped: true, Why: "seven of nine", Actor: "desk", At: noon, Until: noon.Add(11 * time.Hour)},
			{Actor: "operator", At: noon.Add(time.Hour)},
		} {
			if !want.At.IsZero() {
				must(t, s, func(tx callback.Tx) error { return tx.PutDialing(want) })
			}
			look(t, s, func(tx callback.Tx) error {
				got, err := tx.Dialing()
				same(t, got, want)
				return err
			})
		}
	})
}

// Callbacks are found by who asked for them, and by how their numbers begin.
func TestFindByCaller(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		asked := func(id string, p, caller callback.Phone) callback.Callback {
			c := dueAt(id, p, noon)
			c.Caller = caller
			return c
		}
		must(t, s, func(tx callback.Tx) error {
			return errors.Join(tx.AddCallback(asked("1", "+358401230001", "+358405")),
				tx.AddCallback(asked("2", "+358401230002", "")), tx.AddCallback(asked("3", "+358401330002", callback.Anonymous)))
		})
		look(t, s, func(tx callback.Tx) error {
			mine, err := tx.FindCallbacks(callback.Filter{Caller: "+358405"})
			if len(mine) != 1 || mine[0].ID != "1" || mine[0].Caller != "+358405" {
				t.Errorf("found %+v", mine)
			}
			near, err2 := tx.FindCallbacks(callback.Filter{Prefix: "+3584012300"})
			if len(near) != 2 || near[0].ID != "1" || near[1].ID != "2" {
				t.Errorf("found %+v", near)
			}
			return errors.Join(err, err2)
		})
	})
}
