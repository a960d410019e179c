package callback

import (
	"slices"
	"time"

	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/callback/wait"
)

// rostered reports whether an agent is to be at work at that time, for a queue
// that is open then. Who has no hours of his own has those of the queue.
func (d *Desk) rostered(q *Queue, agent string, at time.Time) bool {
	h, own := d.shifts[agent]
	if !own {
		return true
	}
	return h.Open(at, q.Zone)
}

// foreseen is how far ahead changes of the team are looked at.
const foreseen = 6 * time.Hour

// shiftsAhead lists how the team of a queue changes, as far as that is known:
// the team of now, more or less those whose work begins or ends.
func (d *Desk) shiftsAhead(q *Queue, s split, agents float64) []wait.Shift {
	now := d.Now()
	on := func(at time.Time) float64 {
		return s.sum(func(agent string) bool { return d.rostered(q, agent, at) })
	}
	before := on(now)
	var all []wait.Shift
	for _, at := range d.changes(q, now, now.Add(foreseen)) {
		all = append(all, wait.Shift{In: at.Sub(now), Agents: max(0, agents+on(at)-before)})
	}
	return all
}

// changes lists when agents of a queue come or go between two instants,
// soonest first.
func (d *Desk) changes(q *Queue, from, to time.Time) []time.Time {
	var all []time.Time
	today := opening.DayOf(from.In(q.Zone))
	for _, agent := range q.Agents {
		h, own := d.shifts[agent]
		if !own {
			continue
		}
		for n := range 2 {
			for _, s := range h.Spells(today.Plus(n), q.Zone) {
				all = append(all, s.From, s.To)
			}
		}
	}
	all = slices.DeleteFunc(all, func(t time.Time) bool { return !t.After(from) || t.After(to) })
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}
