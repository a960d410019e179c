package ivr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxDepth is how many menus deep a caller may have to go.
const maxDepth = 3

// check proves what a menu owes to those who hear it: that every way leads to
// a node that is there, and every node on to a person, a callback or a
// goodbye, with a person one key away.
func (r *reader) check() {
	if !r.targets() {
		return // the graph is not whole: what follows would accuse the innocent
	}
	g := r.graph()
	seen := r.unreachable(g)
	r.circles(g)
	r.deadEnds(g, seen)
	r.depth(g)
	r.reserved()
	r.person(g)
}

// targets reports leads to nodes that are not there, and whether every node
// can be walked to.
func (r *reader) targets() bool {
	names := slices.Sorted(maps.Keys(r.menu.nodes))
	whole := r.menu.nodes[r.menu.start] != nil && r.menu.nodes[r.menu.stuck] != nil
	for _, l := range r.leads {
		if _, ok := r.menu.nodes[l.to]; !ok {
			whole = false
			r.fail(l.at, fmt.Sprintf("no node is called %q", l.to), r.meant(l.to, names))
		}
	}
	return whole
}

// graph is the ways out of every node, of "" for those into the menu.
type graph map[string][]lead

func (r *reader) graph() graph {
	g := graph{}
	for _, l := range r.leads {
		g[l.from] = append(g[l.from], l)
	}
	return g
}

// walk calls visit for every node that can be reached from some nodes over
// ways that follow allows.
func (g graph) walk(from []string, follow func(lead) bool) map[string]bool {
	seen := map[string]bool{}
	for len(from) > 0 {
		name := from[len(from)-1]
		from = from[:len(from)-1]
		if seen[name] {
			continue
		}
		seen[name] = true
		for _, l := range g[name] {
			if follow(l) {
				from = append(from, l.to)
			}
		}
	}
	return seen
}

func always(lead) bool { return true }

// unreachable reports nodes that nobody can come to.
func (r *reader) unreachable(g graph) map[string]bool {
	seen := g.walk([]string{""}, always)
	for _, key := range slices.Sorted(maps.Keys(r.menu.anytime)) {
		if to := r.menu.anytime[key]; to != back && to != repeat {
			maps.Copy(seen, g.walk([]string{to}, always))
		}
	}
	for _, name := range r.order {
		if !seen[name] {
			r.fail(r.places[name], "nothing leads to "+name, "lead a key to it, or take it out")
		}
	}
	return seen
}

// circles reports nodes that lead round and round while the person can do
// nothing: that would be a queue.
func (r *reader) circles(g graph) {
	done := map[string]bool{}
	var path []string
	var visit func(name string)
	visit = func(name string) {
		if i := slices.Index(path, name); i >= 0 {
			r.fail(r.places[name], "the talk goes round without asking: "+strings.Join(append(slices.Clone(path[i:]), name), " -> "),
				"lead one of them to a menu, or to a goodbye")
			return
		}
		if done[name] {
			return
		}
		path = append(path, name)
		for _, l := range g[name] {
			if l.auto {
				visit(l.to)
			}
		}
		path = path[:len(path)-1]
		done[name] = true
	}
	for _, name := range r.order {
		visit(name)
	}
}

// deadEnds reports nodes from which no choice leads to a person, a promise or
// a goodbye.
func (r *reader) deadEnds(g graph, seen map[string]bool) {
	into := graph{}
	var good []string
	for name, k := range r.menu.nodes {
		switch k.(type) {
		case *end, *connect, *book, *wait:
			good = append(good, name)
		}
		for _, l := range g[name] {
			into[l.to] = append(into[l.to], lead{from: l.to, to: name})
		}
	}
	safe := into.walk(good, always)
	for _, name := range r.order {
		if seen[name] && !safe[name] {
			r.fail(r.places[name], name+" leads to no person, no callback and no goodbye", "lead one key of it to a goodbye")
		}
	}
}

// depth reports menus that are too many menus down, on the shortest way.
func (r *reader) depth(g graph) {
	depth := map[string]int{}
	level := []string{r.menu.start}
	for d := 0; len(level) > 0; d++ {
		var deeper []string
		for i := 0; i < len(level); i++ { // grows by what is on the same level
			name := level[i]
			if _, known := depth[name]; known {
				continue
			}
			depth[name] = d
			_, isMenu := r.menu.nodes[name].(*menu)
			if isMenu && d == maxDepth {
				r.fail(r.places[name], fmt.Sprintf("%s is %d menus deep", name, d+1), fmt.Sprintf("let callers choose at most %d times", maxDepth))
			}
			for _, l := range g[name] {
				if isMenu {
					deeper = append(deeper, l.to)
				} else {
					level = append(level, l.to)
				}
			}
		}
		level = deeper
	}
}

// reserved reports nodes that listen to a key which means something everywhere.
func (r *reader) reserved() {
	for _, name := range r.order {
		k, ok := r.menu.nodes[name].(interface{ hears() map[string]string })
		if !ok {
			continue
		}
		hears := k.hears()
		for _, key := range slices.Sorted(maps.Keys(hears)) {
			if to := r.menu.anytime[key]; to != "" && to != hears[key] {
				r.fail(r.places[name], fmt.Sprintf("key %s of %s is never heard: it leads to %s at any time", key, name, to), "take another key")
			}
		}
	}
}
