package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store"
)

// newRegistry makes the accounts of a configuration on a store.
func newRegistry(c config, kept *store.Store, log *slog.Logger) *accounts.Registry {
	return &accounts.Registry{
		Store: kept, Limits: kept.Limits(), Config: c.Accounts, Agents: slices.Sorted(maps.Keys(c.Agents)), Now: time.Now, Log: log,
	}
}

// buildAccounts lets people sign in. While nobody can, the log has a link for
// the first admin. Sessions go by the clock of this machine, whatever clock the
// demo shows.
func (s *service) buildAccounts(ctx context.Context) error {
	s.accounts = newRegistry(s.config, s.store, s.log)
	s.accounts.Origin, s.pages.Accounts = s.base(), s.accounts
	s.pages.Feeds = feeds{s}
	s.accounts.Public = s.config.HTTP.PublicURL != ""
	if err := s.buildWebhooks(); err != nil {
		return err
	}
	s.pages.API = s.newAPI().Handler()
	if file := s.config.Accounts.OIDC.ClientSecretFile; file != "" {
		secret, err := firstLine(file)
		if err != nil {
			return fmt.Errorf("read accounts.oidc.client_secret_file: %w", err)
		}
		s.accounts.ProviderSecret = secret
	}
	if s.with.demo {
		s.accounts.Guest = &accounts.User{Name: "demo", Role: accounts.Admin, Agent: demoAgent}
		return nil
	}
	token, err := s.accounts.FirstAdmin(ctx)
	if err == nil && token != "" {
		s.log.Warn("nobody has an account: the first admin chooses a password here, once", "url", s.base()+accounts.WelcomePath(token))
	}
	return err
}

// firstLine reads a secret.
func firstLine(file string) (string, error) {
	src, err := os.ReadFile(file)
	line, _, _ := strings.Cut(string(src), "\n")
	if line = strings.TrimSpace(line); err == nil && line == "" {
		err = fmt.Errorf("the first line of %s is empty", file)
	}
	return line, err
}

// base is how the pages are reached, from this machine when nothing else is
// said.
func (s *service) base() string { return s.config.base(s.http.Addr()) }

func (c config) base(listens net.Addr) string {
	if base := strings.TrimSuffix(c.HTTP.PublicURL, "/"); base != "" {
		return base
	}
	if listens != nil {
		return "http://" + listens.String()
	}
	return "http://" + c.HTTP.Listen
}

// userDesk is what the commands about users ask.
type userDesk interface {
	changeUser(ctx context.Context, a userAsk) (userAnswer, error)
	listUsers(ctx context.Context) ([]userLine, error)
}

// userAsk asks for one change of one account.
type userAsk struct {
	Do   string // add, link, change, remove or signout
	User accounts.User
	Off  bool
	By   string
}

// userAnswer has the link that a change makes, if any.
type userAnswer struct{ URL string }

// userLine is an account as commands show it.
type userLine struct {
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	Agent   string    `json:"agent"`
	State   string    `json:"state"` // "invited", "active" or "off"
	Created time.Time `json:"created"`
}

// localUsers are the accounts of a store in this process.
type localUsers struct {
	accounts *accounts.Registry
	base     string
}

func (l localUsers) changeUser(ctx context.Context, a userAsk) (userAnswer, error) {
	var token string
	var err error
	switch name := a.User.Name; a.Do {
	case "add":
		token, err = l.accounts.Add(ctx, a.User, a.By)
	case "link":
		token, err = l.accounts.Relink(ctx, name, a.By)
	case "change":
		err = l.accounts.Change(ctx, a.User, a.Off, a.By)
	case "remove":
		err = l.accounts.Remove(ctx, name, a.By)
	case "signout":
		err = l.accounts.SignOut(ctx, name, a.By)
	default:
		err = fmt.Errorf("%q is nothing that is done to users", a.Do)
	}
	if err != nil || token == "" {
		return userAnswer{}, err
	}
	return userAnswer{l.base + accounts.WelcomePath(token)}, nil
}

func (l localUsers) listUsers(ctx context.Context) ([]userLine, error) {
	all, err := l.accounts.List(ctx)
	lines := make([]userLine, len(all))
	for i, a := range all {
		lines[i] = userLine{a.Name, string(a.Role), a.Agent, a.State(), a.CreatedAt}
	}
	return lines, err
}

func (d *remoteDesk) changeUser(ctx context.Context, a userAsk) (userAnswer, error) {
	return put[userAnswer](ctx, d, "/user", a)
}

func (d *remoteDesk) listUsers(ctx context.Context) ([]userLine, error) {
	return put[[]userLine](ctx, d, "/users", struct{}{})
}

// userRoutes let commands ask the accounts of the service.
func userRoutes(mux *http.ServeMux, l localUsers) {
	mux.Handle("POST /user", ask(l.changeUser))
	mux.Handle("POST /users", ask(func(ctx context.Context, _ struct{}) ([]userLine, error) { return l.listUsers(ctx) }))
}

// accountDesk is what commands ask about who may use the service.
type accountDesk interface {
	userDesk
	keyDesk
	feedDesk
}

var (
	_ accountDesk = localUsers{}
	_ accountDesk = (*remoteDesk)(nil)
)

// accountsOf returns the accounts beside a desk that commands have opened.
func accountsOf(d desk, c config) accountDesk {
	if local, ok := d.(localDesk); ok {
		return localUsers{newRegistry(c, local.store, quiet()), c.base(nil)}
	}
	return d.(*remoteDesk)
}
