package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
)

// A Queue is a group of agents.
type Queue struct {
	Name     string    `json:"name"`
	Agents   []string  `json:"agents"`
	Zone     string    `json:"zone"`
	Open     bool      `json:"open" doc:"Whether it is at work now"`
	OpensAt  time.Time `json:"opens_at,omitzero" doc:"When it is at work next, or now"`
	Capacity int       `json:"capacity" doc:"Callbacks that may be promised for one slot; 0 when that is computed for each"`
	Slot     string    `json:"slot" example:"15m0s"`
}

// An Agent is somebody who calls back.
type Agent struct {
	Agent     string    `json:"agent"`
	Name      string    `json:"name"`
	State     string    `json:"state" enum:"available,ringing,talking,wrap_up,break,offline"`
	Since     time.Time `json:"since,omitzero"`
	Languages []string  `json:"languages"`
}

func (s *Server) people(a huma.API) {
	register(a, operation{
		name: "list-queues", method: http.MethodGet, path: "/queues", scope: accounts.ReadCallbacks,
		about: "List the queues",
	}, s.queues)
	register(a, operation{
		name: "list-agents", method: http.MethodGet, path: "/agents", scope: accounts.ReadAgents,
		about: "List what every agent does now",
	}, s.agents)
	register(a, operation{
		name: "set-agent", method: http.MethodPut, path: "/agents/{agent}/state", scope: accounts.WriteAgents,
		about: "Make an agent available for calls, or not", errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.setAgent)
	register(a, operation{
		name: "transfer", method: http.MethodPost, path: "/agents/{agent}/transfer", scope: accounts.WriteAgents,
		about: "Put the person through whom an agent speaks with", status: http.StatusNoContent,
		errors: []int{http.StatusConflict, http.StatusUnprocessableEntity},
	}, s.transfer)
}

type queuesPage struct {
	Body struct {
		Queues []Queue `json:"queues"`
	}
}

func (s *Server) queues(context.Context, *struct{}) (*queuesPage, error) {
	p := &queuesPage{}
	p.Body.Queues = []Queue{}
	now := s.Now()
	for _, name := range slices.Sorted(maps.Keys(s.Queues)) {
		q := s.Queues[name]
		p.Body.Queues = append(p.Body.Queues, Queue{
			Name: name, Agents: append([]string{}, q.Agents...), Zone: q.Zone.String(), Open: q.Open(now), OpensAt: q.Opens(now),
			Capacity: max(0, q.Capacity), Slot: q.Slot.String(),
		})
	}
	return p, nil
}

type agentsPage struct {
	Body struct {
		Agents []Agent `json:"agents"`
	}
}

func (s *Server) agents(ctx context.Context, _ *struct{}) (*agentsPage, error) {
	team, err := s.Desk.Team(ctx)
	if err != nil {
		return nil, s.explain(err)
	}
	p := &agentsPage{}
	p.Body.Agents = []Agent{}
	for _, st := range team {
		p.Body.Agents = append(p.Body.Agents, s.agent(st))
	}
	return p, nil
}

func (s *Server) agent(st callback.Status) Agent {
	who := s.Agents[st.Agent]
	return Agent{
		Agent: st.Agent, Name: who.Name, State: string(st.State), Since: st.Since, Languages: append([]string{}, who.Languages...),
	}
}

type agentAsk struct {
	Agent          string `path:"agent" maxLength:"64"`
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"128"`
	Body           struct {
		State string `json:"state" enum:"available,break,offline"`
	}
}

type agentBody struct {
	Body Agent
}

// setAgent sets what an agent does; one who has signed in as an agent sets
// himself only.
func (s *Server) setAgent(ctx context.Context, q *agentAsk) (*agentBody, error) {
	c := callerOf(ctx)
	if c.agent != "" && c.agent != q.Agent {
		return nil, problem(http.StatusForbidden, "not-allowed", "Agents set themselves only.")
	}
	to := callback.Duty{Agent: q.Agent, To: callback.AgentState(q.Body.State), Actor: c.actor}
	if err := s.Desk.SetDuty(ctx, to); err != nil {
		return nil, s.explain(err)
	}
	team, err := s.Desk.Team(ctx)
	if err != nil {
		return nil, s.explain(err)
	}
	i := slices.IndexFunc(team, func(st callback.Status) bool { return st.Agent == q.Agent })
	if i < 0 {
		return nil, problem(http.StatusNotFound, "not-found", "")
	}
	return &agentBody{s.agent(team[i])}, nil
}
