// Package traffic tells what callers did in a menu: how many came to each
// node, which keys they pressed there, and where they gave up.
package traffic

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

// A Node is what was done at one node of a menu.
type Node struct {
	Name    string        `json:"name"`
	In      int           `json:"in"`      // who came to it
	Mean    time.Duration `json:"mean"`    // how long they stayed
	Half    time.Duration `json:"p50"`     // half of them no longer
	Most    time.Duration `json:"p90"`     // nine in ten no longer
	Keys    []Count       `json:"keys"`    // what they pressed, by key
	Silence int           `json:"silence"` // did nothing
	Wrong   int           `json:"wrong"`   // pressed a key that means nothing there
	Gone    int           `json:"gone"`    // hung up
	Answers []Count       `json:"answers"` // what the desk and the line answered there
	ways    map[string]int
	took    map[int]int
}

// A Count is how often something happened.
type Count struct {
	What string `json:"what"`
	N    int    `json:"n"`
}

// A Traffic is what was done in one version of a menu.
type Traffic struct {
	Menu    string        `json:"menu"`
	Version string        `json:"version"`
	Talks   int           `json:"talks"`
	Mean    time.Duration `json:"mean"` // how long they took
	Half    time.Duration `json:"p50"`  // half of them no longer
	Most    time.Duration `json:"p90"`  // nine in ten no longer
	Ends    []Count       `json:"ends"` // as walk.Ends has them
	Nodes   []Node        `json:"nodes"`
}

// Of adds up what was counted of one version. The nodes come in the order of
// the menu, when there is one, and else by their names.
func Of(all []walk.Tally, m *ivr.Menu) Traffic {
	var t Traffic
	nodes, ends, took := map[string]*Node{}, map[string]int{}, map[int]int{}
	for _, c := range all {
		t.Menu, t.Version = c.Menu, c.Version
		switch end, isEnd := strings.CutPrefix(c.Way, walk.WayEnd); {
		case c.Node != "":
			if nodes[c.Node] == nil {
				nodes[c.Node] = &Node{Name: c.Node, ways: map[string]int{}, took: map[int]int{}}
			}
			nodes[c.Node].add(c)
		case isEnd:
			ends[end] += c.N
		case strings.HasPrefix(c.Way, walk.WayTook):
			took[class(c)] += c.N
		case c.Way == walk.WayIn:
			t.Talks += c.N
			t.Mean = c.Time / time.Duration(max(c.N, 1))
		}
	}
	for _, end := range walk.Ends() {
		if ends[end] > 0 {
			t.Ends = append(t.Ends, Count{end, ends[end]})
		}
	}
	t.Half, t.Most = within(took, 50), within(took, 90)
	for _, n := range nodes {
		n.Half, n.Most = within(n.took, 50), within(n.took, 90)
		t.Nodes = append(t.Nodes, *n)
	}
	place := order(m)
	slices.SortFunc(t.Nodes, func(a, b Node) int {
		return cmp.Or(cmp.Compare(place[a.Name], place[b.Name]), strings.Compare(a.Name, b.Name))
	})
	return t
}

// class is the class of lengths that a tally counts.
func class(c walk.Tally) int {
	n, err := strconv.Atoi(strings.TrimPrefix(c.Way, walk.WayTook))
	if err != nil {
		return 0
	}
	return n
}

// within is the length that so many of a hundred stays do not exceed.
func within(took map[int]int, percent int) time.Duration {
	all, sum := 0, 0
	for _, n := range took {
		all += n
	}
	for _, class := range slices.Sorted(maps.Keys(took)) {
		if sum += took[class]; 100*sum >= percent*all {
			return walk.Took(class)
		}
	}
	return 0
}

func order(m *ivr.Menu) map[string]int {
	all := map[string]int{}
	if m != nil {
		for i, n := range m.Nodes() {
			all[n.Name] = i
		}
	}
	return all
}

// add takes one count of the node.
func (n *Node) add(c walk.Tally) {
	if strings.HasPrefix(c.Way, walk.WayTook) {
		n.took[class(c)] += c.N
		return
	}
	n.ways[c.Way] += c.N
	key, isKey := strings.CutPrefix(c.Way, walk.WayKey)
	switch {
	case c.Way == walk.WayIn:
		n.In, n.Mean = c.N, c.Time/time.Duration(max(c.N, 1))
	case c.Way == walk.WaySilence:
		n.Silence = c.N
	case c.Way == walk.WayWrong:
		n.Wrong = c.N
	case c.Way == walk.WayGone:
		n.Gone = c.N
	case isKey:
		n.Keys = append(n.Keys, Count{key, c.N})
	case c.Way == walk.WayMany:
		n.Keys = append(n.Keys, Count{"more keys", c.N})
	case !strings.HasPrefix(c.Way, walk.WayTo):
		n.Answers = append(n.Answers, Count{c.Way, c.N})
	}
}

// Node returns what was done at a node.
func (t Traffic) Node(name string) Node {
	i := slices.IndexFunc(t.Nodes, func(n Node) bool { return n.Name == name })
	if i < 0 {
		return Node{Name: name}
	}
	return t.Nodes[i]
}

// Took returns how many went from a node by a way of its menu.
func (t Traffic) Took(w ivr.Way) int {
	n := t.Node(w.From)
	if strings.HasPrefix(w.By, walk.WayKey) {
		return n.ways[w.By]
	}
	return n.ways[walk.WayTo+w.To]
}

// Lost is the share of those who came to a node and did not get on with it.
// Who hangs up counts twice: he is gone.
func (n Node) Lost() float64 {
	return float64(2*n.Gone+n.Wrong+n.Silence) / float64(max(n.In, 1))
}

// worth is how many must have come to a node before anything is said of it:
// one in twenty of the callers, and ten.
func (t Traffic) worth(n Node) bool { return n.In >= 10 && 20*n.In >= t.Talks }

// Worst returns the node that most callers have trouble with; false when no
// node has any to speak of.
func (t Traffic) Worst() (Node, bool) {
	var worst Node
	for _, n := range t.Nodes {
		if t.worth(n) && n.Lost() > worst.Lost() {
			worst = n
		}
	}
	return worst, worst.Lost() >= 0.05
}
