package simulate

import (
	"slices"
	"time"

	"github.com/holdless/holdless/callback/wait"
)

// needs draws whether somebody needs what not every agent has.
func (c *centre) needs() bool { return c.Special > 0 && c.rand.Float64() < c.Special }

// able reports whether an agent can serve somebody.
func (c *centre) able(agent int, p *person) bool { return !p.special || agent < c.Able }

// fit counts the agents who are free and can serve somebody.
func (c *centre) fit(p *person) int {
	n := 0
	for _, a := range c.free {
		if c.able(a, p) {
			n++
		}
	}
	return n
}

// can reports whether an agent who is free can serve somebody.
func (c *centre) can(p *person) bool {
	return slices.ContainsFunc(c.free, func(a int) bool { return c.able(a, p) })
}

// estimate tells how long somebody waits who joins the line now. Where agents
// differ, those who serve both kinds of people are split by the work that each
// kind brings, which is an approximation: it is held against how long the head
// of the line has waited.
func (c *centre) estimate(p *person) wait.Estimate {
	line := wait.Line{
		Ahead: c.waiting() + len(c.due), Agents: float64(c.Agents), Handle: c.handling.Mean, Patience: c.giving.Patience(),
	}
	if c.Special == 0 {
		return line.Estimate()
	}
	own := 1 - c.Special
	if p.special {
		own = c.Special
	}
	var work []float64
	for a := range c.Agents {
		switch {
		case a < c.Able:
			work = append(work, 1)
		case !p.special:
			work = append(work, own)
		}
	}
	line.Agents, line.Ahead = wait.Share(own, work), 0
	var head time.Duration
	for _, other := range c.line {
		if other.special == p.special {
			line.Ahead++
			head = max(head, c.clock().Sub(other.Since))
		}
	}
	for _, other := range c.due {
		if other.special == p.special {
			line.Ahead++
		}
	}
	return line.Estimate().Checked(head)
}
