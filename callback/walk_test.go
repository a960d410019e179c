package callback_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// Weeks of chance: agents and customers who answer or do not, lines that say
// nothing, processes that die at any point. Whatever happens, no customer is
// dialled while an earlier call to him has no proven end, nobody is dialled
// out of hours, and every promise comes to an end.
func TestWalk(t *testing.T) {
	t.Parallel()
	seeds := uint64(8)
	if testing.Short() || callback.Raced {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			k := &walker{world: newWorld(t, noTalk), chance: rand.New(rand.NewPCG(seed, 1)), boot: 1}
			k.Queues["billing"].Order = []callback.Order{callback.AgentFirst, callback.CustomerFirst, callback.Adaptive}[seed%3]
			for range 60 {
				k.halfHour()
			}
			for range 96 { // nobody calls any more, and everybody is at work
				k.pass(time.Hour)
				k.work()
			}
			k.verify()
		})
	}
}

// A walker lives through chance.
type walker struct {
	*world
	chance  *rand.Rand
	boot    int
	crashes int
	ids     map[string]bool
}

func (k *walker) one(of int) bool { return k.chance.IntN(of) == 0 }

func (k *walker) halfHour() {
	for range k.chance.IntN(4) {
		phone := callback.Phone(fmt.Sprintf("+35840%07d", 1000000+k.chance.IntN(40)))
		c, err := k.Book(k.Context(), callback.Request{Queue: "billing", Phone: phone})
		if err == nil {
			if k.ids == nil {
				k.ids = map[string]bool{}
			}
			k.ids[c.ID] = true
		}
	}
	for range 6 {
		k.pass(5 * time.Minute)
		k.work()
	}
}

// work is one round of the scheduler, with what the lines make of it.
func (k *walker) work() {
	if k.one(12) {
		k.crash()
	}
	for _, do := range []error{k.Beat(k.Context()), k.Recover(k.Context()), k.Sweep(k.Context())} {
		if do != nil {
			k.Fatal(do)
		}
	}
	rings, err := k.Claim(k.Context(), 10)
	if err != nil {
		k.Fatal(err)
	}
	for _, r := range rings {
		if !k.carry(r) {
			k.crash() // in the middle of the call
			return
		}
	}
	k.texts()
}

// crash is the end of a process, and the beginning of the next.
func (k *walker) crash() {
	k.boot++
	k.crashes++
	next := worldOn(k.T, k.Store, fmt.Sprintf("boot-%d", k.boot), noTalk)
	next.now, next.Queues["billing"].Order = k.now, k.Queues["billing"].Order
	k.world = next
}

// carry plays one ring to its end; false when the process dies on the way.
func (k *walker) carry(r callback.Ring) bool {
	if k.Queues["billing"].Order != callback.AgentFirst {
		return k.carryFirst(r)
	}
	agent := &party{w: k.world, talk: r.Talk}
	switch k.chance.IntN(8) {
	case 0:
		return false
	case 1:
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		return true
	case 2:
		if err := k.Unsent(k.Context(), r, nil); err != nil {
			k.Fatal(err)
		}
		return true
	}
	agent.event(ivr.Event{Kind: ivr.Begin}).presses("1")
	if agent.turn.Connect == nil {
		return true
	}
	outcomes := []ivr.Outcome{ivr.Busy, ivr.Unanswered, ivr.Carrier, ivr.Unsent, ivr.Machine}
	switch n := k.chance.IntN(10); {
	case n == 0:
		return false
	case n < 6:
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(outcomes[n-1])})
		return true
	case n == 6:
		return true // the line loses the call without a word
	}
	customer := k.party(agent.connect().Talk)
	if k.one(4) {
		return false
	}
	customer.presses([]string{"1", "2", "3"}[k.chance.IntN(3)])
	if customer.turn.Connect == nil {
		customer.event(ivr.Event{Kind: ivr.Gone})
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		return true
	}
	agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
	return true
}

// carryFirst is carry when the customer is rung before an agent.
func (k *walker) carryFirst(r callback.Ring) bool {
	customer := &party{w: k.world, talk: r.Talk}
	outcomes := []ivr.Outcome{ivr.Busy, ivr.Unanswered, ivr.Carrier, ivr.Unsent, ivr.Unknown}
	switch n := k.chance.IntN(12); {
	case n == 0:
		return false
	case n == 1:
		if err := k.Unsent(k.Context(), r, nil); err != nil {
			k.Fatal(err)
		}
		return true
	case n < 7:
		customer.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(outcomes[n-2])})
		return true
	case n == 7:
		return true // the line loses the call without a word
	}
	customer.event(ivr.Event{Kind: ivr.Begin}).presses([]string{"1", "1", "1", "2", "3"}[k.chance.IntN(5)])
	for customer.turn.Connect != nil {
		agent := &party{w: k.world, talk: customer.turn.Connect.Talk}
		switch k.chance.IntN(5) {
		case 0:
			return false
		case 1:
			customer.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Busy)})
			continue
		case 2:
			return true
		}
		agent.event(ivr.Event{Kind: ivr.Begin}).presses("1")
		if k.one(4) {
			return false
		}
		customer.event(ivr.Event{Kind: ivr.Spoke})
	}
	if customer.turn.Listen != nil && customer.turn.Listen.Hold && k.one(2) {
		return true // the line loses a customer who waits
	}
	customer.event(ivr.Event{Kind: ivr.Gone})
	return true
}

func (k *walker) verify() {
	k.Helper()
	dials, done := 0, 0
	for id := range k.ids {
		c, calls, err := k.Show(k.Context(), id)
		if err != nil {
			k.Fatal(err)
		}
		if !c.State.Over() {
			k.Errorf("callback is %s since %s, it is %s", c.State, c.UpdatedAt, k.now)
		}
		if c.State == callback.Done {
			done++
		}
		var before *callback.Attempt
		for _, a := range calls {
			if a.EndedAt.IsZero() {
				k.Errorf("call %+v has no end", a)
			}
			if a.Leg != callback.CustomerLeg {
				continue
			}
			dials++
			if before != nil && (before.Outcome == "interrupted" || before.EndedAt.After(a.IntentAt)) {
				k.Errorf("dialled again after %+v: %+v", *before, a)
			}
			if !k.Queues["billing"].Open(a.IntentAt) {
				k.Errorf("dialled out of hours: %s", a.IntentAt)
			}
			before = &a
		}
	}
	if dials == 0 || done == 0 || k.crashes == 0 {
		k.Errorf("%d dials, %d done, %d crashes: the walk shows nothing", dials, done, k.crashes)
	}
	k.Logf("%d promises, %d dials, %d kept, %d crashes", len(k.ids), dials, done, k.crashes)
}

// noTalk lets calls be over as soon as they begin, and agents miss any number.
func noTalk(c *callback.Config) { c.Limits.Over, c.Limits.Abandoned = 0, 0 }
