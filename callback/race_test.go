package callback_test

import (
	"errors"
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// What rapid draws is the same in every run, so that what fails fails for everybody;
// -rapid.seed=0 draws anew.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(err)
	}
	storetest.Main(m)
}

// N places and 200 who want one: exactly N get one.
func TestSeats(t *testing.T) {
	t.Parallel()
	storetest.Each(t, seats)
}

func seats(t *testing.T, s *store.Store) {
	const seats, people = 37, 200
	w := worldOn(t, s, "boot", func(c *callback.Config) {
		q := c.Queues["billing"]
		q.Capacity = seats
		c.Queues["billing"] = q
	})
	free, err := w.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	var got, taken atomic.Int32
	var crowd sync.WaitGroup
	for i := range people {
		crowd.Go(func() {
			_, err := w.Book(t.Context(), callback.Request{
				Queue: "billing", Phone: callback.Phone(fmt.Sprintf("+35840%07d", 1000000+i)), At: free[0],
			})
			switch {
			case err == nil:
				got.Add(1)
			case errors.Is(err, callback.ErrTaken):
				taken.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	crowd.Wait()
	if got.Load() != seats || taken.Load() != people-seats {
		t.Errorf("%d got a place, %d did not, of %d", got.Load(), taken.Load(), seats)
	}
}

// The same request again and again is one booking, with its key or without.
func TestSameRequest(t *testing.T) {
	t.Parallel()
	requests := 10_000
	if testing.Short() || callback.Raced {
		requests = 1000
	}
	for _, key := range []string{"", "key"} {
		t.Run("key "+key, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.Store) { sameRequest(t, s, key, requests) })
		})
	}
}

func sameRequest(t *testing.T, s *store.Store, key string, requests int) {
	w := worldOn(t, s, "boot")
	var ids sync.Map
	var crowd sync.WaitGroup
	for range 50 {
		crowd.Go(func() {
			for range requests / 50 {
				c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Key: key})
				if err != nil && (key != "" || !errors.Is(err, callback.ErrBooked)) {
					t.Error(err)
					return
				}
				ids.Store(c.ID, true)
			}
		})
	}
	crowd.Wait()
	n := 0
	ids.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d bookings", n)
	}
	if n := w.journalled("callback.booked", ""); n != 1 {
		t.Errorf("%d bookings are in the journal", n)
	}
}

// Many dispatchers: each callback is claimed once, each agent rung once.
func TestClaims(t *testing.T) {
	t.Parallel()
	storetest.Each(t, claims)
}

func claims(t *testing.T, s *store.Store) {
	w := worldOn(t, s, "boot", func(c *callback.Config) {
		q := callback.QueueConfig{Hours: map[string]string{"mon-fri": "09:00-17:00"}, Capacity: 100, Dialing: callback.AgentFirst}
		for i := range 20 {
			name := fmt.Sprintf("agent%d", i)
			c.Agents[name] = callback.Agent{Phone: "sip:" + name + "@127.0.0.1"}
			q.Agents = append(q.Agents, name)
		}
		c.Queues["billing"] = q
	})
	for i := range 30 {
		_, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: callback.Phone(fmt.Sprintf("+35840%07d", 1000000+i))})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.at("12:15")
	var mu sync.Mutex
	callbacks, agents := map[string]int{}, map[string]int{}
	claim := func() {
		rings, err := w.Claim(t.Context(), 3)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, r := range rings {
			callbacks[r.Callback]++
			agents[r.Addr]++
		}
	}
	var crew sync.WaitGroup
	for range 8 {
		crew.Go(func() {
			for range 10 {
				claim()
			}
		})
	}
	crew.Wait()
	for range 10 { // what one had locked, the others passed over
		claim()
	}
	if len(callbacks) != 20 || len(agents) != 20 {
		t.Errorf("%d callbacks were claimed for %d agents", len(callbacks), len(agents))
	}
	for id, n := range callbacks {
		if n != 1 {
			t.Errorf("callback %s was claimed %d times", id, n)
		}
	}
}

// The same event from many sides moves a talk once.
func TestSameEvent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, sameEvent)
}

func sameEvent(t *testing.T, s *store.Store) {
	w := worldOn(t, s, "boot")
	p := w.calls(aino).presses("1", "1")
	before := p.turn.No
	var crowd sync.WaitGroup
	var turns sync.Map
	for range 50 {
		crowd.Go(func() {
			other := *p
			other.presses("1")
			turns.Store(other.turn.No, true)
		})
	}
	crowd.Wait()
	n := 0
	turns.Range(func(any, any) bool { n++; return true })
	if n != 1 || w.journalled("callback.booked", "") != 1 {
		t.Errorf("%d turns came of turn %d", n, before)
	}
}

// Two queues promised a call to one number: whichever agents are ready first,
// its telephone is rung once.
func TestOneCallPerTelephoneAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, oneCallPerTelephone)
}

func oneCallPerTelephone(t *testing.T, s *store.Store) {
	const rounds = 15
	w := worldOn(t, s, "boot", func(c *callback.Config) {
		for _, name := range []string{"billing", "sales"} {
			q := callback.QueueConfig{Hours: map[string]string{"mon-fri": "09:00-17:00"}, Capacity: 100, Dialing: callback.AgentFirst}
			for i := range rounds {
				agent := fmt.Sprintf("%s%d", name, i)
				c.Agents[agent] = callback.Agent{Phone: "sip:" + agent + "@127.0.0.1"}
				q.Agents = append(q.Agents, agent)
			}
			c.Queues[name] = q
		}
	})
	for i := range rounds {
		for _, queue := range []string{"billing", "sales"} {
			_, err := w.Book(t.Context(), callback.Request{Queue: queue, Phone: callback.Phone(fmt.Sprintf("+35840%07d", 1000000+i))})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	w.at("12:15")
	var ready []*party
	for range 3 {
		rings, err := w.Claim(t.Context(), 2*rounds)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rings {
			ready = append(ready, w.party(r.Talk))
		}
	}
	var crew sync.WaitGroup
	for _, p := range ready {
		crew.Go(func() { p.presses("1") })
	}
	crew.Wait()
	rung := map[string]int{}
	for _, p := range ready {
		if p.turn.Connect != nil {
			rung[p.turn.Connect.Addr]++
		}
	}
	if len(ready) != 2*rounds || len(rung) != rounds {
		t.Fatalf("%d agents were ready, %d telephones rung", len(ready), len(rung))
	}
	for addr, n := range rung {
		if n != 1 {
			t.Errorf("%s is rung by %d calls at once", addr, n)
		}
	}
}
