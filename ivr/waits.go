package ivr

import (
	"slices"
	"time"
)

// Length tells how long a prompt takes to say in a language.
type Length func(lang string, p Prompt) time.Duration

// A Wait is how long a caller needs to come to a person from one node, ringing
// aside, when everything is heard to its end in the slowest language.
type Wait struct {
	Node  string
	Path  []Way         // the way with the fewest keys; of those the longest
	Key   time.Duration // for who then presses the key that is a person
	Quiet time.Duration // for who comes so far and then presses nothing; 0 when that leads to none
}

// Waits returns the wait for a person from every node that asks something, the
// longest first. A menu in which no key is a person has none.
func (m *Menu) Waits(length Length) []Wait {
	to := m.anytime["0"]
	if m.nodes[to] == nil {
		return nil
	}
	s := m.stopwatch(length)
	s.count()
	person, _ := s.person(to)
	stuck, helped := s.person(m.stuck)
	var all []Wait
	for _, n := range m.outline {
		keys, ok := s.keys[n.Name]
		if !ok || !asks(m.nodes[n.Name]) {
			continue
		}
		w := Wait{Node: n.Name, Path: s.path(n.Name, keys), Key: s.longest(n.Name) + person}
		if helped { // silence is asked about once, and the second time leads to stuck
			w.Quiet = s.longest(n.Name) + s.said[n.Name] + s.silence + 2*patience(m.nodes[n.Name]) + stuck
		}
		all = append(all, w)
	}
	slices.SortStableFunc(all, func(a, b Wait) int { return int(b.Key - a.Key) })
	return all
}

// Says returns what a node says when the talk comes to it under some facts.
func (m *Menu) Says(node, lang string, f Facts) []Prompt {
	k := m.nodes[node]
	if k == nil {
		return nil
	}
	t := &talk{m: m, State: State{Node: node, Lang: lang}, Facts: f}
	k.enter(t)
	return t.out.Say
}

// asks reports whether a caller can do something at a node.
func asks(k kind) bool {
	switch k.(type) {
	case *menu, *ask, *askDigits, *askNumber, *language, *offer:
		return true
	}
	return false
}

// patience is how long a node waits for the first key.
func patience(k kind) time.Duration {
	switch k := k.(type) {
	case *menu:
		return k.listen.Wait
	case *language:
		return k.wait
	}
	return 8 * time.Second
}

// A stopwatch measures the ways through one menu.
type stopwatch struct {
	m       *Menu
	said    map[string]time.Duration // how long each node speaks at most
	silence time.Duration            // the words about silence
	from    map[string][]Way
	into    map[string][]Way
	keys    map[string]int           // how many choices away from the start
	heard   map[string]time.Duration // until the node has spoken; the longest
	before  map[string]Way           // on that longest way
}

func (m *Menu) stopwatch(length Length) *stopwatch {
	s := &stopwatch{
		m: m, said: map[string]time.Duration{}, from: map[string][]Way{}, into: map[string][]Way{},
		keys: map[string]int{}, heard: map[string]time.Duration{}, before: map[string]Way{},
	}
	scenes := worst()
	for _, lang := range m.languages {
		s.silence = max(s.silence, length(lang, Prompt{Name: "silence"}))
		for name := range m.nodes {
			for _, f := range scenes {
				var said time.Duration
				for _, p := range m.Says(name, lang, f) {
					said += length(lang, p)
				}
				s.said[name] = max(s.said[name], said)
			}
		}
	}
	for _, w := range m.ways {
		s.from[w.From] = append(s.from[w.From], w)
		s.into[w.To] = append(s.into[w.To], w)
	}
	return s
}

// worst is the facts under which nodes have most to say: times on many days,
// far away; open and closed.
func worst() []Facts {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var slots []time.Time
	for day := range 6 {
		slots = append(slots, now.AddDate(0, 0, day+2).Add(45*time.Minute))
	}
	open := Facts{
		Now: now, Open: true, Idle: 1, Bound: 45 * time.Minute, Slots: slots, Booking: slots[0],
		Caller: Caller{Phone: "+358401234567", Callable: true, Known: true, Name: "Aino"},
	}
	closed, busy := open, open
	closed.Open, closed.Opens, closed.Idle = false, slots[0], 0
	busy.Idle = 0
	return []Facts{open, closed, busy}
}

// count finds out how many choices away every node is.
func (s *stopwatch) count() {
	level := []string{s.m.start}
	for n := 0; len(level) > 0; n++ {
		var next []string
		for i := 0; i < len(level); i++ { // grows by what follows by itself
			name := level[i]
			if _, known := s.keys[name]; known {
				continue
			}
			s.keys[name] = n
			switch s.m.nodes[name].(type) {
			case *connect, *wait:
				continue // what follows is not for the menu to say
			}
			for _, w := range s.from[name] {
				if w.Auto {
					level = append(level, w.To)
				} else {
					next = append(next, w.To)
				}
			}
		}
		level = next
	}
}

// longest is how much is heard until a node has spoken, on the longest of the
// ways with the fewest choices. No way goes round: each choice is one further,
// and the check has proved that nodes do not lead round by themselves.
func (s *stopwatch) longest(name string) time.Duration {
	if d, known := s.heard[name]; known {
		return d
	}
	var most time.Duration
	for _, w := range s.into[name] {
		keys, reached := s.keys[w.From]
		if w.From == "" || !reached || keys+choices(w) != s.keys[name] {
			continue
		}
		if d := s.longest(w.From) - s.said[w.From] + s.cost(w); d > most || s.before[name].To == "" {
			most, s.before[name] = d, w
		}
	}
	s.heard[name] = most + s.said[name]
	return s.heard[name]
}

// cost is how long a node speaks before a way out of it is taken.
func (s *stopwatch) cost(w Way) time.Duration {
	switch k := s.m.nodes[w.From].(type) {
	case *offer:
		if w.By == "none" { // there was nothing to read out
			return 0
		}
	case *hours:
		if w.To == k.open && w.By == "open" {
			return 0
		}
	}
	return s.said[w.From]
}

func choices(w Way) int {
	if w.Auto {
		return 0
	}
	return 1
}

// path is the way that longest has found.
func (s *stopwatch) path(name string, keys int) []Way {
	s.longest(name)
	path := make([]Way, 0, keys)
	for w := s.before[name]; w.To != ""; w = s.before[w.From] {
		path = append(path, w)
	}
	slices.Reverse(path)
	return path
}

// person is how much is said from a node on until it rings, on the longest way
// that is taken without asking; false when there is none.
func (s *stopwatch) person(name string) (time.Duration, bool) {
	switch k := s.m.nodes[name].(type) {
	case *connect:
		return s.said[name], k.to != "customer"
	case *wait:
		return s.said[name], true
	case *offer, nil:
		return 0, false
	}
	var most time.Duration
	found := false
	for _, w := range s.from[name] {
		if !w.Auto {
			continue
		}
		if d, ok := s.person(w.To); ok {
			most, found = max(most, d+s.cost(w)), true
		}
	}
	return most, found
}
