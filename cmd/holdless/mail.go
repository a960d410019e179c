package main

import (
	"context"
	"fmt"
	"net/mail"
	"strings"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/lists"
	post "github.com/holdless/holdless/internal/mail"
	"github.com/holdless/holdless/scheduler"
)

// buildMail makes what sends letters, where a server takes them.
func (s *service) buildMail(context.Context) error {
	if s.config.Mail.Host == "" {
		return nil
	}
	sender, err := post.New(s.config.Mail, post.Ports{Compose: s.letter, Now: s.with.now})
	if err != nil {
		return fmt.Errorf("prepare mail: %w; see mail in the configuration", err)
	}
	s.mailer = sender
	return nil
}

// carriers send the messages of each kind.
func (s *service) carriers() scheduler.Carriers {
	all := scheduler.Carriers{callback.TextKind: s.texter}
	if s.mailer != nil {
		all[callback.MailKind] = s.mailer
	}
	return all
}

// letter writes what a message orders, as things stand now.
func (s *service) letter(ctx context.Context, m callback.Message) (post.Letter, error) {
	agent := s.config.Agents[m.To]
	l := post.Letter{To: agent.Email, Name: agent.Name}
	if agent.Email == "" {
		return l, fmt.Errorf("%w: agent %q has no address any more", scheduler.ErrPermanent, m.To)
	}
	if m.Body == callback.ListLetter {
		return s.listLetter(ctx, m.To, l)
	}
	return s.invitation(ctx, m, l)
}

func (s *service) listLetter(ctx context.Context, agent string, l post.Letter) (post.Letter, error) {
	today, err := s.todayOf(ctx, agent)
	if err != nil {
		return l, err
	}
	list := s.config.listOf(agent, today, s.with.now())
	text := list.Text()
	if site := strings.TrimSuffix(s.config.HTTP.PublicURL, "/"); site != "" {
		list.Desk = site + "/"
		text += "\nWhat changed since is on the desk: " + list.Desk + "\n"
	}
	var page strings.Builder
	err = list.HTML(&page)
	l.Subject = fmt.Sprintf("Callbacks of %s: %d", list.At.Format("Mon 2 Jan"), len(list.Rows))
	l.Text, l.HTML, l.Calendar, l.Method = text, page.String(), list.Calendar(), "PUBLISH"
	return l, err
}

// invitation asks an agent to make a callback, or tells him that he need not.
func (s *service) invitation(ctx context.Context, m callback.Message, l post.Letter) (post.Letter, error) {
	c, _, err := s.desk.Show(ctx, m.Callback)
	if err != nil {
		return l, err
	}
	// What was decided while the letter waited has a letter of its own: this one,
	// which may come after that, would undo it.
	his := c.Owner == m.To && !c.State.Over() && c.State != callback.Wrapup
	if his != (m.Body == callback.InviteLetter) {
		return l, fmt.Errorf("%w: it has changed since whose callback it is", scheduler.ErrPermanent)
	}
	now := s.with.now()
	row := lists.RowOf(m.To, c)
	from, err := mail.ParseAddress(s.config.Mail.From)
	if err != nil {
		return l, err
	}
	sender, to := lists.Person{Name: "holdless", Email: from.Address}, lists.Person{Name: l.Name, Email: l.To}
	when := row.At.Format("Mon 2 Jan 15:04")
	if m.Body == callback.RevokeLetter {
		l.Subject, l.Method, l.Calendar = "Not yours any more: callback at "+when, "CANCEL", row.Revoke(sender, to, now)
		l.Text = "The callback at " + when + " is not yours to make any more.\n"
		return l, nil
	}
	l.Subject, l.Method, l.Calendar = "Yours: callback at "+when, "REQUEST", row.Invite(sender, to, now)
	l.Text = s.config.listOf(m.To, []callback.Callback{c}, now).Text()
	return l, nil
}
