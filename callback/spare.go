package callback

import (
	"errors"
	"slices"

	"github.com/holdless/holdless/callback/dispatch"
)

// errNobody means that every free agent may be needed by a customer who is being
// rung already.
var errNobody = errors.New("no agent is left")

// reserved says which agent is kept for a customer who is about to be rung: the one
// who was chosen, or "" when so many are free who fit that one will be.
func (d *Desk) reserved(tx Tx, q *Queue, due Callback, agent string) (string, error) {
	team, err := tx.Statuses()
	if err != nil {
		return "", err
	}
	all, err := d.unkept(tx, team)
	if err != nil {
		return "", err
	}
	out := d.dials(q.Agents, all)
	if q.Order != Adaptive && out == 0 {
		return agent, nil
	}
	rule := dispatch.Default()
	if q.Order == Adaptive {
		rule.Spare = q.Spare
	}
	c, ok := rule.Next(dispatch.View{Now: d.Now(), Due: []dispatch.Person{{}}, Idle: len(d.ready(q, team)), Dials: out})
	switch {
	case !ok:
		return "", errNobody
	case c.Reserve:
		return agent, nil
	}
	fit, err := d.freeFor(tx, q, wish{lang: due.Lang, topic: due.Topic})
	if err != nil || len(fit)-out < rule.Spare {
		return agent, err
	}
	return "", nil
}

// unkept counts, by queue, the customers who are being rung, or have answered,
// and for whom no agent is kept.
func (d *Desk) unkept(tx Tx, team []Status) (map[string]int, error) {
	all := map[string]int{}
	calling, err := tx.FindCallbacks(Filter{States: []State{CustomerDialing}, Max: widest})
	if err != nil {
		return nil, err
	}
	for _, c := range calling {
		if q := d.Queues[c.Queue]; q == nil || q.Order != Adaptive {
			continue
		}
		kept, err := d.keptFor(tx, team, c)
		if err != nil {
			return nil, err
		}
		if !kept {
			all[c.Queue]++
		}
	}
	return all, nil
}

// left counts the agents of a pool who are still free when every customer who is
// being rung, and for whom no agent is kept, has one of them.
func (d *Desk) left(tx Tx, pool []string, team []Status) (int, error) {
	all, err := d.unkept(tx, team)
	return max(0, len(d.freeOf(pool, team))-d.dials(pool, all)), err
}

// freeOnLine lists the agents who can take the call of a talk now, the longest
// idle first, and counts how many of them may. Who could stand in line leaves those
// alone whom the customers that are being rung may need: nobody is free for him
// then, and his turn comes.
func (d *Desk) freeOnLine(tx Tx, t *Talk, q *Queue) (free []string, most int, err error) {
	w := d.wishOf(tx, t)
	free, err = d.freeFor(tx, q, w)
	if err != nil || len(free) == 0 || !d.hasLine(t) {
		return free, len(free), err
	}
	team, err := tx.Statuses()
	if err != nil {
		return nil, 0, err
	}
	most, err = d.left(tx, d.poolOf(q, w.waited >= q.OverflowAfter), team)
	if err != nil || most == 0 {
		return nil, 0, err
	}
	return free, min(most, len(free)), nil
}

// keptFor reports whether an agent is kept for a customer: who was may have
// passed the call on.
func (d *Desk) keptFor(tx Tx, team []Status, c Callback) (bool, error) {
	s := d.find(team, c.Agent)
	if c.Agent == "" || s.State != OnRing && s.State != OnCall {
		return false, nil
	}
	t, err := tx.Talk(s.Ref)
	return t.Callback == c.ID, known(err)
}

// dials adds up the unkept customers who may need one of these agents, for
// whatever queue.
func (d *Desk) dials(agents []string, unkept map[string]int) int {
	n := 0
	for name, calling := range unkept {
		if slices.ContainsFunc(d.Queues[name].Agents, func(a string) bool { return slices.Contains(agents, a) }) {
			n += calling
		}
	}
	return n
}
