package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
)

// aims finds agents that menus ring and nobody is, and numbers that they put
// callers through to and nobody may call.
func (c *config) aims(r *reader) {
	for _, name := range slices.Sorted(maps.Keys(c.menus)) {
		if ms := c.misled(c.menus[name]); len(ms) > 0 {
			c.wrong[name] = ms
			r.mistakes = append(r.mistakes, ms...)
		}
	}
}

// misled finds the nodes of a menu that lead out of it to nobody.
func (c *config) misled(m *ivr.Menu) ivr.Mistakes {
	rules := c.Dialable()
	var all ivr.Mistakes
	for _, n := range m.Nodes() {
		if text, hint := c.amiss(rules, n); text != "" {
			all = append(all, m.MistakeAt(n, text, hint, "to"))
		}
	}
	return all
}

// amiss tells what is wrong with the target of a node; of numbers nothing is
// known when there are no rules.
func (c *config) amiss(rules *number.Rules, n ivr.Node) (text, hint string) {
	to := n.Field("to")
	agent, named := strings.CutPrefix(to, "agent:")
	switch {
	case named:
		names := slices.Sorted(maps.Keys(c.Agents))
		if !slices.Contains(names, agent) {
			return fmt.Sprintf("nobody is called %q in agents", agent), ivr.Meant(agent, names)
		}
	case rules != nil && n.Do == "transfer" && strings.HasPrefix(to, "+"):
		if err := rules.Check(callback.Phone(to)); err != nil {
			return fmt.Sprintf("no call may be transferred to %s: %v", to, err), "see callbacks.allow_regions and callbacks.deny"
		}
	}
	return "", ""
}

// doubt collects what is allowed in the configuration, and yet means that
// callers cannot be offered what it seems to say.
func (c *config) doubt(r *reader) {
	d, err := callback.New(c.Config)
	if err != nil {
		return // reported already
	}
	err = d.Doubts(time.Now())
	if err == nil {
		return
	}
	n := len(r.mistakes)
	r.blame(err)
	for _, m := range r.mistakes[n:] {
		c.vague = append(c.vague, finding{m, true})
	}
	r.mistakes = r.mistakes[:n]
}

// standards warns of menus in which callers listen longer until a person is
// rung than the standard of their queue says.
func (c config) standards(p *proof) []finding {
	var found []finding
	for _, number := range slices.Sorted(maps.Keys(c.Numbers)) {
		route := c.Numbers[number]
		m, q := c.menus[route.Menu], c.Queues[route.Queue]
		if m == nil || q.AnswerWithin == 0 {
			continue
		}
		waits := m.Waits(p.length)
		if len(waits) == 0 || waits[0].Key <= q.AnswerWithin.Duration() {
			continue
		}
		text := fmt.Sprintf("callers of %s hear up to %d seconds until a person is rung (%s): the standard of %s is %s",
			number, seconds(waits[0].Key), keysOf(waits[0].Path), route.Queue, q.AnswerWithin)
		found = append(found, finding{m.MistakeAt(m.Node(waits[0].Node), text, "say less before it"), true})
	}
	return found
}
