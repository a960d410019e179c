package script

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/holdless/holdless/ivr"
)

// Coverage counts which nodes and keys of a menu talks have come by.
type Coverage struct {
	menu  *ivr.Menu
	nodes map[string]bool
	keys  map[string]bool
}

// NewCoverage begins to count for a menu.
func NewCoverage(m *ivr.Menu) *Coverage {
	return &Coverage{menu: m, nodes: map[string]bool{}, keys: map[string]bool{}}
}

// Add holds a talk once more, and counts what it comes by.
func (c *Coverage) Add(t Talk) {
	s := t.Begin(c.menu)
	for _, e := range t.events() {
		if at := s.State.Node; e.Kind == ivr.Heard {
			c.keys[at+" "+e.Text] = true
		}
		s.Next(e)
		for _, node := range s.Nodes {
			c.nodes[node] = true
		}
	}
}

// events is all that is done in a talk.
func (t Talk) events() []ivr.Event {
	if !t.short() {
		all := make([]ivr.Event, len(t.Lines))
		for i, line := range t.Lines {
			all[i] = line.Event
		}
		return all
	}
	all := []ivr.Event{{Kind: ivr.Begin}}
	for _, key := range t.Goal.Keys {
		all = append(all, Did(key))
	}
	return all
}

// String tells how much of the menu was come by, and what was not.
func (c *Coverage) String() string {
	nodes, keys := c.menu.Nodes(), keysOf(c.menu)
	var missed []string
	for _, n := range nodes {
		if !c.nodes[n.Name] {
			missed = append(missed, n.Name)
		}
	}
	unseen := len(missed)
	for _, key := range keys {
		if !c.keys[key] {
			missed = append(missed, key)
		}
	}
	unpressed := len(missed) - unseen
	text := fmt.Sprintf("%d of %d nodes, %d of %d keys", len(nodes)-unseen, len(nodes), len(keys)-unpressed, len(keys))
	if len(missed) > 0 {
		text += "; not yet: " + strings.Join(missed, ", ")
	}
	return text
}

// keysOf lists the keys of all menus, as "topics 1".
func keysOf(m *ivr.Menu) []string {
	var all []string
	for _, w := range m.Ways() {
		if key, ok := strings.CutPrefix(w.By, "key "); ok && w.From != "" {
			all = append(all, w.From+" "+key)
		}
	}
	return all
}

// maxWalk is how many turns a walk may have before it must be over: the
// engine itself ends a talk that goes on for longer.
const maxWalk = 130

// Walk holds a talk in which somebody presses keys at random, says nothing, or
// is not answered. The error tells what was done when the talk did not come to
// an end, or a turn was neither listened to, nor connected, nor over.
func Walk(m *ivr.Menu, t Talk, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // it must be the same again
	s := t.Begin(m)
	turn := s.Next(ivr.Event{Kind: ivr.Begin})
	var did []string
	for range maxWalk {
		switch {
		case turn.End:
			return nil
		case turn.Listen == nil && turn.Connect == nil && turn.Record == nil:
			return fmt.Errorf("walk %d: nothing follows at %s after %s", seed, s.State.Node, strings.Join(did, " "))
		}
		e := stray(r, turn)
		did = append(did, string(e.Kind)+e.Text)
		turn = s.Next(e)
	}
	return fmt.Errorf("walk %d: no end after %s", seed, strings.Join(did, " "))
}

// stray is something that a person may do.
func stray(r *rand.Rand, turn ivr.Turn) ivr.Event {
	if turn.Connect != nil {
		return ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Busy)}
	}
	if turn.Record != nil && r.IntN(2) == 0 {
		return ivr.Event{Kind: ivr.Recorded, Text: "spoken"}
	}
	if turn.Record != nil || r.IntN(8) == 0 {
		return ivr.Event{Kind: ivr.Silence}
	}
	keys := make([]byte, 1+r.IntN(max(1, min(turn.Listen.Max, 8))))
	for i := range keys {
		keys[i] = "123456789012*#"[r.IntN(14)]
	}
	return ivr.Event{Kind: ivr.Heard, Text: string(keys)}
}
