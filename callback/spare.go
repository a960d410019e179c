package callback

import (
	"time"

	"github.com/holdless/holdless/callback/dispatch"
)

// needs are those of the customers who are being rung, and for whom no agent is kept,
// but the one of one callback: "" for none.
func (d *Desk) needs(tx Tx, team []Status, but string) (dispatch.Needs, error) {
	unkept, err := d.unkept(tx, team, but)
	if err != nil || len(unkept) == 0 {
		return dispatch.Needs{}, err
	}
	var idle []string
	for name := range d.Agents {
		if d.freeNow(d.find(team, name)) {
			idle = append(idle, name)
		}
	}
	n := dispatch.NewNeeds(idle)
	for k, customers := range unkept {
		q := d.Queues[k.queue]
		n.Call(d.fitting(d.poolOf(q, q.OverflowAfter == 0), team, k.wish), customers)
	}
	return n, nil
}

// keeps reports whether an agent is kept for a customer who is about to be rung while
// so many are left who could serve him, as [dispatch.Rule] decides.
func (q *Queue) keeps(now time.Time, left int) bool {
	rule := dispatch.Default()
	rule.Spare = q.Spare
	c, _ := rule.Next(dispatch.View{Now: now, Due: []dispatch.Person{{}}, Idle: left})
	return c.Reserve
}

// A kind of customer is one whom the same agents can serve.
type kind struct {
	queue string
	wish  wish
}

// unkept counts, by kind, the customers who are being rung, or have answered, and for
// whom no agent is kept.
func (d *Desk) unkept(tx Tx, team []Status, but string) (map[kind]int, error) {
	if !d.adapts() {
		return nil, nil
	}
	calling, err := tx.FindCallbacks(Filter{States: []State{CustomerDialing}, Max: widest})
	if err != nil || len(calling) == 0 {
		return nil, err
	}
	kept, err := keptFor(tx, team)
	all := map[kind]int{}
	for _, c := range calling {
		if q := d.Queues[c.Queue]; q != nil && q.Order == Adaptive && c.ID != but && !kept[c.ID] {
			all[kind{c.Queue, c.wish()}]++
		}
	}
	return all, err
}

// adapts reports whether customers of any queue are rung without an agent kept for
// them.
func (d *Desk) adapts() bool {
	for _, q := range d.Queues {
		if q.Order == Adaptive {
			return true
		}
	}
	return false
}

// keptFor tells for which of the customers who are being rung an agent is kept, or
// rung by now, by callback. No lock is taken on their talks: those who look for an
// agent hold their own.
func keptFor(tx Tx, team []Status) (map[string]bool, error) {
	var busy []string
	for _, s := range team {
		if s.busyWith(s.Ref) {
			busy = append(busy, s.Ref)
		}
	}
	kept := map[string]bool{}
	talks, err := tx.CallbacksOf(customerMenu, busy)
	for _, c := range talks {
		kept[c] = true
	}
	return kept, err
}

// freeOnLine lists the agents who can take the call of a talk now, the longest idle
// first, and counts how many of them may. Who could stand in line leaves those alone
// whom the customers that are being rung may need: nobody is free for him then, and
// his turn comes. Everybody else has those last.
func (d *Desk) freeOnLine(tx Tx, t *Talk, q *Queue) (free []string, most int, err error) {
	team, err := tx.Statuses()
	if err != nil {
		return nil, 0, err
	}
	if free = d.freeFor(team, q, d.wishOf(tx, t)); len(free) == 0 {
		return nil, 0, nil
	}
	n, err := d.needsBeside(tx, team, t)
	if err != nil {
		return nil, 0, err
	}
	most = len(free)
	if d.hasLine(t) {
		most = n.Left(free)
	}
	free, spared := n.Sort(free)
	if d.hasLine(t) {
		free = free[:spared]
	}
	return free, most, nil
}

// needsBeside are those of everybody but the person of a talk.
func (d *Desk) needsBeside(tx Tx, team []Status, t *Talk) (dispatch.Needs, error) {
	but := ""
	if t.Menu == customerMenu {
		but = t.Callback // he is one of those who are being rung
	}
	return d.needs(tx, team, but)
}
