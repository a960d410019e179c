package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/holdless/holdless/callback"
)

// Bounds to passkeys.
const (
	passkeysMost = 10       // of one account
	passkeySize  = 32 << 10 // of what a device answers
	labelMost    = 60       // letters of a name that a user gives one
)

var errMany = errors.New("too many passkeys: remove one first")

// party is who we are to devices: they make passkeys for a site that has a
// name and comes over TLS, and for localhost.
func (g *Registry) party() (*webauthn.WebAuthn, error) {
	u, err := url.Parse(g.Origin)
	if err != nil {
		return nil, err
	}
	host, origin := u.Hostname(), u.Scheme+"://"+u.Host
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		host, origin = "localhost", "http://localhost:"+u.Port()
	}
	if host != "localhost" && u.Scheme != "https" || net.ParseIP(host) != nil {
		return nil, fmt.Errorf("passkeys need pages at https:// and a name, not %q", g.Origin)
	}
	required := protocol.VerificationRequired
	return webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "holdless", RPOrigins: []string{origin},
		AttestationPreference:  protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: required},
	})
}

// holder is a user as devices know him.
type holder struct {
	name string
	keys []webauthn.Credential
}

// WebAuthnID implements [webauthn.User]. Devices show it to nobody, and yet it
// is no name.
func (h holder) WebAuthnID() []byte {
	sum := sha256.Sum256([]byte("holdless user " + h.name))
	return sum[:]
}

// WebAuthnName implements [webauthn.User].
func (h holder) WebAuthnName() string { return h.name }

// WebAuthnDisplayName implements [webauthn.User].
func (h holder) WebAuthnDisplayName() string { return h.name }

// WebAuthnCredentials implements [webauthn.User].
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (g *Registry) holder(ctx context.Context, name string) (holder, error) {
	h := holder{name: name}
	all, err := g.proofs(ctx, name, Passkey)
	for _, p := range all {
		var key webauthn.Credential
		err = errors.Join(err, json.Unmarshal([]byte(p.Data), &key))
		h.keys = append(h.keys, key)
	}
	return h, err
}

// maker is whose passkey is being made: of the user who has signed in, or of
// whom a link is for.
type maker struct {
	name string
	link string // "" for who has signed in
}

func (g *Registry) maker(r *http.Request) (maker, error) {
	if link := r.PathValue("token"); link != "" {
		name, err := g.linked(r.Context(), link)
		return maker{name, link}, err
	}
	u, _ := From(r.Context())
	_, err := g.account(r.Context(), u.Name) // a guest has none
	return maker{name: u.Name}, err
}

// making is what is remembered while a passkey is made.
type making struct {
	User    string
	Session webauthn.SessionData
}

// beginPasskey answers what a device needs to make a passkey.
func (g *Registry) beginPasskey(w http.ResponseWriter, r *http.Request) {
	m, err := g.maker(r)
	if err != nil {
		g.tell(w, err)
		return
	}
	h, err := g.holder(r.Context(), m.name)
	if err == nil && len(h.keys) >= passkeysMost {
		err = errMany
	}
	party, err2 := g.party()
	if err = errors.Join(err, err2); err != nil {
		g.tell(w, err)
		return
	}
	options, session, err := party.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err == nil {
		err = g.remember(w, r, tryMake, making{m.name, *session})
	}
	g.answer(w, options, err)
}

// finishPasskey keeps the passkey that a device has made.
func (g *Registry) finishPasskey(w http.ResponseWriter, r *http.Request) {
	m, err := g.maker(r)
	if err != nil {
		g.tell(w, err)
		return
	}
	p, err := g.made(w, r, m)
	if err != nil {
		g.tell(w, err)
		return
	}
	var token string
	err = g.Store.UpdateAccounts(r.Context(), func(tx Tx) error {
		token = ""
		if err := errors.Join(tx.PutProof(p), g.record(tx, "user.proof_added", "user:"+m.name, m.name, "passkey "+p.Name)); err != nil || m.link == "" {
			return err
		}
		token, err = g.useLink(tx, m, from(r))
		return err
	})
	if err == nil && token != "" {
		g.keep(w, r, token)
	}
	g.answer(w, struct{}{}, err)
}

// useLink begins the session of who made a passkey by a link. Whoever knew the
// password is signed out, and it opens nothing any more.
func (g *Registry) useLink(tx Tx, m maker, from origin) (string, error) {
	l, err := g.findLink(tx, m.link)
	if err != nil {
		return "", err
	}
	a, err := tx.Account(l.User)
	if err != nil {
		return "", err
	}
	if err := g.takesAway(tx, a); err != nil {
		return "", err
	}
	a.Hash, a.ChangedAt = "", g.Now()
	if err := errors.Join(tx.DropLinks(l.User, g.Now()), tx.PutAccount(a), g.signOut(tx, l.User, "")); err != nil {
		return "", err
	}
	return g.session(tx, l.User, from)
}

// takesAway takes down what a passkey made by a link takes away: the password, and
// the sessions of whoever knew it.
func (g *Registry) takesAway(tx Tx, a Account) error {
	all, err := tx.SessionsOf(a.Name)
	if err == nil && a.Hash != "" {
		err = g.record(tx, "user.password", a.Actor(), a.Name, "taken away")
	}
	if err == nil && len(all) > 0 {
		err = g.record(tx, "user.signed_out", a.Actor(), a.Name, "everywhere")
	}
	return err
}

// made reads what a device has made, and checks it.
func (g *Registry) made(w http.ResponseWriter, r *http.Request, m maker) (Proof, error) {
	var before making
	if err := g.recall(r, tryMake, &before); err != nil {
		return Proof{}, err
	}
	if before.User != m.name {
		return Proof{}, ErrRefused
	}
	party, err := g.party()
	if err != nil {
		return Proof{}, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, passkeySize)
	key, err := party.FinishRegistration(holder{name: m.name}, before.Session, r)
	if err != nil {
		g.Log.Info("passkey refused", "err", err)
		return Proof{}, ErrRefused
	}
	data, err := json.Marshal(key)
	label := []rune(from(r).browser)
	return Proof{
		Kind: Passkey, ID: keyID(key.ID), User: m.name, Name: string(label[:min(len(label), labelMost)]),
		Data: string(data), MadeAt: g.Now(),
	}, err
}

func keyID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

func (g *Registry) dropPasskey(w http.ResponseWriter, r *http.Request) {
	u, _ := From(r.Context())
	if err := g.dropProof(r.Context(), u, Passkey, r.PostFormValue("id")); err != nil {
		notice, code := g.explain(w, err, http.StatusForbidden)
		g.showAccount(w, r, code, notice)
		return
	}
	http.Redirect(w, r, "/account?done=removed", http.StatusSeeOther)
}

// answer answers a script.
func (g *Registry) answer(w http.ResponseWriter, v any, err error) {
	if err != nil {
		g.tell(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client may have gone
}

// tell answers a script with words for its user.
func (g *Registry) tell(w http.ResponseWriter, err error) {
	if errors.Is(err, ErrRefused) {
		plain(w, http.StatusForbidden, "This passkey does not fit.")
		return
	}
	if errors.Is(err, callback.ErrKnown) {
		plain(w, http.StatusConflict, "This device has a passkey already.")
		return
	}
	words, code := g.explain(w, err, http.StatusForbidden)
	plain(w, code, words)
}
