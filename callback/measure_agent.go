package callback

import (
	"errors"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
)

// measureAgent counts what an agent did until now, when he is about to do
// something else, and finds out whose wait that ends.
func (d *Desk) measureAgent(tx Tx, s Status) error {
	was, err := tx.Status(s.Agent)
	if errors.Is(err, ErrNotFound) {
		return d.servedBy(tx, Status{}, s)
	}
	if err != nil || was.State == s.State && was.Ref == s.Ref {
		return err
	}
	if was.State == Available {
		return errors.Join(d.servedBy(tx, was, s), d.measureFree(tx, was))
	}
	queue, err := d.queueServed(tx, was)
	if err != nil || queue == nil {
		return err
	}
	about, err := d.scopeOf(tx, was, queue)
	if err != nil {
		return err
	}
	name, took := "", d.Now().Sub(was.Since)
	switch was.State {
	case OnRing, OnCall:
		name = figures.Ringing
		if s.State == WrappingUp {
			name = figures.Talking
		}
	case WrappingUp:
		name, took = figures.Writing, min(took, d.longestWrapUp(s.Agent))
	case Available, OnBreak, Offline:
		return nil
	}
	return errors.Join(d.servedBy(tx, was, s), d.measure(tx, about, name, took))
}

// scopeOf is what an agent is busy with.
func (d *Desk) scopeOf(tx Tx, s Status, q *Queue) (figures.Scope, error) {
	about := figures.Scope{}
	if s.Ref != "" {
		t, err := tx.Talk(s.Ref)
		if missing(err) != nil {
			return about, err
		}
		about = t.scope()
		if c, err := tx.Callback(t.Callback); err == nil {
			about = c.scope()
		} else if missing(err) != nil {
			return about, err
		}
	}
	about.Queue, about.Agent = q.Name, s.Agent
	return about, nil
}

// measureFree counts how long an agent was free until now. Who is free in several
// queues that are open is free in each of them for an equal part of that time:
// so all queues add up to what he was there.
func (d *Desk) measureFree(tx Tx, was Status) error {
	var errs []error
	free := d.spentFree(was.Agent, was.Since, d.Now())
	for _, queue := range sorted(free) { // in one order, so that no two changes wait for each other
		errs = append(errs, d.measure(tx, figures.Scope{Queue: queue, Agent: was.Agent}, figures.Available, free[queue]))
	}
	return errors.Join(errs...)
}

// spentFree divides the time between two instants among the queues of an agent that
// are open meanwhile.
func (d *Desk) spentFree(agent string, from, to time.Time) map[string]time.Duration {
	open := map[string][]opening.Spell{}
	for name, q := range d.Queues {
		if slices.Contains(q.Agents, agent) {
			open[name] = q.work().Between(from, to, q.Zone)
		}
	}
	return opening.Divide(open)
}

// queueServed is the queue that an agent works for: that of the talk he is busy
// with, or else the first of his.
func (d *Desk) queueServed(tx Tx, s Status) (*Queue, error) {
	if s.Ref != "" {
		t, err := tx.Talk(s.Ref)
		if err == nil && d.Queues[t.Queue] != nil {
			return d.Queues[t.Queue], nil
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	for _, name := range sorted(d.Queues) {
		if slices.Contains(d.Queues[name].Agents, s.Agent) {
			return d.Queues[name], nil
		}
	}
	return nil, nil
}
