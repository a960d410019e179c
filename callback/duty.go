package callback

import (
	"context"
	"fmt"
	"slices"
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
