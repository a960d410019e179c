package simulate

import (
	"time"

	"github.com/holdless/holdless/callback/dispatch"
)

// call calls the customer of a promise, with an agent kept for him or without.
func (c *centre) call(p *person, reserve bool) {
	r := &called{person: p, agent: -1, began: c.now}
	if reserve {
		r.agent = c.take(p)
	} else {
		c.leaves(p, 1)
	}
	p.tries++
	c.tally.dials++
	after := c.now
	if c.Order == AgentFirst {
		after += pickup
	}
	fate, ring := c.rand.Float64(), rings+seconds(12*c.rand.Float64()-6)
	switch {
	case fate < c.Answer:
		c.events.add(after+ring+presses, func() { c.answered(r) })
	case fate < c.Answer+c.Machine:
		r.machine = true
		c.tally.machines++
		c.events.add(after+ring+machined, func() { c.answered(r) })
	default:
		c.events.add(after+unheard, func() { c.missed(r) })
	}
}

// answered holds the talk with whoever has taken the call.
func (c *centre) answered(r *called) {
	if c.putThrough(r.machine) {
		c.pressed(r)
		return
	}
	c.missed(r)
}

// pressed takes that a customer wants to speak now.
func (c *centre) pressed(r *called) {
	r.pressed = c.now
	if r.agent < 0 {
		c.leaves(r.person, -1)
		if !c.can(r.person) {
			c.ready = append(c.ready, r)
			return
		}
		r.agent = c.take(r.person)
	} else {
		c.tally.locked += c.now - r.began
	}
	c.join(r)
}

// join joins a customer with his agent.
func (c *centre) join(r *called) {
	at := c.now
	if c.Order != AgentFirst {
		at += pickup
	}
	if r.machine {
		c.tally.toAgents++
	}
	c.tally.connected(began.Add(at), r.person, at-r.pressed)
	c.talk(r.agent)
}

// missed takes that nobody pressed a key. A customer who was called in time is
// called again, and that is another promise.
func (c *centre) missed(r *called) {
	if r.agent < 0 {
		c.leaves(r.person, -1)
	} else {
		c.tally.locked += c.now - r.began
		c.release(r.agent)
	}
	if began.Add(r.began).After(r.By) {
		c.tally.lateTries++
	}
	if r.tries >= tries {
		c.tally.unreached++
		return
	}
	due := c.now + retry
	c.events.add(due, func() {
		again := &person{Person: dispatch.Person{Since: began.Add(due), By: r.By}, tries: r.tries, special: r.special}
		if again.Since.After(again.By) {
			again.By = again.Since.Add(10 * time.Minute)
		}
		c.promise(again)
	})
}
