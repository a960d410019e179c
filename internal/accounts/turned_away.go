package accounts

import (
	"context"
	"errors"
	"net/http"

	"github.com/holdless/holdless/callback"
)

// A turnedAwayError says why somebody who comes by the provider is not let in: in a
// few words for the audit, and to himself.
type turnedAwayError struct{ why, words string }

// Error implements error.
func (t turnedAwayError) Error() string { return t.why }

// Is makes each an [ErrRefused].
func (turnedAwayError) Is(target error) bool { return target == ErrRefused }

// Why people who come by the provider are not let in. Any other refusal is that
// they have no account here, or one that is not for them.
var (
	errNotBegun = turnedAwayError{"not begun in that browser, or over", "This way in is over, or was begun in another browser: begin again."}
	errSaidNo   = turnedAwayError{"the provider said no", "The provider does not let you in here: begin again, or ask an admin."}
	errUnproved = turnedAwayError{"nothing is proved", "What the provider says is not proved to be about you, for us, now: begin again, or ask an admin."}
	errNameless = turnedAwayError{"no name, or one that is not verified", "The provider does not say who you are, or has not verified your address: ask an admin."}
	errNobody   = turnedAwayError{"no account", "The provider knows you, but you have no account here: ask an admin."}
)

// refusedBecause is why somebody who comes by the provider is not let in.
func refusedBecause(err error) turnedAwayError {
	if t, ok := errors.AsType[turnedAwayError](err); ok {
		return t
	}
	return errNobody
}

// backAtLogin asks somebody to sign in once more, and says why.
func (g *Registry) backAtLogin(w http.ResponseWriter, err error) {
	f := g.form()
	code := http.StatusForbidden
	f.Notice, code = g.explain(w, err, code)
	if errors.Is(err, ErrRefused) {
		f.Notice = refusedBecause(err).words
	}
	g.show(w, code, "login.html", f)
}

// turnAway takes down that somebody who came by the provider was not let in, as
// often as an address may try.
func (g *Registry) turnAway(r *http.Request, who identity, err error) {
	if !errors.Is(err, ErrRefused) {
		return
	}
	address := from(r).address
	ctx := context.WithoutCancel(r.Context())
	if errors.Is(err, errNotBegun) && g.tryToBegin(ctx, askedFor, address) != nil {
		return // what was begun was counted then; this anybody may say
	}
	why := refusedBecause(err).why
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		a, missing := tx.Account(who.name)
		if missing != nil && !errors.Is(missing, callback.ErrNotFound) {
			return missing
		}
		return g.record(tx, "user.refused", "somebody", a.Name, address+" by the provider: "+why)
	})
	if err != nil {
		g.Log.Error("refusal not taken down", "err", err)
	}
}
