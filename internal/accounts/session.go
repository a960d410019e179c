package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdless/holdless/callback"
)

// A TooManyError refuses a try for now.
type TooManyError struct{ Wait time.Duration }

// Error implements error.
func (e *TooManyError) Error() string {
	return fmt.Sprintf("too many tries; try again in %s", e.Wait.Round(time.Second))
}

// origin is where a request comes from.
type origin struct {
	address string
	browser string
}

// signIn begins a session for whoever knows the password of an account.
func (g *Registry) signIn(ctx context.Context, name, password string, from origin) (token string, err error) {
	if err := g.try(ctx, tries(named+name, from.address)...); err != nil {
		return "", err
	}
	known, err := g.account(ctx, name)
	if err != nil && !errors.Is(err, callback.ErrNotFound) {
		return "", err
	}
	usable := err == nil && !known.Off && known.Hash != ""
	phc := nobodysHash
	if usable {
		phc = known.Hash
	}
	right, err := g.fits(ctx, password, phc)
	if err != nil {
		return "", fmt.Errorf("sign in %s: %w", name, err)
	}
	if !usable || !right {
		return "", errors.Join(ErrRefused, g.refused(ctx, known, from))
	}
	g.forgive(ctx, named+name, from.address)
	return g.open(ctx, name, known.ChangedAt, from)
}

func (g *Registry) account(ctx context.Context, name string) (a Account, err error) {
	err = g.Store.ViewAccounts(ctx, func(tx Tx) error {
		a, err = tx.Account(name)
		return err
	})
	return a, err
}

// refused takes down that an account was tried in vain. Names that nobody has
// are not kept: people type their password there.
func (g *Registry) refused(ctx context.Context, a Account, from origin) error {
	if a.Name == "" {
		return nil
	}
	return g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		return g.record(tx, "user.refused", "somebody", a.Name, from.address)
	})
}

// open begins a session, unless the account has changed since it was looked at.
func (g *Registry) open(ctx context.Context, name string, changed time.Time, from origin) (token string, err error) {
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		a, err := tx.Account(name)
		if err != nil {
			return err
		}
		if a.Off || !a.ChangedAt.Equal(changed) {
			return ErrRefused
		}
		token, err = g.session(tx, name, from)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("begin session of %s: %w", name, err)
	}
	return token, nil
}

func (g *Registry) session(tx Tx, name string, from origin) (string, error) {
	now := g.Now()
	if err := tx.DropSessions(now.Add(-g.Config.Stay.Duration()), now.Add(-g.Config.Idle.Duration())); err != nil {
		return "", err
	}
	token, hash := newToken()
	s := Session{Hash: hash, User: name, BeganAt: now, SeenAt: now, From: from.address + " " + from.browser}
	if err := tx.PutSession(s); err != nil {
		return "", err
	}
	return token, g.record(tx, "user.signed_in", "user:"+name, name, from.address)
}

// seenEvery is how closely it is taken down when a session was used: each
// request would else write to the disk.
const seenEvery = time.Minute

// user returns who has signed in with a token.
func (g *Registry) user(ctx context.Context, token string) (User, bool, error) {
	var s Session
	var a Account
	err := g.Store.ViewAccounts(ctx, func(tx Tx) (err error) {
		if s, err = tx.Session(hashOf(token)); err != nil {
			return err
		}
		a, err = tx.Account(s.User)
		return err
	})
	if errors.Is(err, callback.ErrNotFound) {
		return User{}, false, nil
	}
	now := g.Now()
	if err != nil || a.Off || g.over(s, now) {
		return User{}, false, err
	}
	if now.Sub(s.SeenAt) >= seenEvery {
		err = g.Store.UpdateAccounts(ctx, func(tx Tx) error { return g.seen(tx, s.Hash) })
	}
	return a.User, err == nil, err
}

func (g *Registry) over(s Session, now time.Time) bool {
	return now.Sub(s.BeganAt) >= g.Config.Stay.Duration() || now.Sub(s.SeenAt) >= g.Config.Idle.Duration()
}

