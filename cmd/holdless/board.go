package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	board "github.com/holdless/holdless/internal/desk"
)

// newBoard makes the pages on which agents keep promises.
func (s *service) newBoard() *board.Server {
	return &board.Server{
		Desk: s.desk, Who: whoLooks, Still: accounts.Still, Ends: accounts.Concerns, Book: s.config.book, Label: s.topicName, Play: s.config.mailbox().Play, Alarms: s.alarms, Links: s.otherPages,
		Zone: s.config.zoneOf, Langs: s.config.Languages, Log: s.log, Switchboard: s.newSwitchboard(),
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
	if err != nil {
		s.log.Warn("dialing not read", "err", err)
		return all
	}
	return append(all, alarmsOf(now, s.config.zoneOf(""))...)
}

// alarmsOf are what everybody has to know of the dialling.
func alarmsOf(now callback.Dialing, zone *time.Location) (all []string) {
	switch {
	case now.Stopped:
		all = append(all, stopped(now, zone))
	case now.Waits != "":
		all = append(all, "Dialling waits: "+now.Waits+" is reached. Promises wait and are shown late.")
	}
	if now.Warns != "" {
		all = append(all, "In the last 24 hours "+now.Warns+". These are too few to stop dialling for; see that agents answer.")
	}
	return all
}

// stopped says why nobody is dialled, and until when.
func stopped(now callback.Dialing, zone *time.Location) string {
	const form = "Mon 2 Jan 15:04"
	text := "Dialling is stopped since " + now.At.In(zone).Format(form)
	if now.Why != "" {
		text += ": " + visible(now.Why)
	}
	text += ". Promises wait and are shown late."
	if !now.Until.IsZero() {
		text += " It goes on by itself at " + now.Until.In(zone).Format(form) + ", or when somebody starts it."
	}
	return text
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
	if u.Agent != "" || u.Role != accounts.Agent {
		all = append(all, board.Link{Title: "Calendar", Path: "/calendar"})
	}
	return append(all, board.Link{Title: "Account", Path: "/account"})
}
