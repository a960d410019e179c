package ivr

import "slices"

// person reports a menu in which key 0 does not reach a person.
func (r *reader) person(g graph) {
	if r.menu.audience != caller && r.menu.audience != customer {
		return
	}
	to := r.menu.anytime["0"]
	if _, ok := r.menu.nodes[to]; !ok {
		r.fail(r.places[r.menu.start], "key 0 does not reach a person", `write anytime: {"0": <a node that connects>, "*": back}`)
	} else {
		r.owed(g, to, "key 0 leads to "+to)
	}
	if stuck := r.menu.stuck; r.menu.audience == caller && stuck != to {
		r.owed(g, stuck, "callers who are not understood come to "+stuck)
	}
}

// owed reports a node from which callers are not led to a person, or not all of
// them.
func (r *reader) owed(g graph, node, who string) {
	if (&ringing{r.menu, g, map[string]bool{}, true}).from(node) {
		return
	}
	text, hint := who+", and that does not reach a person", "let it lead to a connect or a transfer"
	if (&ringing{r.menu, g, map[string]bool{}, false}).from(node) {
		text += " for every caller"
		hint = "lead both ways of its conditions there, and of hours the one that is open"
	}
	r.fail(r.places[node], text, hint)
}

// A ringing looks whether nodes lead to a person without asking.
type ringing struct {
	m       *Menu
	g       graph
	known   map[string]bool // false for a node that is being looked at
	forEach bool            // else it is enough that some callers come there
}

func (r *ringing) from(name string) bool {
	yes, seen := r.known[name]
	if !seen {
		r.known[name] = false // a circle leads to nobody
		yes = r.rings(name)
		r.known[name] = yes
	}
	return yes
}

func (r *ringing) rings(name string) bool {
	switch k := r.m.nodes[name].(type) {
	case *connect:
		if k.to != "customer" {
			return true
		}
	case *wait:
		return true
	case *offer, *language:
		return false
	case *hours:
		if r.forEach {
			return r.from(k.open)
		}
	case *jump:
		if r.forEach {
			return r.fork(k)
		}
	}
	return slices.ContainsFunc(r.g[name], func(l lead) bool { return l.auto && r.from(l.to) })
}

// fork looks at both ways of a condition, but for those about whether somebody
// is there just now.
func (r *ringing) fork(k *jump) bool {
	switch k.about {
	case "", "open":
		return r.from(k.then)
	case "closed":
		return r.from(k.not)
	case "idle", "may_wait", "wait_over":
		return r.from(k.then) || r.from(k.not)
	}
	return r.from(k.then) && r.from(k.not)
}
