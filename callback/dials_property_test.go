package callback_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A shift is three agents who keep promises, and customers who do what they like,
// as a model that is held against a desk.
type shift struct {
	*world
	model *rapid.T
	next  int
	calls []*dueCall
	done  map[string]int // talks with each callback
}

// A dueCall is one call to keep a promise, from the ring to its end.
type dueCall struct {
	id       string // of the callback
	until    time.Time
	ring     *party // whom the desk has rung: the agent, or the customer
	customer *party // once he is on the line
	agent    *party // once he is
	addr     string // of the agent who is rung, or speaks
	first    bool   // the customer was rung before an agent
	speaks   bool
	since    time.Time // when somebody was rung for it last
}

// rings reports whether nobody has taken the call yet who was rung first.
func (c *dueCall) rings() bool { return c.customer == nil && c.agent == nil }

// promised plants a promise to somebody who speaks English.
func (s *shift) promised(t *rapid.T) { s.plant(t, "en", "") }

// plant plants a promise that is due, and ends some minutes from now.
func (s *shift) plant(t *rapid.T, lang, topic string) {
	s.next++
	left := time.Duration(rapid.IntRange(5, 60).Draw(t, "minutes")) * time.Minute
	c := callback.Callback{
		ID: fmt.Sprintf("due%05d", s.next), Queue: "billing", Phone: callback.Phone(fmt.Sprintf("+35840%07d", 2_000_000+137*s.next)), Lang: lang, Topic: topic,
		State: callback.BookedState, At: s.now, DueAt: s.now, Until: s.now.Add(left), Zone: "Europe/Helsinki", CreatedAt: s.now, UpdatedAt: s.now,
	}
	if err := s.Store.Update(s.Context(), func(tx callback.Tx) error { return tx.AddCallback(c) }); err != nil {
		s.model.Fatal(err)
	}
	s.settle()
}

func (s *shift) pick(t *rapid.T, what string, is func(*dueCall) bool) *dueCall {
	some := slices.DeleteFunc(slices.Clone(s.calls), func(c *dueCall) bool { return !is(c) })
	if len(some) == 0 {
		return nil
	}
	return rapid.SampledFrom(some).Draw(t, what)
}

// answers has whoever is rung take the call, and press the key.
func (s *shift) answers(t *rapid.T) {
	if c := s.pick(t, "who answers", func(c *dueCall) bool { return !c.speaks }); c != nil {
		s.answered(c)
		s.settle()
	}
}

func (s *shift) answered(c *dueCall) {
	c.since = s.now
	switch {
	case c.first && c.customer == nil:
		c.customer = s.party(c.ring.talk).presses("1")
		s.toAgent(c)
	case c.first:
		c.agent, c.speaks = s.party(c.customer.connect().Talk).presses("1"), true
	case c.agent == nil:
		c.agent = s.party(c.ring.talk).presses("1")
	default:
		c.customer, c.speaks = s.party(c.agent.connect().Talk).presses("1"), true
	}
}

// ripen ends what rings for longer than a line lets it ring: who was rung first
// does not answer, and the other one does.
func (s *shift) ripen() {
	for _, c := range slices.Clone(s.calls) {
		switch {
		case c.speaks || s.now.Sub(c.since) < 30*time.Second:
		case c.rings():
			c.ring.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
			s.forget(c)
		default:
			s.answered(c)
		}
	}
}

// toAgent takes down whom the desk has rung for a customer who has pressed the
// key. There must be one: nobody is called for whom no agent is left.
func (s *shift) toAgent(c *dueCall) {
	if c.customer.turn.Connect == nil {
		s.model.Fatalf("%s has pressed the key, and no agent is left", c.id)
	}
	c.addr = c.customer.turn.Connect.Addr
}

// misses has nobody answer, or a machine.
func (s *shift) misses(t *rapid.T) {
	c := s.pick(t, "who does not answer", func(c *dueCall) bool { return c.first && c.customer == nil || !c.first && c.agent != nil && !c.speaks })
	if c == nil {
		return
	}
	how := rapid.SampledFrom([]ivr.Outcome{ivr.Unanswered, ivr.Busy, ivr.Machine, ivr.Carrier}).Draw(t, "how")
	one := c.agent
	if c.first {
		one = c.ring
	}
	one.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(how)})
	s.over(c)
}

// parts ends a conversation.
func (s *shift) parts(t *rapid.T) {
	c := s.pick(t, "who has spoken", func(c *dueCall) bool { return c.speaks })
	if c == nil {
		return
	}
	one := c.agent
	if c.first {
		one = c.customer
	}
	one.event(ivr.Event{Kind: ivr.Spoke})
	if s.done[c.id]++; s.done[c.id] > 1 {
		s.model.Fatalf("%s has spoken twice", c.id)
	}
	s.over(c)
}

func (s *shift) over(c *dueCall) {
	s.forget(c)
	s.settle()
}

func (s *shift) forget(c *dueCall) {
	for _, p := range []*party{c.customer, c.agent} {
		if p != nil && !p.turn.End {
			p.event(ivr.Event{Kind: ivr.Gone})
		}
	}
	s.calls = slices.DeleteFunc(s.calls, func(o *dueCall) bool { return o == c })
}

