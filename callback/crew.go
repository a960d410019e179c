package callback

import (
	"errors"
	"slices"

	"github.com/holdless/holdless/callback/wait"
)

// A crew is the team of a queue as somebody sees it who waits, with a wish that
// not everybody at work can serve.
type crew struct {
	desk  *Desk
	queue *Queue
	all   []Status
	able  []string // to serve him, at work or not
	rest  []string // at work, and not able
}

// crewFor finds out who of a queue can serve a wish.
func (d *Desk) crewFor(q *Queue, all []Status, w wish) crew {
	c := crew{desk: d, queue: q, all: all, able: d.fitting(q.Agents, all, w)}
	for _, agent := range q.Agents {
		if d.find(all, agent).onDuty() && !slices.Contains(c.able, agent) {
			c.rest = append(c.rest, agent)
		}
	}
	return c
}

// serves reports whether an agent is at work and can serve him.
func (c crew) serves(agent string) bool {
	return slices.Contains(c.able, agent) && c.desk.find(c.all, agent).onDuty()
}

// before puts somebody before him in line, unless that one is served by the
// rest alone.
func (c crew) before(line *wait.Line, other wish) {
	if len(c.rest) == 0 {
		line.Ahead++
		return
	}
	fit := c.desk.fitting(c.queue.Agents, c.all, other)
	if !slices.ContainsFunc(fit, c.serves) {
		return
	}
	line.Ahead++
	if !slices.ContainsFunc(fit, func(a string) bool { return slices.Contains(c.rest, a) }) {
		line.Alike++
	}
}

// stand puts so many before him, the first of whom stand in line. Those who
// keep a place are taken to be served by everybody.
func (c crew) stand(tx Tx, line *wait.Line, waiting int) error {
	line.Ahead = waiting
	if len(c.rest) == 0 {
		return nil
	}
	first, err := tx.Waiters(c.queue.Name)
	if err != nil {
		return err
	}
	first = first[:min(waiting, len(first))]
	line.Ahead -= len(first)
	for _, other := range first {
		t, err := tx.Talk(other.Talk)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		c.before(line, wish{lang: t.State.Lang, topic: t.State.Data["topic"]})
	}
	return nil
}
