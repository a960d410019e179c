package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/holdless/holdless/internal/traffic"
	"github.com/holdless/holdless/internal/wall"
)

// newWall makes the page that hangs on the wall.
func (s *service) newWall() *wall.Server {
	return &wall.Server{Desk: s.desk, Worst: s.worstNode, Alarms: s.alarms, Zone: s.config.zoneOf, Log: s.log}
}

// worstNodeOf names the node that callers had most trouble with in a time, of
// all menus that answer a number, as they are now.
func (s *service) worstNodeOf(ctx context.Context, from, to time.Time) string {
	var worst, of string
	share := 0.0
	for _, name := range s.answering() {
		a, err := menuDesk{s.menus, s.store}.traffic(ctx, menuAsk{Menu: name, Since: from, Until: to})
		if err != nil {
			s.log.Warn("traffic not read", "menu", name, "err", err)
			continue
		}
		n, bad := traffic.Of(a.Tallies, s.desk.Live().Menus[name]).Worst()
		if bad && n.Lost() > share {
			worst, of, share = n.Blame(), name, n.Lost()
		}
	}
	if worst == "" {
		return ""
	}
	return of + ": " + worst + "."
}

// answering are the menus that answer numbers.
func (s *service) answering() []string {
	all := map[string]bool{}
	for _, route := range s.config.Numbers {
		all[route.Menu] = true
	}
	return slices.Sorted(maps.Keys(all))
}
