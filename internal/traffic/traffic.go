// Package traffic tells what callers did in a menu: how many came to each
// node, which keys they pressed there, and where they gave up.
package traffic

import (
	"cmp"
	"fmt"
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

// Tell says it all in words and numbers.
func (t Traffic) Tell() []string {
	if t.Talks == 0 {
		return []string{"nobody has called yet"}
	}
	all := []string{fmt.Sprintf("%s %s: %s, %s on the mean%s", t.Menu, t.Version, number(t.Talks, "talk"), seconds(t.Mean), lengths(t.Half, t.Most))}
	for _, e := range t.Ends {
		all = append(all, fmt.Sprintf("  %-10s %s", e.What, share(e.N, t.Talks)))
	}
	for _, n := range t.Nodes {
		all = append(all, n.tell())
	}
	if n, bad := t.Worst(); bad {
		all = append(all, "worst: "+n.Blame())
	}
	return all
}

// tell is one line about a node.
func (n Node) tell() string {
	words := []string{fmt.Sprintf("%-12s %d came, %s each%s", n.Name, n.In, seconds(n.Mean), lengths(n.Half, n.Most))}
	for _, k := range n.Keys {
		words = append(words, fmt.Sprintf("%s: %s", k.What, share(k.N, n.In)))
	}
	for _, c := range []Count{{"silence", n.Silence}, {"wrong key", n.Wrong}, {"hung up", n.Gone}} {
		if c.N > 0 {
			words = append(words, fmt.Sprintf("%s: %s", c.What, share(c.N, n.In)))
		}
	}
	for _, c := range n.Answers {
		words = append(words, fmt.Sprintf("%s: %d", c.What, c.N))
	}
	return strings.Join(words, ", ")
}

// lengths tells how long half of the people, and nine in ten, take at most;
// nothing when that was not counted.
func lengths(half, most time.Duration) string {
	if half == 0 {
		return ""
	}
	return fmt.Sprintf(" (half of them %s, nine in ten %s)", seconds(half), seconds(most))
}

// Blame says what goes wrong at a node.
func (n Node) Blame() string {
	var words []string
	for _, c := range []struct {
		what string
		n    int
	}{{"hang up", n.Gone}, {"press a key that means nothing there", n.Wrong}, {"do nothing", n.Silence}} {
		if c.n > 0 {
			words = append(words, fmt.Sprintf("%s %s", share(c.n, n.In), c.what))
		}
	}
	return fmt.Sprintf("of %d who come to %s, %s", n.In, n.Name, strings.Join(words, ", "))
}

// Compare says how a version does beside another.
func Compare(before, after Traffic) []string {
	all := []string{fmt.Sprintf("%s: %s; %s: %s", before.Version, number(before.Talks, "talk"), after.Version, number(after.Talks, "talk"))}
	for _, end := range walk.Ends() {
		was, is := before.ending(end), after.ending(end)
		if was+is > 0 {
			all = append(all, fmt.Sprintf("%-10s %s (was: %s)", end, share(is, after.Talks), share(was, before.Talks)))
		}
	}
	all = append(all, fmt.Sprintf("a talk takes %s (was: %s)", seconds(after.Mean), seconds(before.Mean)))
	if before.Half > 0 && after.Half > 0 {
		all = append(all, fmt.Sprintf("half of the talks take %s at most (was: %s), nine in ten %s (was: %s)",
			seconds(after.Half), seconds(before.Half), seconds(after.Most), seconds(before.Most)))
	}
	for _, n := range after.Nodes {
		old := before.Node(n.Name)
		if !before.worth(old) || !after.worth(n) {
			continue
		}
		if old.Half > 0 && n.Half > 0 && old.Half != n.Half {
			all = append(all, fmt.Sprintf("at %s half stay %s at most (was: %s)", n.Name, seconds(n.Half), seconds(old.Half)))
		}
		for _, c := range []struct {
			what    string
			was, is int
		}{{"hang up", old.Gone, n.Gone}, {"press a wrong key", old.Wrong, n.Wrong}, {"do nothing", old.Silence, n.Silence}} {
			if percent(c.was, old.In) != percent(c.is, n.In) {
				all = append(all, fmt.Sprintf("at %s %d%% %s (was: %d%%)", n.Name, percent(c.is, n.In), c.what, percent(c.was, old.In)))
			}
		}
	}
	return all
}

func (t Traffic) ending(end string) int {
	for _, e := range t.Ends {
		if e.What == end {
			return e.N
		}
	}
	return 0
}

func percent(n, of int) int { return (100*n + of/2) / max(of, 1) }

func share(n, of int) string { return fmt.Sprintf("%d (%d%%)", n, percent(n, of)) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func number(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
