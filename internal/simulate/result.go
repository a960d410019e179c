package simulate

import (
	"maps"
	"slices"
	"time"
)

// A Result is what became of a scenario.
type Result struct {
	Scenario
	Sentence string  // why so many places are sold
	Sold     int     // places in a slot
	Live     float64 // Load, or what came of -1
	Planned  float64 // how busy an agent was planned to be, from 0 to 1
	Busy     float64 // and was

	Promises  int // that led to a call which was taken, or was late
	Kept      float64
	Called    int           // of those who had their place in line kept
	KeptPlace float64       // of them, those who were called in time
	LateP99   time.Duration // after the end of the promised window
	Unreached int           // never took a call

	Calls     int           // of callers on the line
	Waited    time.Duration // on average, by those who were served
	Abandoned float64
	Told      int     // how many were told at most how long
	Bound     float64 // of those, how many waited no longer
	ToldRare  int     // of those, who needed what not every agent has
	Rare      float64 // of them, how many waited no longer

	Dials     int
	Machines  int           // that took a call of ours
	ToAgents  int           // of Machines, those that were put through
	Connected int           // customers who spoke with an agent
	Locked    time.Duration // of agents, for each of them
	Held      float64       // of them, who waited for more than 10 seconds after they had pressed the key
	Wrong     []string      // what must never be
}

// A tally counts what happens.
type tally struct {
	calls, abandoned     int
	served, told, held   int
	toldRare, heldRare   int
	sum                  time.Duration
	promises, kept       int
	places, keptPlaces   int
	late                 []time.Duration
	unreached, lateTries int
	dials, waits10       int
	machines, toAgents   int
	locked, busy         time.Duration
	faults               map[string]bool
}

func (t *tally) wrong(what string) {
	if t.faults == nil {
		t.faults = map[string]bool{}
	}
	t.faults[what] = true
}

// waited counts a caller on the line who is served.
func (t *tally) waited(d time.Duration, p *person) {
	t.served++
	t.sum += d
	t.compared(d, p)
}

// compared counts a wait that was told, and how long it was.
func (t *tally) compared(d time.Duration, p *person) {
	if p.bound == 0 {
		return
	}
	t.told++
	if p.special {
		t.toldRare++
	}
	if d > p.bound {
		return
	}
	t.held++
	if p.special {
		t.heldRare++
	}
}

// connected counts a customer who speaks with an agent.
func (t *tally) connected(at time.Time, p *person, afterKey time.Duration) {
	late := max(0, at.Sub(p.By))
	if p.Kept {
		t.places++
		if late == 0 {
			t.keptPlaces++
		}
	} else {
		t.promises++
		t.late = append(t.late, late)
		if late == 0 {
			t.kept++
		}
	}
	if afterKey > 10*time.Second {
		t.waits10++
	}
}

func (c *centre) result() Result {
	t := &c.tally
	slices.Sort(t.late)
	connected := t.promises + t.places
	due := t.promises + t.lateTries // a call too late, which nobody took, broke its promise too
	r := Result{
		Scenario: c.Scenario, Sentence: c.plan.Sentence(c.places), Sold: c.places, Live: c.plan.Live / c.plan.Agents, Planned: c.plan.Load(c.places),
		Busy:     t.busy.Seconds() / (float64(c.Days*c.Agents) * workday.Seconds()),
		Promises: due, Kept: share(t.kept, due), Called: t.places, KeptPlace: share(t.keptPlaces, t.places), Unreached: t.unreached,
		Calls: t.calls, Abandoned: share(t.abandoned, t.calls),
		Told: t.told, Bound: share(t.held, t.told), ToldRare: t.toldRare, Rare: share(t.heldRare, t.toldRare),
		Dials: t.dials, Machines: t.machines, ToAgents: t.toAgents, Connected: connected, Held: share(t.waits10, connected), Wrong: slices.Sorted(maps.Keys(t.faults)),
	}
	if n := len(t.late); n > 0 {
		r.LateP99 = t.late[min(n-1, n*99/100)]
	}
	if t.served > 0 {
		r.Waited = t.sum / time.Duration(t.served)
	}
	if connected > 0 {
		r.Locked = t.locked / time.Duration(connected)
	}
	return r
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