func (s *shift) goesOn(t *rapid.T) {
	s.pass(time.Duration(rapid.IntRange(1, 240).Draw(t, "seconds")) * time.Second)
	s.ripen()
	s.settle()
}

// settle has the desk do what it does by itself, and holds it against the model.
func (s *shift) settle() {
	if err := s.Sweep(s.Context()); err != nil {
		s.model.Fatal(err)
	}
	waiting, err := s.List(s.Context(), callback.Filter{States: []callback.State{callback.BookedState, callback.RetryWait}})
	if err != nil {
		s.model.Fatal(err)
	}
	waiting = slices.DeleteFunc(waiting, func(c callback.Callback) bool { return c.DueAt.After(s.now) })
	rings, err := s.Claim(s.Context(), 8)
	if err != nil {
		s.model.Fatal(err)
	}
	for _, r := range rings {
		c, _, err := s.Show(s.Context(), r.Callback)
		if err != nil {
			s.model.Fatal(err)
		}
		call := &dueCall{id: c.ID, until: c.Until, ring: &party{w: s.world, talk: r.Talk}, since: s.now, first: r.Addr == string(c.Phone)}
		if !call.first {
			call.addr = r.Addr
		}
		if slices.ContainsFunc(s.calls, func(o *dueCall) bool { return o.id == c.ID }) {
			s.model.Fatalf("%s is called twice at once", c.ID)
		}
		s.calls = append(s.calls, call)
	}
	s.inOrder(waiting, rings)
	s.alone()
}

// inOrder: no promise is called that ends after one which still waits, and for
// which the same agents would do.
func (s *shift) inOrder(waiting []callback.Callback, rings []callback.Ring) {
	called := map[string]bool{}
	for _, r := range rings {
		called[r.Callback] = true
	}
	for _, c := range waiting {
		for _, o := range waiting {
			if called[c.ID] && !called[o.ID] && o.Until.Before(c.Until) && o.Lang == c.Lang && o.Topic == c.Topic {
				s.model.Fatalf("%s ends at %s and is called before %s, which ends at %s", c.ID, c.Until, o.ID, o.Until)
			}
		}
	}
}

// alone: no agent has two calls, and no more customers are called than agents
// could speak with.
func (s *shift) alone() {
	busy := map[string]string{}
	for _, c := range s.calls {
		if c.addr == "" {
			continue
		}
		if busy[c.addr] != "" {
			s.model.Fatalf("%s has the calls of %s and %s", c.addr, busy[c.addr], c.id)
		}
		busy[c.addr] = c.id
	}
	if len(s.calls) > len(s.Agents) {
		s.model.Fatalf("%d calls are made by %d agents", len(s.calls), len(s.Agents))
	}
}

// end ends all calls, and calls off what waits, for the next model.
func (s *shift) end() {
	for _, c := range s.calls {
		one := c.ring
		if p := c.customer; p != nil && c.first {
			one = p
		}
		if p := c.agent; p != nil && !c.first {
			one = p
		}
		one.event(ivr.Event{Kind: ivr.Gone})
	}
	open, err := s.List(s.Context(), callback.Filter{States: []callback.State{callback.BookedState, callback.RetryWait}})
	if err != nil {
		s.model.Fatal(err)
	}
	for _, c := range open {
		if err := s.Cancel(s.Context(), c.ID, "operator"); err != nil {
			s.model.Fatal(err)
		}
	}
	s.pass(time.Hour)
	if err := s.Sweep(s.Context()); err != nil {
		s.model.Fatal(err)
	}
}

// TestDialsHoldWhatTheyPromise lets customers and agents do whatever they like,
// in every order of dialling.
func TestDialsHoldWhatTheyPromise(t *testing.T) {
	if err := flag.Set("rapid.checks", "8"); err != nil { // each lives through some minutes on a real store
		t.Fatal(err)
	}
	for _, order := range []callback.Order{callback.AgentFirst, callback.CustomerFirst, callback.Adaptive} {
		t.Run(string(order), func(t *testing.T) {
			w := newWorld(t, func(c *callback.Config) {
				c.Agents["eva"] = callback.Agent{Name: "Eva", Phone: "sip:eva@127.0.0.1"}
				c.Limits = callback.Limits{}
				c.Callbacks.Permitted, c.Survey.Kind = "00:00-24:00", "off"
				q := c.Queues["billing"]
				q.Dialing, q.Agents, q.Hours = order, []string{"anna", "bo", "eva"}, map[string]string{"mon-sun": "00:00-24:00"}
				c.Queues["billing"] = q
			})
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			next := 0
			rapid.Check(t, func(model *rapid.T) {
				s := &shift{world: w, model: model, next: next, done: map[string]int{}}
				defer func() { s.end(); next = s.next }()
				acts := []func(*rapid.T){s.promised, s.promised, s.answers, s.answers, s.answers, s.misses, s.parts, s.goesOn}
				for range 40 {
					acts[rapid.IntRange(0, len(acts)-1).Draw(model, "act")](model)
				}
			})
		})
	}
}
