package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/holdless/holdless/callback"
)

// ProviderConfig says which OpenID provider may tell who somebody is.
type ProviderConfig struct {
	Issuer           string `yaml:"issuer"`             // https://...; "" for none
	ClientID         string `yaml:"client_id"`          // as which the provider knows us
	ClientSecretFile string `yaml:"client_secret_file"` // its first line is the secret; "" for a public client
	Label            string `yaml:"label"`              // of the button on the page to sign in
	Claim            string `yaml:"claim"`              // which of the provider's words about a person is the name of the account
	Create           Role   `yaml:"create"`             // of the account that who has none gets; "" for none
}

func (c ProviderConfig) check(wrong map[string]string) {
	if c.Issuer == "" {
		return
	}
	u, err := url.Parse(c.Issuer)
	local := err == nil && (u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127."))
	if err != nil || u.Host == "" || u.Scheme != "https" && !local {
		wrong["oidc.issuer"] = fmt.Sprintf("%q does not begin with https://", c.Issuer)
	}
	if c.ClientID == "" {
		wrong["oidc.client_id"] = "is needed with an issuer"
	}
	if c.Claim == "" {
		wrong["oidc.claim"] = "is needed with an issuer"
	}
	if c.Create != "" && !slices.Contains(Roles(), c.Create) {
		wrong["oidc.create"] = sentence(ErrRole)
	}
}

// providerTime bounds what is asked of a provider.
const providerTime = 10 * time.Second

// provider is what is known of the provider, once it was reached.
type provider struct {
	mu    sync.Mutex
	known *oidc.Provider
}

// discover asks the provider where its doors are, the first time. It may be
// down when we start.
func (g *Registry) discover() (*oidc.Provider, error) {
	g.provider.mu.Lock()
	defer g.provider.mu.Unlock()
	if g.provider.known != nil {
		return g.provider.known, nil
	}
	// It keeps the context, for the keys that it fetches later.
	ctx := oidc.ClientContext(context.Background(), &http.Client{Timeout: providerTime})
	p, err := oidc.NewProvider(ctx, g.Config.OIDC.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask the OpenID provider: %w", err)
	}
	g.provider.known = p
	return p, nil
}

func (g *Registry) client(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: g.Config.OIDC.ClientID, ClientSecret: g.ProviderSecret, Endpoint: p.Endpoint(),
		RedirectURL: strings.TrimSuffix(g.Origin, "/") + "/login/oidc/callback", Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
}

// journey is what is remembered while somebody is at the provider.
type journey struct {
	State, Nonce, Verifier, Next string
}

// leave sends a browser to the provider.
func (g *Registry) leave(w http.ResponseWriter, r *http.Request) {
	if g.Config.OIDC.Issuer == "" {
		plain(w, http.StatusNotFound, "There is no such page.\n")
		return
	}
	if err := g.tryToBegin(r.Context(), askedFor, from(r).address); err != nil {
		g.backAtLogin(w, err)
		return
	}
	p, err := g.discover()
	if err != nil {
		g.backAtLogin(w, err)
		return
	}
	state, _ := newToken()
	nonce, _ := newToken()
	j := journey{state, nonce, oauth2.GenerateVerifier(), ours(r.FormValue("next"))}
	if err := g.remember(w, r, tryJourney, j); err != nil {
		g.backAtLogin(w, err)
		return
	}
	http.Redirect(w, r, g.client(p).AuthCodeURL(j.State, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier)), http.StatusSeeOther)
}

