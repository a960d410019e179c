package callback

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// wrapUp ends the writing after a call, because the agent says so.
func (d *Desk) wrapUp(tx Tx, agent string) error {
	all, err := tx.FindCallbacks(Filter{Agent: agent, States: []State{Wrapup}})
	for _, c := range all {
		if c.Agent != agent {
			continue
		}
		if err := d.move(tx, &c, WrapupDone, "agent:"+agent); err != nil {
			return err
		}
	}
	return err
}

// Team returns what every agent does now, by name.
func (d *Desk) Team(ctx context.Context) ([]Status, error) {
	var all []Status
	err := d.Store.View(ctx, func(tx Tx) error {
		known, err := tx.Statuses()
		if err != nil {
			return err
		}
		all = all[:0]
		for _, a := range sorted(d.Agents) {
			all = append(all, d.find(known, a))
		}
		return nil
	})
	return all, err
}

// find picks the status of an agent from all that were ever stored, in the order
// of [Roster]. Who never said anything is available.
func (d *Desk) find(all []Status, agent string) Status {
	i, known := slices.BinarySearchFunc(all, agent, func(s Status, name string) int { return strings.Compare(s.Agent, name) })
	if !known {
		return Status{Agent: agent, State: Available}
	}
	return all[i]
}

func (d *Desk) statusOf(tx Tx, agent string) (Status, error) {
	s, err := tx.Status(agent)
	if errors.Is(err, ErrNotFound) {
		return Status{Agent: agent, State: Available}, nil
	}
	return s, err
}

// ready lists the agents of a queue who can take a call, the longest idle
// first.
func (d *Desk) ready(q *Queue, all []Status) []string {
	return d.freeOf(q.Agents, all)
}

// freeNow reports whether an agent can take a call. Time alone ends the
// writing after a call, whether or not anybody swept since.
func (d *Desk) freeNow(s Status) bool {
	since := d.doneFor(s)
	free := s.State == Available && since >= 0 || s.State == WrappingUp && since >= d.longestWrapUp(s.Agent)
	return free && !d.live.busies(s.Agent)
}

// setBack is how far in the future something may lie that has happened, for clocks
// differ. What lies beyond was written down before the clock was set back.
const setBack = time.Minute

// doneFor is for how long an agent has done what he does; for long, when nobody knows.
func (d *Desk) doneFor(s Status) time.Duration {
	since := d.Now().Sub(s.Since)
	if since < -setBack {
		return day1
	}
	return since
}

// goodbye is how long an agent still hears the last words of a talk that is
// over for the desk. Rung before, the telephone would be busy.
const goodbye = 5 * time.Second

// dismiss gives an agent back who was told that a callback came to nothing.
func (d *Desk) dismiss(tx Tx, agent, talk string) error {
	s, err := d.statusOf(tx, agent)
	if err != nil || !s.busyWith(talk) {
		return err
	}
	s.rest(Available)
	s.Boot, s.Since = "", d.Now().Add(goodbye)
	return tx.PutStatus(s)
}

// occupy makes an agent busy with a talk. The agent may have been chosen by an
// older look: who is busy with another talk by now is [ErrMoved].
func (d *Desk) occupy(tx Tx, agent string, with AgentState, talk string) error {
	s, err := d.statusOf(tx, agent)
	if err != nil {
		return err
	}
	if !s.busyWith(talk) && !d.freeNow(s) {
		return fmt.Errorf("agent %s is %s: %w", agent, s.State, ErrMoved)
	}
	s.State, s.Ref, s.Boot, s.Since = with, talk, d.Boot, d.Now()
	return tx.PutStatus(s)
}

// engage makes a colleague busy for as long as a person is with him. Who was on a
// break, or at his notes, goes on with that afterwards; who is in another call
// stays in it.
func (d *Desk) engage(tx Tx, agent string, as AgentState, talk string) error {
	if agent == "" {
		return nil
	}
	s, err := d.statusOf(tx, agent)
	if err != nil || d.live.busies(agent) {
		return err
	}
	switch s.State {
	case OnRing, OnCall:
		if !s.busyWith(talk) {
			return nil
		}
	case OnBreak, Offline, WrappingUp:
		s.Next = s.State
	case Available:
	}
	s.State, s.Ref, s.Boot, s.Since = as, talk, d.Boot, d.Now()
	return tx.PutStatus(s)
}

// busyWith reports whether a talk keeps the agent busy.
func (s Status) busyWith(talk string) bool {
	return s.Ref == talk && (s.State == OnRing || s.State == OnCall)
}

// freeAgent gives an agent back whom a talk made busy. After a call there is
// something to write.
func (d *Desk) freeAgent(tx Tx, agent, talk string, spoke bool) error {
	s, err := d.statusOf(tx, agent)
	if err != nil || !s.busyWith(talk) {
		return err
	}
	usual := Available
	if spoke {
		usual = WrappingUp
	}
	s.rest(usual)
	s.Boot, s.Since = "", d.Now()
	return tx.PutStatus(s)
}

// letGo gives an agent back who was rung for a talk, or kept for it. Who was on
// the line with us in vain still hears so, and so may who was about to be.
func (d *Desk) letGo(tx Tx, t *Talk, how ivr.Kind) error {
	c := t.Last.Connect
	if how == ivr.Spoke || !toAgent(c) {
		return d.freeAgent(tx, t.Agent, t.ID, how == ivr.Spoke)
	}
	whisper, err := tx.Talk(c.Talk)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err != nil {
		return err
	}
	if how == ivr.Gone || whisper.State.Turn > 0 {
		return d.dismiss(tx, t.Agent, t.ID)
	}
	return d.freeAgent(tx, t.Agent, t.ID, false)
}

// restTeam gives back agents who have written their notes, and those whom a
// talk that is over kept busy.
func (d *Desk) restTeam(tx Tx) error {
	all, err := tx.Statuses()
	if err != nil {
		return err
	}
	for _, s := range all {
		over, err := d.idleAgain(tx, s)
		if err != nil {
			return err
		}
		if !over {
			continue
		}
		if s.State != WrappingUp {
			s.Since = d.Now()
		}
		s.rest(Available)
		s.Ref, s.Boot = "", ""
		if err := tx.PutStatus(s); err != nil {
			return err
		}
	}
	return nil
}

// idleAgain reports whether nothing keeps an agent busy any more.
func (d *Desk) idleAgain(tx Tx, s Status) (bool, error) {
	busy := d.doneFor(s)
	switch s.State {
	case WrappingUp:
		return busy >= d.longestWrapUp(s.Agent), nil
	case OnRing, OnCall:
		if busy < time.Minute {
			return false, nil
		}
		t, err := tx.Talk(s.Ref)
		if errors.Is(err, ErrNotFound) {
			return true, nil
		}
		return t.Closed, err
	case Available, OnBreak, Offline:
	}
	return false, nil
}

func (d *Desk) longestWrapUp(agent string) time.Duration {
	var longest time.Duration
	for _, q := range d.Queues {
		if slices.Contains(q.Agents, agent) {
			longest = max(longest, q.WrapUp)
		}
	}
	return longest
}
