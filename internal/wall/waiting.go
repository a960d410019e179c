package wall

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
)

// hoursAhead is how far ahead the wall looks.
const hoursAhead = 4

// line tells who waits in each queue, and how long the next one would.
func (s *Server) line(ctx context.Context, _ time.Time, v *sight) error {
	for _, name := range slices.Sorted(maps.Keys(s.Desk.Queues)) {
		o, err := s.Desk.Outlook(ctx, name)
		if err != nil {
			return err
		}
		q := queue{Name: name, Waiting: o.Waiting, Bound: "nobody knows", Agents: fmt.Sprintf("%.3g", o.Agents)}
		switch {
		case o.Idle > o.Waiting:
			q.Bound = "at once"
		case o.Bound > 0:
			q.Bound = "at most " + minutes(o.Bound)
		}
		v.Queues = append(v.Queues, q)
	}
	return nil
}

// minutes tells a wait, never shorter than it is.
func minutes(d time.Duration) string {
	return fmt.Sprintf("%d min", int((d+time.Minute-1)/time.Minute))
}

// ahead adds up what is promised in the next hours.
func (s *Server) ahead(ctx context.Context, _ time.Time, v *sight) error {
	most := 1
	for _, name := range slices.Sorted(maps.Keys(s.Desk.Queues)) {
		hours, err := s.Desk.Hours(ctx, name, hoursAhead)
		if err != nil {
			return err
		}
		for i, h := range hours {
			if i == len(v.Hours) {
				v.Hours = append(v.Hours, hour{From: h.From.In(s.Zone("")).Format("15:04")})
			}
			v.Hours[i].Promised += h.Promised
			v.Hours[i].Capacity += h.Capacity
			most = max(most, v.Hours[i].Promised, v.Hours[i].Capacity)
		}
	}
	for i := range v.Hours {
		h := &v.Hours[i]
		h.Width, h.Of = 100*h.Promised/most, 100*h.Capacity/most
		h.Full = h.Promised >= h.Capacity && h.Promised > 0
	}
	return nil
}

// states are what agents do, in words.
var states = []struct {
	is   callback.AgentState
	what string
}{
	{callback.Available, "free"},
	{callback.OnRing, "being rung"},
	{callback.OnCall, "on a call"},
	{callback.WrappingUp, "writing"},
	{callback.OnBreak, "on a break"},
	{callback.Offline, "offline"},
}

// team counts the agents by what they do.
func (s *Server) team(ctx context.Context, _ time.Time, v *sight) error {
	all, err := s.Desk.Team(ctx)
	n := map[callback.AgentState]int{}
	for _, a := range all {
		n[a.State]++
	}
	for _, st := range states {
		if n[st.is] > 0 {
			v.Team = append(v.Team, count{st.what, n[st.is]})
		}
	}
	return err
}
