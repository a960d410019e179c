package callback

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/wait"
)

// Places is how many callbacks may be promised for one slot, as a configuration
// says it: a number, or auto.
type Places int

// AutoPlaces stands for as many as the team can keep, slot by slot.
const AutoPlaces Places = -1

// UnmarshalText implements [encoding.TextUnmarshaler].
func (p *Places) UnmarshalText(text []byte) error {
	if string(text) == "auto" {
		*p = AutoPlaces
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 0 {
		return errors.New(`callbacks in one slot are a number, not less than 0, or "auto"`)
	}
	*p = Places(n)
	return nil
}

// MarshalText implements [encoding.TextMarshaler].
func (p Places) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// String returns the number as it is written in a configuration.
func (p Places) String() string {
	if p == AutoPlaces {
		return "auto"
	}
	return strconv.Itoa(int(p))
}

// A SlotPlan is what may be promised for one slot, and why.
type SlotPlan struct {
	At     time.Time
	Places int
	Taken  int
	Why    string
}

// Slots tells what may be promised in the next slots of a queue, and why.
func (d *Desk) Slots(ctx context.Context, queue string, most int) ([]SlotPlan, error) {
	q, err := d.queueOf(queue)
	if err != nil {
		return nil, err
	}
	times := q.Times(d.Now())
	times = times[:min(most, len(times))]
	if len(times) == 0 {
		return nil, nil
	}
	var all []SlotPlan
	err = d.Store.View(ctx, func(tx Tx) error {
		all = nil
		b, err := d.basis(tx, q)
		if err != nil {
			return err
		}
		taken, err := tx.CountSlots(q.Name, times[0], times[len(times)-1].Add(time.Millisecond), d.Now().Add(-grace))
		for _, at := range times {
			p := d.plan(q, b, at)
			s := SlotPlan{At: at, Places: p.Places(), Taken: taken[at.UnixMilli()], Why: p.Sentence(p.Places())}
			if n := q.seats(); n >= 0 {
				s.Places, s.Why = n, fmt.Sprintf("%d fixed; the team can keep %s", n, s.Why)
			}
			all = append(all, s)
		}
		return err
	})
	return all, err
}

// seatsAt is how many callbacks may be promised for a slot.
func (d *Desk) seatsAt(tx Tx, q *Queue, at time.Time) (int, error) {
	if n := q.seats(); n >= 0 {
		return n, nil
	}
	b, err := d.basis(tx, q)
	if err != nil {
		return 0, err
	}
	return d.plan(q, b, at).Places(), nil
}

// A basis is what is known of a queue that its slots are planned by.
type basis struct {
	at       time.Time // when it was looked up
	run      wait.Running
	split    split
	coming   wait.Week // people who ask for a person, in each quarter of a week
	known    bool      // there was a week to learn that from
	answered float64   // of the customers who were called
}

// bases remembers for a minute what is known of queues.
type bases struct {
	mu sync.Mutex
	of map[string]basis
}

const (
	learnt  = 6 // weeks from which the coming of callers is forecast
	guessed = 20
	takes   = 0.75 // of customers who are called take the call: so many calls say so before any was made
	// dialled is how long an agent is kept on average until a customer speaks,
	// or is known not to: measured in simulations with all orders of dialling.
	dialled = 20 * time.Second
)

func (d *Desk) basis(tx Tx, q *Queue) (basis, error) {
	now := d.Now()
	d.bases.mu.Lock()
	defer d.bases.mu.Unlock()
	if b, ok := d.bases.of[q.Name]; ok && now.Sub(b.at).Abs() < time.Minute {
		return b, nil
	}
	b, err := d.lookUp(tx, q, now)
	if err != nil {
		return b, err
	}
	if d.bases.of == nil {
		d.bases.of = map[string]basis{}
	}
	d.bases.of[q.Name] = b
	return b, nil
}

func (d *Desk) lookUp(tx Tx, q *Queue, now time.Time) (basis, error) {
	b := basis{at: now, answered: takes}
	var err error
	if b.run, err = d.running(tx, q); err != nil {
		return b, err
	}
	if b.split, err = d.split(tx, q); err != nil {
		return b, err
	}
	counts, err := tx.Measures(MeasureFilter{Queue: q.Name, From: now.Add(-28 * day1)})
	if err != nil {
		return b, err
	}
	dials := figures.Counts{}
	for _, c := range counts {
		dials[c.Name] = c.Count
	}
	b.answered = (takes*guessed + float64(dials[figures.FunnelAnswered].N)) / (guessed + float64(dials[figures.FunnelDialed].N))
	b.coming, b.known, err = d.coming(tx, q, now)
	return b, err
}

// coming forecasts the people who ask for a person, from the whole weeks behind
// us.
func (d *Desk) coming(tx Tx, q *Queue, now time.Time) (wait.Week, bool, error) {
	course, err := tx.Course(MeasureFilter{Queue: q.Name, Name: figures.Coming, From: now.Add(-learnt * 7 * day1), To: now})
	if err != nil || len(course) == 0 || now.Sub(course[0].Since) < 7*day1 {
		return wait.Week{}, false, err
	}
	whole := int(now.Sub(course[0].Since) / (7 * day1))
	weeks := make([]wait.Week, whole) // the oldest first
	for _, m := range course {
		if ago := int(now.Sub(m.Since) / (7 * day1)); ago < whole {
			weeks[whole-1-ago][quarterOf(m.Since.In(q.Zone))] += float64(m.N)
		}
	}
	return wait.Expect(weeks), true, nil
}

// quarterOf numbers the quarters of an hour of a week, from Monday on.
func quarterOf(t time.Time) int {
	day := (int(t.Weekday()) + 6) % 7
	return (day*24+t.Hour())*4 + t.Minute()/15
}

// plan is what is known ahead of a slot. Before a week of callers was seen,
// half of what the team can carry is left for them.
func (d *Desk) plan(q *Queue, b basis, at time.Time) wait.Plan {
	p := wait.Plan{
		Agents: b.split.sum(func(agent string) bool { return d.rostered(q, agent, at) }),
		Handle: b.run.Handle(), Slot: q.Slot, Answered: b.answered, Tries: d.Policy.Attempts, Dial: dialled, Beta: d.Policy.Careful,
	}
	if !b.known {
		p.Live = p.Carries() / 2
		return p
	}
	calls := 0.0
	for n := time.Duration(0); n < q.Slot; n += quarter {
		part := min(1, (q.Slot-n).Seconds()/quarter.Seconds())
		calls += part * b.coming[quarterOf(at.Add(n).In(q.Zone))]
	}
	p.Live = calls * p.Handle.Seconds() / q.Slot.Seconds()
	return p
}

// doubtCapacity tells of a fixed number of promises that the team could not
// keep even if nobody else called.
func (d *Desk) doubtCapacity(m *mistakes, q *Queue, now time.Time) {
	fixed, best := q.seats(), wait.Plan{}
	b := basis{run: wait.Unmeasured(q.Name), split: split{part: map[string]float64{}}, known: true, answered: takes}
	for _, agent := range q.Agents {
		b.split.part[agent] = 1
	}
	for _, at := range q.Times(now) {
		if p := d.plan(q, b, at); p.Agents > best.Agents {
			best = p
		}
	}
	if most := best.Places(); best.Agents > 0 && fixed > most {
		m.add("queues."+q.Name+".capacity", "%d promises in %s are more than the team could keep even if nobody else called: %s",
			fixed, plain(q.Slot), best.Sentence(most))
	}
}
