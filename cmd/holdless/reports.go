package main

import (
	"context"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	board "github.com/holdless/holdless/internal/desk"
	"github.com/holdless/holdless/internal/reports"
)

// newReports makes the pages that tell what the service did, and who changed
// what.
func (s *service) newReports() *reports.Server {
	return &reports.Server{
		Desk: s.desk, Worst: s.worstNodeOf, Topic: s.topicName, Zone: s.config.zoneOf(""), Log: s.log,
		Agent: func(ctx context.Context) string {
			u, _ := accounts.From(ctx)
			return u.Agent
		},
	}
}

// worstNode names the node that callers had most trouble with in the last day.
func (s *service) worstNode(ctx context.Context) string {
	return s.worstNodeOf(ctx, s.with.now().Add(-24*time.Hour), time.Time{})
}

// pulse is the way to the question to an agent, while it is asked.
func (s *service) pulse(ctx context.Context, agent string) []board.Link {
	due, err := s.desk.PulseDue(ctx, agent)
	if err != nil {
		s.log.Warn("question to agents not read", "err", err)
	}
	if !due {
		return nil
	}
	return []board.Link{{Title: visible(s.config.Pulse.Question), Path: "/pulse"}}
}
