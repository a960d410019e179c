package accounts

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
)

// linkTime is how long a link to choose a password waits.
const linkTime = 24 * time.Hour

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,63}$`)

// Errors that people can mend.
var (
	ErrName    = errors.New("a name has up to 64 small letters, digits, dots, dashes and @, and begins with a letter or digit")
	ErrKnown   = errors.New("there is such an account already")
	ErrRole    = errors.New("a role is agent, supervisor or admin")
	ErrAgent   = errors.New("there is no such agent in the configuration")
	ErrLast    = errors.New("it is the last admin: make another one first")
	ErrRefused = errors.New("name and password do not fit")
)

// Add makes an account that has no password yet, and returns the token of a
// link by which its user chooses one.
func (g *Registry) Add(ctx context.Context, u User, by string) (token string, err error) {
	if err := g.check(u); err != nil {
		return "", err
	}
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		_, err := tx.Account(u.Name)
		if err == nil {
			return ErrKnown
		}
		if !errors.Is(err, callback.ErrNotFound) {
			return err
		}
		now := g.Now()
		if err := tx.PutAccount(Account{User: u, CreatedAt: now, ChangedAt: now}); err != nil {
			return err
		}
		if err := g.record(tx, "user.added", by, u.Name, described(u)); err != nil {
			return err
		}
		token, err = g.link(tx, u.Name, by)
		return err
	})
	return token, about("add", u.Name, err)
}

func (g *Registry) check(u User) error {
	switch {
	case !nameForm.MatchString(u.Name):
		return fmt.Errorf("user %q: %w", u.Name, ErrName)
	case !slices.Contains(Roles(), u.Role):
		return fmt.Errorf("role %q: %w", u.Role, ErrRole)
	case u.Agent != "" && !slices.Contains(g.Agents, u.Agent):
		return fmt.Errorf("agent %q: %w", u.Agent, ErrAgent)
	}
	return nil
}

func described(u User) string {
	if u.Agent == "" {
		return string(u.Role)
	}
	return string(u.Role) + " " + u.Agent
}

// Relink makes another link for an account, by which its user chooses a new
// password. The old password holds until then.
func (g *Registry) Relink(ctx context.Context, name, by string) (token string, err error) {
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		if _, err := tx.Account(name); err != nil {
			return err
		}
		token, err = g.link(tx, name, by)
		return err
	})
	return token, about("make a link for", name, err)
}

// link makes a link that replaces earlier ones of the user.
func (g *Registry) link(tx Tx, name, by string) (string, error) {
	token, hash := newToken()
	if err := tx.DropLinks(name, g.Now()); err != nil {
		return "", err
	}
	if err := tx.PutLink(Link{Hash: hash, User: name, Until: g.Now().Add(linkTime)}); err != nil {
		return "", err
	}
	return token, g.record(tx, "user.link", by, name, "")
}

// Change gives an account another role or agent, or takes it away while Off.
// Whoever may do less from now on is signed out everywhere.
func (g *Registry) Change(ctx context.Context, u User, off bool, by string) error {
	if err := g.check(u); err != nil {
		return err
	}
	err := g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		a, err := tx.Account(u.Name)
		if err != nil || a.User == u && a.Off == off {
			return err
		}
		a.User, a.Off, a.ChangedAt = u, off, g.Now()
		if err := errors.Join(tx.PutAccount(a), g.signOut(tx, u.Name, "")); err != nil {
			return err
		}
		if err := g.hasAdmin(tx); err != nil {
			return err
		}
		what := described(u)
		if off {
			what += " off"
		}
		return g.record(tx, "user.changed", by, u.Name, what)
	})
	return about("change", u.Name, err)
}

// Remove deletes an account, with all that belongs to it.
func (g *Registry) Remove(ctx context.Context, name, by string) error {
	err := g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		if _, err := tx.Account(name); err != nil {
			return err
		}
		if err := errors.Join(tx.DropAccount(name), g.hasAdmin(tx)); err != nil {
			return err
		}
		return g.record(tx, "user.removed", by, name, "")
	})
	return about("remove", name, err)
}

// hasAdmin sees that somebody can still give accounts.
func (g *Registry) hasAdmin(tx Tx) error {
	all, err := tx.Accounts()
	if err == nil && !slices.ContainsFunc(all, func(a Account) bool { return a.Role == Admin && !a.Off }) {
		return ErrLast
	}
	return err
}

// List returns all accounts, by name.
func (g *Registry) List(ctx context.Context) (all []Account, err error) {
	err = g.Store.ViewAccounts(ctx, func(tx Tx) error {
		all, err = tx.Accounts()
		return err
	})
	return all, err
}

// firstAdmin is the name of the account that is there before all others.
const firstAdmin = "admin"

// FirstAdmin makes the account "admin" while there is no account at all, or
// while nobody has used the link to it, and returns the token of a link; "" when
// there are users.
func (g *Registry) FirstAdmin(ctx context.Context) (token string, err error) {
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		token = ""
		all, err := tx.Accounts()
		if err != nil || slices.ContainsFunc(all, func(a Account) bool { return a.Name != firstAdmin || !a.ChangedAt.Equal(a.CreatedAt) }) {
			return err
		}
		if len(all) == 0 {
			now := g.Now()
			u := User{Name: firstAdmin, Role: Admin}
			if err := tx.PutAccount(Account{User: u, CreatedAt: now, ChangedAt: now}); err != nil {
				return err
			}
			if err := g.record(tx, "user.added", "service", u.Name, described(u)); err != nil {
				return err
			}
		}
		token, err = g.link(tx, firstAdmin, "service")
		return err
	})
	return token, about("make", "the first admin", err)
}

// record writes a line of the journal about a user.
func (g *Registry) record(tx Tx, kind, by, name, value string) error {
	return tx.Record(callback.Entry{At: g.Now(), Kind: kind, Actor: by, Name: name, Value: value})
}

func about(what, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", what, name, err)
}