// seen keeps a session alive that has not been ended meanwhile.
func (g *Registry) seen(tx Tx, hash string) error {
	s, err := tx.Session(hash)
	if errors.Is(err, callback.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s.SeenAt = g.Now()
	return tx.PutSession(s)
}

// SignOut ends the session of a token.
func (g *Registry) signOutOf(ctx context.Context, u User, token string) error {
	return g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		if err := tx.DropSession(hashOf(token)); err != nil {
			return err
		}
		return g.record(tx, "user.signed_out", u.Actor(), u.Name, "")
	})
}

// SignOut ends all sessions of a user.
func (g *Registry) SignOut(ctx context.Context, name, by string) error {
	err := g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		if _, err := tx.Account(name); err != nil {
			return err
		}
		return errors.Join(g.signOut(tx, name, ""), g.record(tx, "user.signed_out", by, name, "everywhere"))
	})
	return about("sign out", name, err)
}

// signOut ends the sessions of a user, but for one.
func (g *Registry) signOut(tx Tx, name, but string) error {
	all, err := tx.SessionsOf(name)
	for _, s := range all {
		if s.Hash != but {
			err = errors.Join(err, tx.DropSession(s.Hash))
		}
	}
	return err
}

// choose gives an account the password that its user chose with a link, and
// begins a session. Whoever knew the old one is signed out.
func (g *Registry) choose(ctx context.Context, link, password string, from origin) (token string, err error) {
	name, err := g.linked(ctx, link)
	if err != nil {
		return "", err
	}
	if err := fitsPolicy(name, password); err != nil {
		return "", err
	}
	phc, err := g.hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		l, err := g.findLink(tx, link)
		if err != nil {
			return err
		}
		if err := tx.DropLinks(l.User, g.Now()); err != nil {
			return err
		}
		if err := g.setPassword(tx, l.User, phc, ""); err != nil {
			return err
		}
		token, err = g.session(tx, l.User, from)
		return err
	})
	return token, err
}

func (g *Registry) setPassword(tx Tx, name, phc, but string) error {
	a, err := tx.Account(name)
	if err != nil {
		return err
	}
	a.Hash, a.ChangedAt = phc, g.Now()
	return errors.Join(tx.PutAccount(a), g.signOut(tx, name, but), g.record(tx, "user.password", "user:"+name, name, ""))
}

// linked returns whose link a token is.
func (g *Registry) linked(ctx context.Context, token string) (name string, err error) {
	err = g.Store.ViewAccounts(ctx, func(tx Tx) error {
		l, err := g.findLink(tx, token)
		name = l.User
		return err
	})
	return name, err
}

func (g *Registry) findLink(tx Tx, token string) (Link, error) {
	l, err := tx.Link(hashOf(token))
	if err != nil {
		return l, err
	}
	a, err := tx.Account(l.User)
	if err == nil && (a.Off || !g.Now().Before(l.Until)) {
		err = callback.ErrNotFound
	}
	return l, err
}

// change gives an account another password, when the old one is known.
func (g *Registry) change(ctx context.Context, u User, old, password, token string) error {
	if err := fitsPolicy(u.Name, password); err != nil {
		return err
	}
	page := onPage + u.Name // of his own: others' guesses are counted elsewhere
	if err := g.try(ctx, tries(page, page)...); err != nil {
		return err
	}
	a, err := g.account(ctx, u.Name)
	if err != nil {
		return err
	}
	if a.Hash != "" {
		right, err := g.fits(ctx, old, a.Hash)
		if err != nil || !right {
			return errors.Join(ErrRefused, err)
		}
	}
	phc, err := g.hash(ctx, password)
	if err != nil {
		return err
	}
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		now, err := tx.Account(u.Name)
		if err != nil {
			return err
		}
		if now.Off || now.Hash != a.Hash || !now.ChangedAt.Equal(a.ChangedAt) {
			return ErrRefused // it was changed meanwhile: what was proved is over
		}
		return g.setPassword(tx, u.Name, phc, hashOf(token))
	})
	if err == nil {
		g.forgive(ctx, page, page)
	}
	return err
}
