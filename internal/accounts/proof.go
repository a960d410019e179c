package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

// A Proof is something other than a password by which an account signs in.
type Proof struct {
	Kind   ProofKind
	ID     string // unique within its kind
	User   string
	Name   string // for people
	Data   string // what is needed to check it
	MadeAt time.Time
	UsedAt time.Time
}

// ProofKind says what a [Proof] is.
type ProofKind string

// The kinds of proof.
const (
	Passkey  ProofKind = "passkey"  // a key pair of a device
	Provider ProofKind = "provider" // a person whom an OpenID provider knows
)

// A Try is what must be remembered between the two halves of signing in.
type Try struct {
	Hash  string // of the token in the cookie
	Data  string // what is tried, and what is needed to end it
	Until time.Time
}

// tryTime is how long somebody may take between the two halves.
const tryTime = 10 * time.Minute

const tryCookie = "holdless_try"

// What is tried: the first half of one is none of another.
const (
	trySignIn  = "sign-in"
	tryMake    = "make"
	tryJourney = "journey"
)

// remember keeps what the second half needs, and gives the browser its name.
func (g *Registry) remember(w http.ResponseWriter, r *http.Request, what string, data any) error {
	src, err := json.Marshal(data)
	if err != nil {
		return err
	}
	token, hash := newToken()
	now := g.Now()
	err = g.Store.UpdateAccounts(r.Context(), func(tx Tx) error {
		return errors.Join(tx.DropTries(now), tx.PutTry(Try{hash, what + " " + string(src), now.Add(tryTime)}))
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{
		Name: tryCookie, Value: token, Path: "/", MaxAge: int(tryTime / time.Second),
		HttpOnly: true, Secure: g.secure(r), SameSite: http.SameSiteLaxMode,
	})
	return nil
}

// recall returns what was remembered, once, when it is of what is tried.
func (g *Registry) recall(r *http.Request, what string, data any) error {
	c, err := r.Cookie(tryCookie)
	if err != nil {
		return ErrRefused
	}
	var t Try
	err = g.Store.UpdateAccounts(r.Context(), func(tx Tx) error {
		if t, err = tx.Try(hashOf(c.Value)); err != nil {
			return err
		}
		return tx.DropTry(t.Hash)
	})
	if errors.Is(err, callback.ErrNotFound) || err == nil && !g.Now().Before(t.Until) {
		return ErrRefused
	}
	if err != nil {
		return err
	}
	src, ok := strings.CutPrefix(t.Data, what+" ")
	if !ok {
		return ErrRefused
	}
	return json.Unmarshal([]byte(src), data)
}

// proofs returns what a user signs in by, of one kind.
func (g *Registry) proofs(ctx context.Context, name string, kind ProofKind) (all []Proof, err error) {
	err = g.Store.ViewAccounts(ctx, func(tx Tx) error {
		all, err = tx.ProofsOf(name, kind)
		return err
	})
	return all, err
}

// dropProof takes away a proof that belongs to a user.
func (g *Registry) dropProof(ctx context.Context, u User, kind ProofKind, id string) error {
	return g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		p, err := tx.Proof(kind, id)
		if err != nil {
			return err
		}
		if p.User != u.Name {
			return callback.ErrNotFound
		}
		return errors.Join(tx.DropProof(kind, id), g.record(tx, "user.proof_removed", u.Actor(), u.Name, string(kind)+" "+p.Name))
	})
}
