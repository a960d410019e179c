package store_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

// desk is one process over a store that others use too. Its queue never
// closes, and has so many agents.
func desk(t testing.TB, s *store.Store, boot string, agents int) *callback.Desk {
	t.Helper()
	c := callback.Defaults()
	c.Numbers = map[callback.Phone]callback.Route{"+358912345678": {Menu: "main", Queue: "billing"}}
	c.Agents = map[string]callback.Agent{}
	q := callback.QueueConfig{Hours: map[string]string{"mon-sun": "00:00-24:00"}, Capacity: 7, CallerID: "+358912345678", Dialing: callback.AgentFirst}
	for i := range agents {
		name := fmt.Sprintf("agent%03d", i)
		c.Agents[name] = callback.Agent{Name: name, Phone: "sip:" + name + "@127.0.0.1"}
		q.Agents = append(q.Agents, name)
	}
	c.Queues = map[string]callback.QueueConfig{"billing": q}
	c.Callbacks.Permitted, c.Limits = "00:00-24:00", callback.Limits{} // hundreds at once
	d, err := callback.New(c)
	if err != nil {
		t.Fatal(err)
	}
	d.Store, d.Boot, d.Log, d.Menus = s, boot, slog.New(slog.DiscardHandler), map[string]*ivr.Menu{}
	for _, name := range []string{"main", "agent", "whisper", "customer", "survey"} {
		if d.Menus[name], err = ivr.Default(name); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// number is the i-th of many numbers that may be called.
func number(i int) callback.Phone { return callback.Phone(fmt.Sprintf("+35840%07d", 1000000+i)) }

func TestDeskSellsSeatsOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := desk(t, s, "boot", 1)
		free, err := d.Free(t.Context(), "billing")
		if err != nil || len(free) == 0 {
			t.Fatalf("free times: %v, %v", free, err)
		}
		at := free[0]
		errs := together(100, func(i int) error {
			_, err := d.Book(t.Context(), callback.Request{Queue: "billing", Phone: number(i), At: at})
			return err
		})
		if taken := count(t, errs, callback.ErrTaken); taken != 100-7 {
			t.Errorf("%d of 100 were refused, want 93", taken)
		}
	})
}

// One person who asks two hundred times at once has one promise.
func TestDeskBooksOneOfMany(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := desk(t, s, "boot", 1)
		for _, key := range []string{"", "form-1"} {
			var mu sync.Mutex
			ids := map[string]bool{}
			phone := number(len(key))
			errs := together(200, func(int) error {
				c, err := d.Book(t.Context(), callback.Request{Queue: "billing", Phone: phone, Key: key})
				mu.Lock()
				ids[c.ID] = true
				mu.Unlock()
				return err
			})
			known := count(t, errs, callback.ErrBooked)
			if want := map[bool]int{true: 0, false: 199}[key != ""]; known != want {
				t.Errorf("key %q: %d were told of another booking, want %d", key, known, want)
			}
			if len(ids) != 1 {
				t.Errorf("key %q: %d bookings: %v", key, len(ids), ids)
			}
		}
	})
}

// Processes that claim at the same moment neither share a callback nor an
// agent.
func TestDesksClaimApart(t *testing.T) {
	t.Parallel()
	const due, agents = 40, 30
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var desks []*callback.Desk
		for i := range 4 {
			desks = append(desks, desk(t, s, fmt.Sprint("boot", i), agents))
		}
		ready(t, s, desks[0], agents)
		must(t, s, func(tx callback.Tx) error {
			for i := range due {
				if err := tx.AddCallback(dueAt(fmt.Sprint(i), number(i), time.Now().Add(-time.Second))); err != nil {
					return err
				}
			}
			return nil
		})
		var mu sync.Mutex
		var callbacks, rung []string
		errs := together(len(desks), func(i int) error {
			for {
				rings, err := desks[i].Claim(t.Context(), 3)
				if errors.Is(err, callback.ErrMoved) {
					continue // the others were faster all the time
				}
				if err != nil || len(rings) == 0 {
					return err
				}
				mu.Lock()
				for _, r := range rings {
					callbacks, rung = append(callbacks, r.Callback), append(rung, r.Addr)
				}
				mu.Unlock()
			}
		})
		count(t, errs, nil)
		for what, all := range map[string][]string{"callbacks": callbacks, "agents": rung} {
			slices.Sort(all)
			if one := slices.Compact(slices.Clone(all)); len(all) != agents || len(one) != agents {
				t.Errorf("%d %s rung, %d of them once, want %d", len(all), what, len(one), agents)
			}
		}
	})
}

// ready makes all agents available.
func ready(t testing.TB, s *store.Store, d *callback.Desk, agents int) {
	t.Helper()
	must(t, s, func(tx callback.Tx) error {
		for i := range agents {
			name := fmt.Sprintf("agent%03d", i)
			if err := tx.PutStatus(callback.Status{Agent: name, State: callback.Available, Since: d.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
}

func dueAt(id string, p callback.Phone, at time.Time) callback.Callback {
	c := booked(id)
	c.Phone, c.At, c.DueAt, c.Until = p, at, at, at.Add(time.Hour)
	c.Wall, c.Zone = "", "" // the desk trusts these more than At
	return c
}
