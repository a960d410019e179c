// Package accounts knows who people are that use the pages, and what they may
// open.
package accounts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/limits"
)

// Role says what a user may do.
type Role string

// The roles. None holds another: a route names all that may open it.
const (
	Agent      Role = "agent"      // keeps callbacks
	Supervisor Role = "supervisor" // sees the whole team, and changes menus
	Admin      Role = "admin"      // gives others their accounts too
)

// Roles lists the roles.
func Roles() []Role { return []Role{Agent, Supervisor, Admin} }

// A User is somebody who has signed in.
type User struct {
	Name  string // with which he signs in
	Role  Role
	Agent string // the agent of the configuration that he is; "" for none
}

// Actor is the name of the user in the journal.
func (u User) Actor() string { return "user:" + u.Name }

type userKey struct{}

// From returns who makes a request.
func From(ctx context.Context) (User, bool) {
	u, ok := ctx.Value(userKey{}).(User)
	return u, ok
}

// With returns a context in which somebody has signed in.
func With(ctx context.Context, u User) context.Context {
	return context.WithValue(ctx, userKey{}, u)
}

// An Account is a user with what he proves himself by.
type Account struct {
	User
	Hash      string // of the password, as PHC string; "" while there is none
	Off       bool   // he may not sign in any more
	CreatedAt time.Time
	ChangedAt time.Time
}

// State says in a word how far an account has come: invited, active or off.
func (a Account) State() string {
	switch {
	case a.Off:
		return "off"
	case a.ChangedAt.Equal(a.CreatedAt):
		return "invited"
	}
	return "active"
}

// A Session is one browser in which somebody has signed in.
type Session struct {
	Hash    string // of the token in the cookie
	User    string
	BeganAt time.Time
	SeenAt  time.Time // to the minute
	From    string    // address and browser, to tell sessions apart
}

// A Link lets somebody choose how to sign in from now on, once.
type Link struct {
	Hash  string // of the token in the address
	User  string
	Until time.Time
}

// Store keeps accounts. What is asked for and is not there is
// [callback.ErrNotFound].
type Store interface {
	// UpdateAccounts runs fn in one transaction: all it does lands, or none. It
	// may run again, so it must not act on the world.
	UpdateAccounts(ctx context.Context, fn func(Tx) error) error
	ViewAccounts(ctx context.Context, fn func(Tx) error) error
}

// Tx is one transaction.
type Tx interface {
	Account(name string) (Account, error)
	Accounts() ([]Account, error) // by name
	PutAccount(Account) error     // adds or replaces
	DropAccount(name string) error

	Session(hash string) (Session, error)
	SessionsOf(user string) ([]Session, error) // the newest first
	PutSession(Session) error                  // adds or replaces
	DropSession(hash string) error
	// DropSessions deletes those that began or were seen before an instant.
	DropSessions(began, seen time.Time) error

	Link(hash string) (Link, error)
	PutLink(Link) error
	DropLinks(user string, until time.Time) error // of a user, and all that are over

	Proof(kind ProofKind, id string) (Proof, error)
	ProofsOf(user string, kind ProofKind) ([]Proof, error) // the oldest first
	PutProof(Proof) error                                  // adds or replaces
	DropProof(kind ProofKind, id string) error

	Try(hash string) (Try, error)
	PutTry(Try) error
	DropTry(hash string) error
	DropTries(until time.Time) error // those that are over

	Record(callback.Entry) error

	KeyTx
	FeedTx
}

// Config says how long people stay signed in.
type Config struct {
	Idle callback.Span `yaml:"idle"` // a session ends when it was not used for so long
	Stay callback.Span `yaml:"stay"` // and so long after it began, used or not

	OIDC ProviderConfig `yaml:"oidc"`
}

// Defaults is the configuration that holds when nothing else is said.
func Defaults() Config {
	return Config{
		Idle: callback.Span(12 * time.Hour), Stay: callback.Span(7 * 24 * time.Hour),
		OIDC: ProviderConfig{Label: "Sign in with your organisation", Claim: "email"},
	}
}

// Check says what is wrong with a configuration, by key.
func (c Config) Check() map[string]string {
	wrong := map[string]string{}
	if c.Idle.Duration() < time.Minute {
		wrong["idle"] = "must be a minute at least"
	}
	if c.Stay < c.Idle {
		wrong["stay"] = "must not be shorter than idle"
	}
	c.OIDC.check(wrong)
	return wrong
}

// A Registry gives accounts, and knows who has signed in. Its fields are set
// once, before use.
type Registry struct {
	Store  Store
	Config Config
	Agents []string // that accounts can be of
	Origin string   // how browsers reach the pages: https://desk.example.com
	Public bool     // Origin is what the configuration says, and not merely where we listen
	// ProviderSecret is the secret of [ProviderConfig.ClientSecretFile].
	ProviderSecret string
	// Guest is who everybody is that has not signed in; nil for nobody. It is
	// for the demo, and answers only who asks for this machine.
	Guest *User
	// Limits is where tries are counted; nil for the memory of this process.
	Limits limits.Book
	Now    func() time.Time
	Log    *slog.Logger

	once     sync.Once
	memory   limits.Memory
	provider provider
	hashing  chan struct{} // bounds the memory that passwords take
}

// begin makes what is made at the first use.
func (g *Registry) begin() {
	g.once.Do(func() { g.hashing = make(chan struct{}, hashers) })
}

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
