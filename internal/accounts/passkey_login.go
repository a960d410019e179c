package accounts

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// beginLogin answers what a device needs to prove that it has a passkey.
func (g *Registry) beginLogin(w http.ResponseWriter, r *http.Request) {
	if err := g.tryToBegin(r.Context(), tried, from(r).address); err != nil {
		g.tell(w, err)
		return
	}
	party, err := g.party()
	if err != nil {
		g.tell(w, err)
		return
	}
	options, session, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err == nil {
		err = g.remember(w, r, trySignIn, session)
	}
	g.answer(w, options, err)
}

// finishLogin signs in whose passkey a device has.
func (g *Registry) finishLogin(w http.ResponseWriter, r *http.Request) {
	name, key, err := g.shown(w, r)
	if err != nil {
		g.tell(w, err)
		return
	}
	token, err := g.openByKey(r.Context(), name, key, from(r))
	if err == nil {
		address := from(r).address
		g.forgive(r.Context(), tried+Network(address), address)
		g.keep(w, r, token)
	}
	g.answer(w, map[string]string{"next": ours(r.FormValue("next"))}, err)
}

// shown returns whose passkey was shown.
func (g *Registry) shown(w http.ResponseWriter, r *http.Request) (string, *webauthn.Credential, error) {
	var session webauthn.SessionData
	if err := g.recall(r, trySignIn, &session); err != nil {
		return "", nil, err
	}
	party, err := g.party()
	if err != nil {
		return "", nil, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, passkeySize)
	who, key, err := party.FinishPasskeyLogin(func(id, _ []byte) (webauthn.User, error) {
		var p Proof
		err := g.Store.ViewAccounts(r.Context(), func(tx Tx) (err error) {
			p, err = tx.Proof(Passkey, keyID(id))
			return err
		})
		if err != nil {
			return nil, err
		}
		return g.holder(r.Context(), p.User)
	}, session, r)
	if err != nil {
		g.Log.Info("passkey refused", "err", err)
		return "", nil, ErrRefused
	}
	return who.WebAuthnName(), key, nil
}

// openByKey begins a session, and takes down that the passkey was used. One
// whose counter ran backwards may have been copied.
func (g *Registry) openByKey(ctx context.Context, name string, key *webauthn.Credential, from origin) (token string, err error) {
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		token = ""
		a, err := tx.Account(name)
		if err != nil {
			return err
		}
		if a.Off || key.Authenticator.CloneWarning {
			return g.record(tx, "user.refused", "somebody", name, from.address)
		}
		p, err := tx.Proof(Passkey, keyID(key.ID))
		if err != nil {
			return err
		}
		data, err := json.Marshal(key)
		if err != nil {
			return err
		}
		p.Data, p.UsedAt = string(data), g.Now()
		if err := tx.PutProof(p); err != nil {
			return err
		}
		token, err = g.session(tx, name, from)
		return err
	})
	if err == nil && token == "" {
		err = ErrRefused
	}
	return token, err
}
