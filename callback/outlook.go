package callback

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/wait"
)

// An Outlook is how long the next caller of a queue waits.
type Outlook struct {
	Queue   string
	Waiting int     // callers on the line before him
	Idle    int     // agents who can answer at once: nobody waits then
	Agents  float64 // who are at work; those who serve other queues too count in part
	Running wait.Running
	Mean    time.Duration
	Bound   time.Duration // at most so long, nine times of ten; 0 when nobody knows
}

// Outlook tells how long the next caller of a queue waits.
func (d *Desk) Outlook(ctx context.Context, queue string) (Outlook, error) {
	q, err := d.queueOf(queue)
	if err != nil {
		return Outlook{}, err
	}
	var o Outlook
	err = d.Store.View(ctx, func(tx Tx) (err error) {
		o, err = d.outlook(tx, q)
		return err
	})
	return o, err
}

// outlook is that of who would join the line now.
func (d *Desk) outlook(tx Tx, q *Queue) (Outlook, error) {
	all, err := tx.Waiters(q.Name)
	if err != nil {
		return Outlook{}, err
	}
	now := d.Now()
	kept, err := tx.Placed(q.Name, now, now.Add(inLine))
	if err != nil {
		return Outlook{}, err
	}
	return d.outlookBehind(tx, q, len(all)+kept, wish{})
}

// outlookBehind is the outlook of who has so many before him in line, and a wish.
func (d *Desk) outlookBehind(tx Tx, q *Queue, waiting int, w wish) (Outlook, error) {
	all, err := tx.Statuses()
	if err != nil {
		return Outlook{}, err
	}
	run, err := d.running(tx, q)
	if err != nil {
		return Outlook{}, err
	}
	crew := d.crewFor(q, all, w)
	o := Outlook{Queue: q.Name, Waiting: waiting, Running: run}
	if o.Idle, err = d.idleFor(tx, crew); err != nil {
		return o, err
	}
	split, err := d.split(tx, q)
	if err != nil {
		return o, err
	}
	o.Agents = split.sum(func(agent string) bool { return d.find(all, agent).onDuty() })
	if o.Idle > waiting {
		return o, nil
	}
	line := wait.Line{
		Agents: o.Agents, Handle: run.Handle(), Patience: run.Gives.Patience(),
		Shifts: d.shiftsAhead(q, split, o.Agents),
		Able:   split.sum(crew.serves),
	}
	if err := crew.stand(tx, &line, waiting); err != nil {
		return o, err
	}
	e, err := d.withPromises(tx, crew, line)
	if err == nil && split.shared {
		e, err = d.checked(tx, q, e)
	}
	if e.Mean != wait.Never {
		o.Mean, o.Bound = e.Mean, e.Bound(wait.Nominal)
	}
	return o, err
}

// idleFor counts the agents of a crew who can answer at once: where there is a line,
// without those whom the customers who are being rung may need.
func (d *Desk) idleFor(tx Tx, c crew) (int, error) {
	free := d.freeOf(c.able, c.all)
	if len(free) == 0 || c.queue.Waiting == 0 {
		return len(free), nil
	}
	n, err := d.needs(tx, c.all, "")
	if err != nil {
		return 0, err
	}
	return n.Left(free), nil
}

// withPromises estimates a wait during which promises fall due: they need
// agents too, before who waits. Those that are called again later do not.
func (d *Desk) withPromises(tx Tx, c crew, line wait.Line) (wait.Estimate, error) {
	e := line.Estimate()
	if e.Mean == wait.Never {
		return e, nil
	}
	now := d.Now()
	end := now.Add(e.Mean)
	due, err := tx.FindCallbacks(Filter{
		Queue: c.queue.Name, States: []State{BookedState, RetryWait}, To: end, Max: widest,
	})
	for _, p := range due {
		counted := !p.Place.IsZero() && !p.DueAt.After(now.Add(inLine)) // with the line
		if !counted && !p.DueAt.After(end) {
			c.before(&line, p.wish())
		}
	}
	return line.Estimate(), err
}

// checked holds an estimate against how long the first in line has waited.
func (d *Desk) checked(tx Tx, q *Queue, e wait.Estimate) (wait.Estimate, error) {
	all, err := tx.Waiters(q.Name)
	if err != nil || len(all) == 0 {
		return e, err
	}
	return e.Checked(d.Now().Sub(all[0].Came)), nil
}

// running is what is known of a queue just now.
func (d *Desk) running(tx Tx, q *Queue) (wait.Running, error) {
	r, err := tx.Running(q.Name)
	if errors.Is(err, ErrNotFound) {
		r = wait.Unmeasured(q.Name)
		r.Write.Mean = q.WrapUp
		return r, nil
	}
	return r, err
}

// A split says how much of each agent a queue has.
type split struct {
	part   map[string]float64 // by agent
	shared bool               // some work for other queues too
}

// sum adds up the agents for whom something holds.
func (s split) sum(holds func(agent string) bool) float64 {
	n := 0.0
	for agent, part := range s.part {
		if holds(agent) {
			n += part
		}
	}
	return n
}

// split divides agents by the work that their queues brought in the last week.
func (d *Desk) split(tx Tx, q *Queue) (split, error) {
	s := split{part: map[string]float64{}}
	queues := map[string][]string{}
	for _, agent := range q.Agents {
		s.part[agent] = 1
	}
	for _, name := range sorted(d.Queues) {
		for _, agent := range d.Queues[name].Agents {
			if _, ours := s.part[agent]; ours {
				queues[agent] = append(queues[agent], name)
				s.shared = s.shared || len(queues[agent]) > 1
			}
		}
	}
	if !s.shared {
		return s, nil
	}
	work, err := d.work(tx)
	for _, agent := range q.Agents {
		all := 0.0
		for _, name := range queues[agent] {
			all += work[name]
		}
		s.part[agent] = wait.Share(work[q.Name], []float64{all})
	}
	return s, err
}

// works remembers for a minute how much work queues bring.
type works struct {
	mu sync.Mutex
	at time.Time
	of map[string]float64
}

// work is how busy each queue kept agents in the last week, in seconds. One
// that nothing is known of counts as much as an hour of it.
func (d *Desk) work(tx Tx) (map[string]float64, error) {
	now := d.Now()
	d.works.mu.Lock()
	defer d.works.mu.Unlock()
	if d.works.of != nil && now.Sub(d.works.at).Abs() < time.Minute {
		return d.works.of, nil
	}
	counts, err := tx.Measures(MeasureFilter{From: now.Add(-7 * day1), Name: figures.Talking})
	if err != nil {
		return nil, err
	}
	of := map[string]float64{}
	for name := range d.Queues {
		of[name] = time.Hour.Seconds()
	}
	for _, c := range counts {
		of[c.Queue] += c.Time.Seconds()
	}
	d.works.at, d.works.of = now, of
	return of, nil
}
