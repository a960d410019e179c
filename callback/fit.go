package callback

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/wait"
)

// A wish is whom somebody wants to speak with.
type wish struct {
	lang   string
	topic  string
	waited time.Duration // on the line
}

// wishOf reads from a talk whom the caller wants to speak with.
func (d *Desk) wishOf(tx Tx, t *Talk) wish {
	w := wish{lang: t.State.Lang, topic: t.State.Data["topic"]}
	if t.Menu == customerMenu {
		if c, err := tx.Callback(t.Callback); err == nil {
			w = c.wish()
		}
	}
	if in, err := tx.Waiter(t.ID); err == nil {
		w.waited = d.Now().Sub(in.Came)
	}
	return w
}

// wish is whom the customer of a callback wants to speak with.
func (c Callback) wish() wish { return wish{lang: c.Lang, topic: c.Topic} }

// fits reports whether an agent speaks the language of a wish, and knows its
// matter. Who lists no languages, or no skills, has all of them.
func (a Agent) fits(w wish) (speaks, knows bool) {
	speaks = w.lang == "" || len(a.Languages) == 0 || slices.Contains(a.Languages, w.lang)
	knows = w.topic == "" || len(a.Skills) == 0 || slices.Contains(a.Skills, w.topic)
	return speaks, knows
}

// poolOf returns the agents who may answer in a queue, with those who help out
// when its callers have waited for long.
func (d *Desk) poolOf(q *Queue, long bool) []string {
	other := d.Queues[q.Overflow]
	if !long || other == nil {
		return q.Agents
	}
	all := slices.Clone(q.Agents)
	for _, a := range other.Agents {
		if !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

// freeOf picks the agents who can take a call, the longest idle first.
func (d *Desk) freeOf(agents []string, all []Status) []string {
	var free []Status
	for _, name := range agents {
		if s := d.find(all, name); d.freeNow(s) {
			free = append(free, s)
		}
	}
	slices.SortStableFunc(free, func(a, b Status) int {
		return cmp.Compare(a.Since.UnixMilli(), b.Since.UnixMilli())
	})
	names := make([]string, len(free))
	for i, s := range free {
		names[i] = s.Agent
	}
	return names
}

// fitting leaves of a pool those who can serve a wish. A language that somebody
// at work speaks is waited for, and so is a skill; one that nobody at work has
// is not.
func (d *Desk) fitting(pool []string, all []Status, w wish) []string {
	for _, has := range []func(Agent) bool{
		func(a Agent) bool { speaks, _ := a.fits(w); return speaks },
		func(a Agent) bool { _, knows := a.fits(w); return knows },
	} {
		fit := slices.DeleteFunc(slices.Clone(pool), func(a string) bool { return !has(d.Agents[a]) })
		if slices.ContainsFunc(fit, func(a string) bool { return d.find(all, a).onDuty() }) {
			pool = fit
		}
	}
	return pool
}

// freeFor lists the agents of a team who can take a call with a wish now, the
// longest idle first.
func (d *Desk) freeFor(team []Status, q *Queue, w wish) []string {
	pool := d.fitting(d.poolOf(q, w.waited >= q.OverflowAfter), team, w)
	return d.freeOf(pool, team)
}

// rests keeps an agent from being rung again at once who has just not answered.
func (d *Desk) rests(tx Tx, agent string) error {
	s, err := d.statusOf(tx, agent)
	if err != nil || s.State != Available {
		return err
	}
	s.Since = d.Now().Add(agentPause)
	return tx.PutStatus(s)
}

// A crew is the team of a queue as somebody sees it who waits, with a wish that
// not everybody at work can serve.
type crew struct {
	desk  *Desk
	queue *Queue
	all   []Status
	able  []string        // to serve him, at work or not
	duty  map[string]bool // who is at work, and whether he can serve him
	rest  int             // how many of these can not
	known map[wish]rivals // what is known of others who wait
}

// rivals are those who wait with one wish, as somebody sees them whom they may go
// before.
type rivals struct {
	ahead bool // some who can serve him can serve them
	alike bool // and nobody else can
}

// crewFor finds out who of a queue can serve a wish.
func (d *Desk) crewFor(q *Queue, all []Status, w wish) crew {
	c := crew{desk: d, queue: q, all: all, able: d.fitting(q.Agents, all, w), duty: map[string]bool{}, known: map[wish]rivals{}}
	for _, agent := range q.Agents {
		if d.find(all, agent).onDuty() {
			c.duty[agent] = false
		}
	}
	c.rest = len(c.duty)
	for _, agent := range c.able {
		if _, ok := c.duty[agent]; ok {
			c.duty[agent] = true
			c.rest--
		}
	}
	return c
}

// serves reports whether an agent is at work and can serve him.
func (c crew) serves(agent string) bool { return c.duty[agent] }

// before puts somebody before him in line, unless that one is served by the
// rest alone.
func (c crew) before(line *wait.Line, other wish) {
	r := c.rivals(other)
	if !r.ahead {
		return
	}
	line.Ahead++
	if r.alike {
		line.Alike++
	}
}

func (c crew) rivals(other wish) rivals {
	if c.rest == 0 {
		return rivals{ahead: true}
	}
	r, ok := c.known[other]
	if !ok {
		fit := c.desk.fitting(c.queue.Agents, c.all, other)
		r.ahead = slices.ContainsFunc(fit, c.serves)
		r.alike = !slices.ContainsFunc(fit, func(a string) bool { able, works := c.duty[a]; return works && !able })
		c.known[other] = r
	}
	return r
}

// stand puts so many before him, the first of whom stand in line. Those who
// keep a place are taken to be served by everybody.
func (c crew) stand(tx Tx, line *wait.Line, waiting int) error {
	line.Ahead = waiting
	if c.rest == 0 {
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