// arrive takes a browser back from the provider.
func (g *Registry) arrive(w http.ResponseWriter, r *http.Request) {
	if g.Config.OIDC.Issuer == "" {
		plain(w, http.StatusNotFound, "There is no such page.\n")
		return
	}
	said, next, err := g.returned(r)
	var token string
	if err == nil {
		token, err = g.openByProvider(r.Context(), said, from(r))
	}
	if err != nil {
		g.turnAway(r, said, err)
		g.backAtLogin(w, err)
		return
	}
	address := from(r).address
	g.forgive(r.Context(), askedFor+Network(address), address)
	g.keep(w, r, token)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// returned reads whom the provider sends back, and where he wanted to go. What
// was not begun in this browser, or came back before, is nobody's.
func (g *Registry) returned(r *http.Request) (who identity, next string, err error) {
	var j journey
	err = g.recall(r, tryJourney, &j)
	switch {
	case errors.Is(err, ErrRefused):
		return who, "", errNotBegun
	case err != nil:
		return who, "", err
	case r.FormValue("state") != j.State:
		return who, "", errNotBegun
	case r.FormValue("code") == "":
		g.Log.Info("provider refused", "err", cmp.Or(r.FormValue("error"), "it sends no code"))
		return who, "", errSaidNo
	}
	who, err = g.identify(r.Context(), j, r.FormValue("code"))
	return who, j.Next, err
}

// identity is whom the provider knows.
type identity struct {
	id   string // issuer and subject, which stay
	name string // as our accounts are named
}

// identify trades the code for what the provider says of a person, and checks
// that it says so, to us, now.
func (g *Registry) identify(ctx context.Context, j journey, code string) (identity, error) {
	p, err := g.discover()
	if err != nil {
		return identity{}, err
	}
	ctx, stop := context.WithTimeout(oidc.ClientContext(ctx, &http.Client{Timeout: providerTime}), providerTime)
	defer stop()
	token, err := g.client(p).Exchange(ctx, code, oauth2.VerifierOption(j.Verifier))
	if _, said := errors.AsType[*oauth2.RetrieveError](err); said {
		return identity{}, g.refusal(err)
	}
	if err != nil { // it does not answer
		return identity{}, fmt.Errorf("ask the OpenID provider: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.Verifier(&oidc.Config{ClientID: g.Config.OIDC.ClientID, Now: g.Now}).Verify(ctx, raw)
	if err != nil {
		return identity{}, g.refusal(err)
	}
	if id.Nonce != j.Nonce { // OpenID Connect Core, 3.1.3.7: it answers another question
		return identity{}, g.refusal(errors.New("the nonce is not the one that was sent"))
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return identity{}, err
	}
	if _, ok := claims[g.Config.OIDC.Claim]; !ok { // some tell it only when asked
		info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil || info.Subject != id.Subject || info.Claims(&claims) != nil {
			return identity{}, g.refusal(err)
		}
	}
	name, err := g.named(claims)
	return identity{id.Issuer + " " + id.Subject, name}, err
}

// refusal logs what a user need not know.
func (g *Registry) refusal(err error) error {
	g.Log.Warn("provider refused", "err", err)
	return errUnproved
}

// named finds the name of the account. An address that the provider has not
// proved could be anybody's.
func (g *Registry) named(claims map[string]any) (string, error) {
	name, _ := claims[g.Config.OIDC.Claim].(string)
	proved := claims["email_verified"] == true || claims["email_verified"] == "true"
	if name == "" || g.Config.OIDC.Claim == "email" && !proved {
		g.Log.Warn("provider refused", "err", "it tells no "+g.Config.OIDC.Claim+", or has not verified it")
		return "", errNameless
	}
	return strings.ToLower(name), nil
}

// openByProvider begins a session of the account that belongs to somebody. The
// first time it is found by name; from then on the provider's own id counts,
// for names are given to others.
func (g *Registry) openByProvider(ctx context.Context, who identity, from origin) (token string, err error) {
	var a Account
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		p, err := tx.Proof(Provider, who.id)
		if errors.Is(err, callback.ErrNotFound) {
			p, err = g.bind(tx, who)
		}
		if err != nil {
			return err
		}
		p.UsedAt = g.Now()
		if err := tx.PutProof(p); err != nil {
			return err
		}
		a, err = tx.Account(p.User)
		return err
	})
	if err != nil {
		return "", err
	}
	return g.open(ctx, a.Name, a.ChangedAt, from)
}

// bind gives somebody whom the provider knows the account of his name.
func (g *Registry) bind(tx Tx, who identity) (Proof, error) {
	p := Proof{Kind: Provider, ID: who.id, User: who.name, Name: g.Config.OIDC.Issuer, MadeAt: g.Now()}
	a, err := tx.Account(who.name)
	if errors.Is(err, callback.ErrNotFound) {
		return p, g.create(tx, who.name)
	}
	if err == nil {
		err = g.unowned(tx, a)
	}
	if err != nil {
		return p, err
	}
	others, err := tx.ProofsOf(who.name, Provider)
	if err != nil {
		return p, err
	}
	if len(others) > 0 {
		g.Log.Warn("provider refused", "err", "the account belongs to somebody else there: remove it to give the name anew")
		return p, ErrRefused
	}
	return p, g.record(tx, "user.proof_added", "user:"+who.name, who.name, "provider")
}

// unowned refuses an account that somebody has already, unless the provider has
// verified the address that is its name: people may choose their other names
// there. The first admin belongs to who has his link.
func (g *Registry) unowned(tx Tx, a Account) error {
	if g.Config.OIDC.Claim == "email" {
		return nil
	}
	keys, err := tx.ProofsOf(a.Name, Passkey)
	if err != nil {
		return err
	}
	if a.Hash != "" || len(keys) > 0 || a.Name == firstAdmin {
		g.Log.Warn("provider refused", "user", a.Name,
			"err", "the account has a password or a passkey, and its name is no verified address: make it anew without, and let its user come by the provider first")
		return ErrRefused
	}
	return nil
}

func (g *Registry) create(tx Tx, name string) error {
	u := User{Name: name, Role: g.Config.OIDC.Create}
	if u.Role == "" || g.check(u) != nil {
		g.Log.Info("provider refused", "err", "there is no account of that name")
		return ErrRefused
	}
	now := g.Now()
	return errors.Join(tx.PutAccount(Account{User: u, CreatedAt: now.Add(-time.Millisecond), ChangedAt: now}),
		g.record(tx, "user.added", "provider", name, described(u)))
}
