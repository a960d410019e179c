package simulate

import (
	"math"
	"time"

	"github.com/holdless/holdless/callback/dispatch"
	"github.com/holdless/holdless/callback/wait"
)

// needs draws whether somebody needs what not every agent has.
func (c *centre) needs() bool { return c.Special > 0 && c.rand.Float64() < c.Special }

// able reports whether an agent can serve somebody.
func (c *centre) able(agent int, p *person) bool { return !p.special || agent < c.Able }

// fit are the agents who are free and can serve a kind of people, by their places
// among those who are free.
func (c *centre) fit(special bool) []int {
	var all []int
	for i, a := range c.free {
		if c.able(a, &person{special: special}) {
			all = append(all, i)
		}
	}
	return all
}

// match has every customer who is being called without an agent find one of those
// who are free.
func (c *centre) match() *dispatch.Match {
	if c.needed == nil {
		c.needed = dispatch.NewMatch(len(c.free))
		for special, calls := range c.dials {
			if calls > 0 && c.planted != forgotten {
				c.needed.Call(c.fit(special && c.planted != alike), calls)
			}
		}
	}
	return c.needed
}

// choose finds the agent who serves somebody: of those who are free and can, the
// longest idle whom no customer needs who is being called; -1 for nobody.
func (c *centre) choose(p *person) int {
	for i, a := range c.free {
		if c.able(a, p) && c.match().Spares(i) {
			return i
		}
	}
	return -1
}

// can reports whether an agent is free for somebody.
func (c *centre) can(p *person) bool { return c.choose(p) >= 0 }

// keeps reports whether an agent is kept for somebody who is about to be called, as
// the rule decides by how many are left who could serve him.
func (c *centre) keeps(p *person) bool {
	choice, _ := c.rule.Next(dispatch.View{Now: c.clock(), Due: []dispatch.Person{p.Person}, Idle: c.match().Left(c.fit(p.special))})
	return choice.Reserve
}

// leaves counts calls that leave without an agent, or are over.
func (c *centre) leaves(p *person, calls int) {
	c.dials[p.special] += calls
	c.needed = nil
}

// out counts all calls that are out without an agent.
func (c *centre) out() int { return c.dials[false] + c.dials[true] }

// estimate tells how long somebody waits who joins the line now. Where agents
// differ, those who serve both kinds of people count for the others by the work
// that each kind brings, which is an approximation: it is held against how long
// the head of the line has waited.
func (c *centre) estimate(p *person) wait.Estimate {
	line := wait.Line{
		Ahead: c.waiting() + len(c.due), Agents: float64(c.Agents), Handle: c.handling.Mean, Patience: c.giving.Patience(),
	}
	switch {
	case c.Special == 0:
		return line.Estimate()
	case p.special:
		return c.rare(line)
	}
	var work []float64
	for a := range c.Agents {
		if a < c.Able {
			work = append(work, 1)
		} else {
			work = append(work, 1-c.Special)
		}
	}
	line.Agents, line.Ahead = wait.Share(1-c.Special, work), 0
	var head time.Duration
	for _, other := range c.line {
		if !other.special {
			line.Ahead++
			head = max(head, c.clock().Sub(other.Since))
		}
	}
	for _, other := range c.due {
		if !other.special {
			line.Ahead++
		}
	}
	return line.Estimate().Checked(head)
}

// rare tells how long somebody waits whom only some of the agents can serve:
// behind all who came before him, and the promises that would break else.
func (c *centre) rare(line wait.Line) wait.Estimate {
	line.Ahead, line.Able = 0, float64(c.Able)
	for _, other := range c.line {
		behind(&line, other.special)
	}
	until := c.now + line.Estimate().Mean + c.rule.Near + time.Duration(c.places)*c.rule.Each
	for _, other := range c.due {
		if other.By.Before(began.Add(until)) {
			behind(&line, other.special)
		}
	}
	few := 0.0
	for at := c.now.Truncate(c.Slot) + c.Slot; at < workday-2*c.Slot && at+c.Slot < until; at += c.Slot {
		for range c.places {
			few += c.Special
			behind(&line, few >= 1)
			few -= math.Floor(few)
		}
	}
	return line.Estimate()
}

// behind puts one more before the last of a line.
func behind(line *wait.Line, special bool) {
	line.Ahead++
	if special {
		line.Alike++
	}
}
