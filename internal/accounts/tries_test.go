package accounts_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// from sends a form as if a proxy had had it of an address.
func (p *person) from(address, path string) int {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.site+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", address)
	res, err := p.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// What strangers begin is written down: all of them together are bounded.
func TestBeginningsAreBounded(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.Origin = "http://localhost:8080"
	p, begun := s.person(t), 0
	for i := range 50 {
		if p.from(fmt.Sprintf("192.0.2.%d", i), "/login/passkey/begin") == http.StatusOK {
			begun++
		}
	}
	if begun != 20 {
		t.Errorf("%d were begun at once, want 20", begun)
	}
	s.wait(time.Second)
	if code := p.from("192.0.2.99", "/login/passkey/begin"); code != http.StatusOK {
		t.Errorf("a second later: %d", code)
	}
}

func TestPasskeyByLinkEndsThePassword(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	thief := s.member(t, anna)
	link, err := s.Relink(t.Context(), "anna", "test")
	if err != nil {
		t.Fatal(err)
	}
	if token, err := s.UseLink(t.Context(), "anna", link); err != nil || token == "" {
		t.Fatalf("got %q, %v", token, err)
	}
	if all := s.audited(t); !slices.Contains(all, "user.password user:anna anna taken away") || !slices.Contains(all, "user.signed_out user:anna anna everywhere") {
		t.Errorf("taken down is %q", all)
	}
	thief.sees("/", http.StatusOK, "<h1>Sign in</h1>")
	if code, _ := thief.signsIn("anna", good); code != http.StatusForbidden {
		t.Errorf("the old password: %d", code)
	}
	if code, _ := thief.send(http.MethodPost, accounts.WelcomePath(link), nil); code != http.StatusNotFound {
		t.Errorf("the link once more: %d", code)
	}
}

// The first half of signing in by a passkey is none of a journey to the
// provider, whose state would be empty.
func TestTriesAreOfAKind(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.Origin, s.Config.OIDC.Issuer, s.Config.OIDC.ClientID = "http://localhost:8080", "http://127.0.0.1:9", "holdless"
	p := s.person(t)
	if code := p.from("192.0.2.1", "/login/passkey/begin"); code != http.StatusOK {
		t.Fatalf("got %d", code)
	}
	p.sees("/login/oidc/callback?code=x&state=", http.StatusForbidden, "begun in another browser")
}

func TestOwnPageHasTriesOfItsOwn(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	p, q, stranger := s.member(t, anna), s.member(t, sam), s.person(t)
	blocked := 0
	for range 12 {
		if code, _ := p.send(http.MethodPost, "/account/password", url.Values{"old": {"a wrong pass phrase"}, "password": {"another long phrase"}}); code == http.StatusTooManyRequests {
			blocked++
		}
	}
	if blocked != 2 {
		t.Errorf("of twelve guesses at the old password %d were not looked at, want 2", blocked)
	}
	for range 12 {
		stranger.signsIn("page of sam", "a guess of a phrase")
		stranger.signsIn("sam", "a guess of a phrase")
	}
	for range 12 { // the right one is no guess
		if code, body := q.send(http.MethodPost, "/account/password", url.Values{"old": {good}, "password": {good}}); code != http.StatusOK || !strings.Contains(body, "is changed") {
			t.Fatalf("others have used up his tries: %d %s", code, body)
		}
	}
}

// meddled is a store in which something happens before the next update.
type meddled struct {
	accounts.Store
	before func(accounts.Tx) error
}

func (m *meddled) UpdateAccounts(ctx context.Context, fn func(accounts.Tx) error) error {
	if before := m.before; before != nil {
		m.before = nil
		if err := m.Store.UpdateAccounts(ctx, before); err != nil {
			return err
		}
	}
	return m.Store.UpdateAccounts(ctx, fn)
}

// While a password is looked at, it is changed: who knew the old one is not let in.
func TestPasswordHoldsToTheEnd(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.member(t, anna)
	m := &meddled{Store: s.Store}
	s.Store = m
	m.before = func(tx accounts.Tx) error {
		a, err := tx.Account("anna")
		if err != nil {
			return err
		}
		a.ChangedAt = a.ChangedAt.Add(time.Second)
		return tx.PutAccount(a)
	}
	if code, body := s.person(t).signsIn("anna", good); code != http.StatusForbidden {
		t.Errorf("got %d %s", code, body)
	}
}

// While the old password is looked at, a link takes it away.
func TestPasswordIsTheOldOneToTheEnd(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	thief := s.member(t, anna)
	m := &meddled{Store: s.Store}
	s.Store = m
	m.before = func(tx accounts.Tx) error {
		a, err := tx.Account("anna")
		if err != nil {
			return err
		}
		a.Hash = ""
		return tx.PutAccount(a)
	}
	if code, body := thief.send(http.MethodPost, "/account/password", url.Values{"old": {good}, "password": {"another long phrase"}}); code != http.StatusForbidden {
		t.Errorf("got %d %s", code, body)
	}
	if all, err := s.List(t.Context()); err != nil || all[0].Hash != "" {
		t.Errorf("the thief has a password again: %v", err)
	}
}
