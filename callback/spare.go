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
	for _, name := range sorted(d.Queues) {
		if d.Queues[name].Order != Adaptive {
			continue
		}
		calling, err := tx.FindCallbacks(Filter{Queue: name, States: []State{CustomerDialing}})
		if err != nil {
			return nil, err
		}
		for _, c := range calling {
			kept, err := d.keptFor(tx, team, c)
			if err != nil {
				return nil, err
			}
			if !kept {
				all[name]++
			}
		}
	}
	return all, nil
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
