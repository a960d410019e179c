package callback_test

import (
	"crypto/rand"
	"flag"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A floor is a queue with three agents and whoever calls, as a model that knows
// who came when, and a desk that is held against it.
type floor struct {
	*world
	model *rapid.T
	calls []*lineCall
	next  int
}

// A lineCall is somebody who stands in line, or is rung for, or speaks.
type lineCall struct {
	party *party
	came  time.Time
	ring  *party // the agent who is rung
	agent string // by address
}

func (f *floor) answer() *lineCall {
	f.next++
	from := callback.Phone(fmt.Sprintf("+35840%07d", 1_000_000+f.next))
	id := rand.Text()
	turn, err := f.Answer(f.Context(), callback.Inbound{Talk: id, Line: "test", From: from, To: service})
	if err != nil {
		f.model.Fatal(err)
	}
	f.pass(time.Second)
	return &lineCall{party: &party{f.world, id, turn}, came: f.now}
}

// comes lets somebody call who asks for a person.
func (f *floor) comes(*rapid.T) {
	if len(f.calls) > 12 {
		return
	}
	c := f.answer()
	c.party.presses("0")
	f.calls = append(f.calls, c)
	f.settle()
}

func (f *floor) pick(t *rapid.T, what string, is func(*lineCall) bool) *lineCall {
	var some []*lineCall
	for _, c := range f.calls {
		if is(c) {
			some = append(some, c)
		}
	}
	if len(some) == 0 {
		return nil
	}
	return rapid.SampledFrom(some).Draw(t, what)
}

func waits(c *lineCall) bool  { return c.party.turn.Listen != nil && c.party.turn.Listen.Hold }
func rings(c *lineCall) bool  { return c.party.turn.Connect != nil && c.ring == nil }
func speaks(c *lineCall) bool { return c.party.turn.Connect != nil && c.ring != nil }

// leaves lets somebody in line hang up.
func (f *floor) leaves(t *rapid.T) {
	if c := f.pick(t, "who leaves", waits); c != nil {
		c.party.event(ivr.Event{Kind: ivr.Gone})
		f.settle()
	}
}

// takes has the agent take the call who is rung for somebody.
func (f *floor) takes(t *rapid.T) {
	if c := f.pick(t, "whose agent answers", rings); c != nil {
		dial := c.party.connect()
		c.agent, c.ring = dial.Addr, f.world.party(dial.Talk).presses("1")
		f.settle()
	}
}

// misses has nobody take the call.
func (f *floor) misses(t *rapid.T) {
	if c := f.pick(t, "whose agent does not answer", rings); c != nil {
		f.pass(time.Second) // who is rung for now was called up before
		c.party.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		f.settle()
	}
}

// parts ends a conversation.
func (f *floor) parts(t *rapid.T) {
	if c := f.pick(t, "who has spoken", speaks); c != nil {
		c.party.event(ivr.Event{Kind: ivr.Spoke})
		c.party.event(ivr.Event{Kind: ivr.Gone})
		f.settle()
	}
}

// goesOn lets time pass, in which agents have written their notes.
func (f *floor) goesOn(t *rapid.T) {
	f.pass(time.Duration(rapid.IntRange(1, 90).Draw(t, "seconds")) * time.Second)
	f.settle()
}

// settle has the desk do what it does by itself, and holds it against the model.
func (f *floor) settle() {
	if err := f.Sweep(f.Context()); err != nil {
		f.model.Fatal(err)
	}
	if _, err := f.Claim(f.Context(), 8); err != nil {
		f.model.Fatal(err)
	}
	for _, c := range f.calls {
		if waits(c) {
			c.party.event(ivr.Event{Kind: ivr.Free})
		}
	}
	f.calls = f.inUse()
	f.inOrder()
	f.alone()
}

func (f *floor) inUse() []*lineCall {
	var left []*lineCall
	for _, c := range f.calls {
		if !c.party.turn.End {
			left = append(left, c)
		}
	}
	return left
}

// inOrder: nobody who came later is rung for while somebody waits who came
// before. All speak one language.
func (f *floor) inOrder() {
	for _, c := range f.calls {
		for _, other := range f.calls {
			if waits(c) && rings(other) && c.came.Before(other.came) && other.party.turn.Connect.Offer != nil && f.fresh(other) {
				f.model.Fatalf("one who came at %s is served before one who came at %s", other.came, c.came)
			}
		}
	}
}

// fresh reports whether somebody was called up just now, and not before the
// other came back to the line.
func (f *floor) fresh(c *lineCall) bool {
	s, err := f.statusOf(c.party.connect().Addr)
	return err == nil && s.Since.Equal(f.now.Truncate(time.Millisecond))
}

func (f *floor) statusOf(addr string) (callback.Status, error) {
	var found callback.Status
	err := f.Store.View(f.Context(), func(tx callback.Tx) error {
		all, err := tx.Statuses()
		for _, s := range all {
			if f.Agents[s.Agent].Phone == addr {
				found = s
			}
		}
		return err
	})
	return found, err
}

// alone: no agent has two calls.
func (f *floor) alone() {
	busy := map[string]*lineCall{}
	for _, c := range f.calls {
		if c.party.turn.Connect == nil {
			continue
		}
		addr := c.party.turn.Connect.Addr
		if busy[addr] != nil {
			f.model.Fatalf("%s has two calls", addr)
		}
		busy[addr] = c
	}
}

// over ends all calls, for the next model.
func (f *floor) over() {
	for _, c := range f.calls {
		c.party.event(ivr.Event{Kind: ivr.Gone})
	}
	f.pass(10 * time.Minute)
	if err := f.Sweep(f.Context()); err != nil {
		f.model.Fatal(err)
	}
}

// TestLineHoldsWhatItPromises lets callers and agents do whatever they like.
func TestLineHoldsWhatItPromises(t *testing.T) {
	w := newWorld(t, withLine, func(c *callback.Config) {
		c.Agents["eva"] = callback.Agent{Name: "Eva", Phone: "sip:eva@127.0.0.1"}
		q := c.Queues["billing"]
		q.Agents, q.Hours = []string{"anna", "bo", "eva"}, map[string]string{"mon-sun": "00:00-24:00"}
		c.Queues["billing"] = q
	})
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := flag.Set("rapid.checks", "15"); err != nil { // each lives through some minutes on a real store
		t.Fatal(err)
	}
	f0 := &floor{}
	rapid.Check(t, func(model *rapid.T) {
		f := &floor{world: w, model: model, next: f0.next}
		defer func() { f.over(); f0.next = f.next }()
		acts := []func(*rapid.T){f.comes, f.comes, f.takes, f.takes, f.misses, f.parts, f.parts, f.leaves, f.goesOn, f.goesOn, f.goesOn}
		for range 40 {
			acts[rapid.IntRange(0, len(acts)-1).Draw(model, "act")](model)
		}
	})
}
