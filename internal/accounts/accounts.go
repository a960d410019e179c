// Package accounts knows who people are that use the pages, and what they may
// open.
package accounts

import (
	"context"
	"log/slog"
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

type stillKey struct{}

// Still reports whether who makes a request may still make it: what has no end
// asks when his account has changed, or his session may have ended.
func Still(ctx context.Context) bool {
	still, ok := ctx.Value(stillKey{}).(func() bool)
	return !ok || still()
}

// Concerns names the user whose sessions may have ended by what a line of the
// journal tells; "" for nobody.
func Concerns(e callback.Entry) string {
	switch e.Kind {
	case "user.changed", "user.removed", "user.signed_out", "user.password":
		return e.Name
	}
	return ""
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
