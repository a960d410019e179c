package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/holdless/holdless/internal/accounts"
	board "github.com/holdless/holdless/internal/desk"
)

// newBoard makes the pages on which agents keep promises.
func (s *service) newBoard() *board.Server {
	return &board.Server{
		Desk: s.desk, Who: whoLooks, Book: s.config.book, Label: s.topicName, Alarms: s.alarms, Links: s.otherPages,
		Zone: s.config.zoneOf, Log: s.log,
	}
}

// whoLooks tells the desk who has signed in.
func whoLooks(ctx context.Context) (board.Person, bool) {
	u, ok := accounts.From(ctx)
	return board.Person{Name: u.Name, Agent: u.Agent, All: u.Role != accounts.Agent}, ok
}

// topicName is what a matter is called in the first language of the service, by
// the first menu that has a name for it.
func (s *service) topicName(topic string) string {
	live := s.desk.Live().Menus
	for _, name := range slices.Sorted(maps.Keys(live)) {
		if label := live[name].Label(topic, s.config.Languages[0]); topic != "" && label != "" {
			return label
		}
	}
	return strings.ReplaceAll(topic, "_", " ")
}

// alarms are what everybody who looks at the desk has to know now.
func (s *service) alarms(ctx context.Context) []string {
	all := s.menus.Faults()
	now, err := s.desk.Dialing(ctx)
	switch {
	case err != nil:
		s.log.Warn("dialing not read", "err", err)
	case now.Stopped:
		why := strings.TrimSuffix(": "+visible(now.Why), ": ")
		all = append(all, fmt.Sprintf("Dialling is stopped since %s%s. Promises wait and are shown late.",
			now.At.In(s.config.zoneOf("")).Format("Mon 2 Jan 15:04"), why))
	case now.Waits != "":
		all = append(all, "Dialling waits: "+now.Waits+" is reached. Promises wait and are shown late.")
	}
	return all
}

// otherPages are the pages beside the desk that somebody may open.
func (s *service) otherPages(ctx context.Context) []board.Link {
	var all []board.Link
	u, _ := accounts.From(ctx)
	if s.with.phone != nil {
		all = append(all, board.Link{Title: "Telephone", Path: "/phone/"})
	}
	if s.with.demo {
		all = append(all, board.Link{Title: "Texts", Path: "/demo/sms"})
	}
	all = append(all, s.pulse(ctx, u.Agent)...)
	if u.Role != accounts.Agent {
		all = append(all, board.Link{Title: "Wall", Path: "/wall"}, board.Link{Title: "Reports", Path: "/reports"}, board.Link{Title: "Menus", Path: "/menus/"})
	}
	if u.Role == accounts.Admin {
		all = append(all, board.Link{Title: "Users", Path: "/users"})
	}
	return append(all, board.Link{Title: "Account", Path: "/account"})
}
