package callback

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/callback/wait"
)

// A Duty is what an agent does now, as he or somebody for him says.
type Duty struct {
	Agent  string
	To     AgentState // Available, OnBreak or Offline
	Reason string     // of a break, in his words
	Actor  string     // who says so; "" for the agent
}

// SetAgent makes an agent available, or not: Available, OnBreak or Offline.
func (d *Desk) SetAgent(ctx context.Context, agent string, to AgentState) error {
	return d.SetDuty(ctx, Duty{Agent: agent, To: to})
}

// SetDuty makes an agent available, or not. Who speaks with somebody does so
// when the call is over; while his telephone rings it is [ErrMoved].
func (d *Desk) SetDuty(ctx context.Context, to Duty) error {
	if _, ok := d.Agents[to.Agent]; !ok {
		return fmt.Errorf("agent %q: %w", to.Agent, ErrNotFound)
	}
	if !slices.Contains(duties, to.To) {
		return fmt.Errorf("agent %q cannot be set to %q", to.Agent, to.To)
	}
	return d.update(ctx, func(tx Tx) error { return d.setDuty(tx, to) })
}

// duties are what agents say that they do; the rest happens to them.
var duties = []AgentState{Available, OnBreak, Offline}

func (d *Desk) setDuty(tx Tx, to Duty) error {
	s, err := d.statusOf(tx, to.Agent)
	if err != nil {
		return err
	}
	if to.To != OnBreak {
		to.Reason = ""
	}
	if to.Actor == "" {
		to.Actor = "agent:" + to.Agent
	}
	s.Reason = to.Reason
	said := Entry{At: d.Now(), Kind: "agent." + string(to.To), Actor: to.Actor, Name: to.Agent, Value: to.Reason}
	switch s.State {
	case OnRing:
		return fmt.Errorf("agent %q is being rung: %w", to.Agent, ErrMoved)
	case OnCall:
		if s.Next = to.To; to.To == Available {
			s.Next = "" // the usual: to write, and then the next call
		}
		said.Kind = "agent.next"
		said.Value = string(to.To)
		if err := tx.PutStatus(s); err != nil {
			return err
		}
		return tx.Record(said)
	case Available, WrappingUp, OnBreak, Offline:
	}
	s.State, s.Ref, s.Boot, s.Since, s.Next = to.To, "", "", d.Now(), ""
	if err := tx.PutStatus(s); err != nil {
		return err
	}
	if err := d.wrapUp(tx, to.Agent); err != nil {
		return err
	}
	return tx.Record(said)
}

// rest says what an agent does whose call is over: what he has said that he
// would, or else the usual.
func (s *Status) rest(usual AgentState) {
	s.State = usual
	if s.Next != "" {
		s.State, s.Next = s.Next, ""
	}
}

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
	var own []opening.Hours
	for _, agent := range q.Agents {
		if h, ok := d.shifts[agent]; ok {
			own = append(own, h)
		}
	}
	var all []wait.Shift
	for _, at := range opening.Changes(own, now, now.Add(foreseen), q.Zone) {
		all = append(all, wait.Shift{In: at.Sub(now), Agents: max(0, agents+on(at)-before)})
	}
	return all
}
