package accounts

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

// Scope is one thing that a program may do.
type Scope string

// The scopes. Who may write may not therefore read.
const (
	ReadCallbacks  Scope = "callbacks:read" // and slots, queues, calls
	WriteCallbacks Scope = "callbacks:write"
	ReadAgents     Scope = "agents:read"
	WriteAgents    Scope = "agents:write"
	ReadMenus      Scope = "menus:read" // and articles
	WriteMenus     Scope = "menus:write"
	ReadReports    Scope = "reports:read" // and surveys
	ReadEvents     Scope = "events:read"
	ReadWebhooks   Scope = "webhooks:read"
	WriteWebhooks  Scope = "webhooks:write"
)

// Scopes lists the scopes.
func Scopes() []Scope {
	return []Scope{
		ReadCallbacks, WriteCallbacks, ReadAgents, WriteAgents, ReadMenus, WriteMenus, ReadReports, ReadEvents, ReadWebhooks, WriteWebhooks,
	}
}

// Scopes lists what a role may do over the API.
func (r Role) Scopes() []Scope {
	switch r {
	case Agent: // of agents, he may change himself; the desk knows which callbacks are his
		return []Scope{ReadAgents, WriteAgents, ReadMenus}
	case Supervisor:
		return slices.DeleteFunc(Scopes(), func(s Scope) bool { return s == WriteWebhooks })
	case Admin:
		return Scopes()
	}
	return nil
}

// A Key lets a program in.
type Key struct {
	ID        string
	Name      string // what it is for
	Hash      string // of the token
	Scopes    []Scope
	By        string // who made it
	MadeAt    time.Time
	UsedAt    time.Time // to the minute
	RevokedAt time.Time
}

// An Answer is what a program was told, so that the same request is told the
// same.
type Answer struct {
	Owner  string // of the key of the request
	Key    string // the request's own
	Digest string // of the request
	Status int
	Type   string
	Body   string
	At     time.Time
}

// KeyTx is what a transaction keeps of programs.
type KeyTx interface {
	Key(hash string) (Key, error)
	Keys() ([]Key, error) // the oldest first
	AddKey(Key) error
	PutKey(Key) error // UsedAt and RevokedAt
	Answer(owner, key string) (Answer, error)
	AddAnswer(Answer) error // callback.ErrKnown when there is one
	DropAnswers(before time.Time) error
}

// Errors about keys.
var (
	ErrKeyName = errors.New("a key needs a name that no other has, of up to 64 letters")
	ErrScope   = errors.New("there is no such scope")
)

// tokenMark begins the token of a key, so that it is known when it is found
// where it should not be.
const tokenMark = "hl_"

// AddKey makes a key, and returns its token, which is told once.
func (g *Registry) AddKey(ctx context.Context, name string, scopes []Scope, by string) (token string, err error) {
	if name == "" || len(name) > 64 {
		return "", ErrKeyName
	}
	for _, s := range scopes {
		if !slices.Contains(Scopes(), s) {
			return "", fmt.Errorf("%q: %w; the scopes are %v", s, ErrScope, Scopes())
		}
	}
	if len(scopes) == 0 {
		return "", fmt.Errorf("none: %w; the scopes are %v", ErrScope, Scopes())
	}
	token = tokenMark + rand.Text()
	k := Key{ID: strings.ToLower(rand.Text()[:8]), Name: name, Hash: hashOf(token), Scopes: scopes, By: by, MadeAt: g.Now()}
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		all, err := tx.Keys()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(o Key) bool { return o.Name == name && o.RevokedAt.IsZero() }) {
			return ErrKeyName
		}
		return errors.Join(tx.AddKey(k), g.record(tx, "key.added", by, name, joined(scopes)))
	})
	return token, about("add key", name, err)
}

func joined(scopes []Scope) string {
	all := make([]string, len(scopes))
	for i, s := range scopes {
		all[i] = string(s)
	}
	return strings.Join(all, " ")
}

// RevokeKey ends a key, by its name or ID.
func (g *Registry) RevokeKey(ctx context.Context, name, by string) error {
	err := g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		all, err := tx.Keys()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(k Key) bool { return (k.Name == name || k.ID == name) && k.RevokedAt.IsZero() })
		if i < 0 {
			return callback.ErrNotFound
		}
		all[i].RevokedAt = g.Now()
		return errors.Join(tx.PutKey(all[i]), g.record(tx, "key.revoked", by, all[i].Name, ""))
	})
	return about("revoke key", name, err)
}

// Keys returns all keys, the oldest first.
func (g *Registry) Keys(ctx context.Context) (all []Key, err error) {
	err = g.Store.ViewAccounts(ctx, func(tx Tx) error {
		all, err = tx.Keys()
		return err
	})
	return all, err
}

// KeyOf returns the key that a token is of, if it holds.
func (g *Registry) KeyOf(ctx context.Context, token string) (Key, bool, error) {
	var k Key
	if !strings.HasPrefix(token, tokenMark) {
		return k, false, nil
	}
	err := g.Store.ViewAccounts(ctx, func(tx Tx) (err error) {
		k, err = tx.Key(hashOf(token))
		return err
	})
	if errors.Is(err, callback.ErrNotFound) || err == nil && !k.RevokedAt.IsZero() {
		return Key{}, false, nil
	}
	if err == nil && g.Now().Sub(k.UsedAt) >= seenEvery {
		k.UsedAt = g.Now()
		err = g.Store.UpdateAccounts(ctx, func(tx Tx) error { return tx.PutKey(k) })
	}
	return k, err == nil, err
}

// answerTime is how long a request may be repeated.
const answerTime = 24 * time.Hour

// Answered returns what a request was told before.
func (g *Registry) Answered(ctx context.Context, owner, key string) (a Answer, ok bool, err error) {
	err = g.Store.ViewAccounts(ctx, func(tx Tx) error {
		a, err = tx.Answer(owner, key)
		return err
	})
	if errors.Is(err, callback.ErrNotFound) {
		return a, false, nil
	}
	return a, err == nil && g.Now().Sub(a.At) < answerTime, err
}

// Keep keeps what a request was told. When another was quicker, his holds.
func (g *Registry) Keep(ctx context.Context, a Answer) error {
	a.At = g.Now()
	err := g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		return errors.Join(tx.DropAnswers(a.At.Add(-answerTime)), tx.AddAnswer(a))
	})
	if errors.Is(err, callback.ErrKnown) {
		return nil
	}
	return err
}
