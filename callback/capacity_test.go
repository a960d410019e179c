package callback_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/ivr"
)

// auto lets the capacity of the queue be computed.
func auto(c *callback.Config) {
	q := c.Queues["billing"]
	q.Capacity = callback.AutoPlaces
	c.Queues["billing"] = q
}

func (w *world) slots(most int) []callback.SlotPlan {
	w.Helper()
	all, err := w.Slots(w.Context(), "billing", most)
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// TestSlots holds that as many promises are sold as the plan says, and no more.
func TestSlots(t *testing.T) {
	t.Parallel()
	w := newWorld(t, auto)
	s := w.slots(1)[0]
	if want := "1 place: 2 agents, load 0.52 of 0.65, AHT 5:30"; s.Places != 1 || s.Why != want {
		t.Fatalf("the first slot is %+v, want %q", s, want)
	}
	first, second := w.books(aino), w.books(eero)
	if !first.At.Equal(s.At) || !second.At.After(s.At) {
		t.Errorf("the slot of %s has one place; promised were %s and %s", s.At, first.At, second.At)
	}
	if s := w.slots(1)[0]; s.Taken != 1 {
		t.Errorf("a promise is made, and the slot is %+v", s)
	}
}

// TestSlotsKnowWhoWorks holds that a slot is planned with those who are rostered
// for it.
func TestSlotsKnowWhoWorks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, auto, func(c *callback.Config) {
		bo := c.Agents["bo"]
		bo.Hours = map[string]string{"mon-fri": "09:00-14:00"}
		c.Agents["bo"] = bo
	})
	for _, s := range w.slots(12) {
		want := " 2 agents,"
		if s.At.In(helsinki(t)).Hour() >= 14 {
			want = " 1 agent,"
		}
		if !strings.Contains(s.Why, want) {
			t.Errorf("at %s: %s, want%s", s.At.In(helsinki(t)).Format("15:04"), s.Why, want)
		}
	}
}

// TestSlotsKnowCallers holds that callers on the line are forecast from the
// weeks before, for the same day and hour.
func TestSlotsKnowCallers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, auto)
	count := func(at time.Time, n int) {
		err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
			return tx.Measure(callback.Measure{Queue: "billing", Since: at.Truncate(15 * time.Minute), Count: figures.Count{Name: figures.Coming, N: n}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for week := range 3 {
		quiet := w.now.Add(-time.Duration(week+1) * 7 * 24 * time.Hour)
		count(quiet, 0)
		for n := range 8 { // two hours later, they call
			count(quiet.Add(2*time.Hour+time.Duration(n)*15*time.Minute), 6)
		}
	}
	all := w.slots(60)
	if all[0].Places != 3 {
		t.Errorf("nobody calls at noon, and the plan is %+v", all[0])
	}
	if busy := all[11]; busy.Places != 0 {
		t.Errorf("many call at %s, and the plan is %+v", busy.At, busy)
	}
	next := slices.IndexFunc(all, func(s callback.SlotPlan) bool { return s.At.Equal(all[11].At.AddDate(0, 0, 1)) })
	if next < 0 || all[next].Places != 3 {
		t.Errorf("nobody calls the next day at that hour, and the plan is %+v", all[max(0, next)])
	}
}

// TestFixedCapacity holds that a number that no team could keep is doubted.
func TestFixedCapacity(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		q := c.Queues["billing"]
		q.Capacity = 30
		c.Queues["billing"] = q
	})
	err := w.Doubts(w.now)
	if err == nil || !strings.Contains(err.Error(), "30 promises in 15m are more than the team could keep even if nobody else called: 3 places: 2 agents") {
		t.Errorf("doubts %v", err)
	}
	if s := w.slots(1)[0]; s.Places != 30 || !strings.HasPrefix(s.Why, "30 fixed; the team can keep 1 place: ") {
		t.Errorf("the first slot is %+v", s)
	}
}

// TestSlotsKnowCalls holds that slots are planned by how long calls take, and by
// how many customers take theirs.
func TestSlotsKnowCalls(t *testing.T) {
	t.Parallel()
	t.Run("short ones", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, auto)
		before := w.slots(1)[0]
		for range 8 {
			caller := w.calls(aino).presses("0")
			w.party(caller.connect().Talk).presses("1")
			w.pass(time.Minute)
			caller.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
			w.pass(time.Minute)
			w.sweep()
		}
		if after := w.slots(1)[0]; after.Places <= before.Places || after.Why == before.Why {
			t.Errorf("calls took a minute each, and the plan is %+v, before them %+v", after, before)
		}
	})
	places := map[int]int{}
	for _, answered := range []int{20, 200} {
		w := newWorld(t, auto)
		err := w.Store.Update(t.Context(), func(tx callback.Tx) error {
			for name, n := range map[string]int{figures.FunnelDialed: 200, figures.FunnelAnswered: answered} {
				if err := tx.Measure(callback.Measure{Queue: "billing", Since: w.now.Add(-24 * time.Hour), Count: figures.Count{Name: name, N: n}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		places[answered] = w.slots(1)[0].Places
	}
	if places[20] <= places[200] {
		t.Errorf("of 200 called, when 20 take the call there are %d places, when all do %d", places[20], places[200])
	}
}
