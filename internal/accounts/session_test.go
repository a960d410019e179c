package accounts_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// cookie is that of the session of a browser.
func (p *person) cookie() *http.Cookie {
	p.t.Helper()
	at, err := url.Parse(p.site)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range p.Jar.Cookies(at) {
		if c.Name == "holdless" {
			return c
		}
	}
	return &http.Cookie{Name: "holdless"}
}

// has gives a browser a cookie.
func (p *person) has(c *http.Cookie) {
	p.t.Helper()
	at, err := url.Parse(p.site)
	if err != nil {
		p.t.Fatal(err)
	}
	p.Jar.SetCookies(at, []*http.Cookie{{Name: c.Name, Value: c.Value, Path: "/"}})
}

// TestSessionsAreNew holds that who signs in has a session that nobody could have
// had before, and that signing out ends it for whoever has copied it.
func TestSessionsAreNew(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.member(t, anna)
	p, thief := s.person(t), s.person(t)
	planted := &http.Cookie{Name: "holdless", Value: strings.Repeat("A", 26)}
	p.has(planted)
	thief.has(planted)
	p.signsIn("anna", good)
	first := p.cookie()
	if first.Value == planted.Value || len(first.Value) < 26 {
		t.Errorf("the session is %q", first.Value)
	}
	thief.sees("/", http.StatusOK, "<h1>Sign in</h1>")
	p.signsIn("anna", good)
	if again := p.cookie(); again.Value == first.Value {
		t.Error("who signs in again has the old session")
	}
	thief.has(p.cookie())
	thief.sees("/", http.StatusOK, "inside as anna")
	p.send(http.MethodPost, "/logout", url.Values{})
	thief.sees("/", http.StatusOK, "<h1>Sign in</h1>")
}

// TestRoleChangesEndSessions holds that nobody goes on with what he was.
func TestRoleChangesEndSessions(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.member(t, root)
	p := s.member(t, sam)
	p.sees("/team/x", http.StatusOK, "inside as sam supervisor")
	if err := s.Change(t.Context(), accounts.User{Name: "sam", Role: accounts.Agent, Agent: "anna"}, false, "test"); err != nil {
		t.Fatal(err)
	}
	p.sees("/team/x", http.StatusOK, "<h1>Sign in</h1>")
	p.signsIn("sam", good)
	p.sees("/team/x", http.StatusForbidden, "not for agents")
	if err := s.Remove(t.Context(), "sam", "test"); err != nil {
		t.Fatal(err)
	}
	p.sees("/", http.StatusOK, "<h1>Sign in</h1>")
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	p := s.member(t, anna)
	for range 13 { // used, a session outlives its idle time
		s.wait(11 * time.Hour)
		p.sees("/", http.StatusOK, "inside as anna")
	}
	for range 3 { // but not its end
		s.wait(10 * time.Hour)
		p.send(http.MethodGet, "/", nil)
	}
	p.sees("/", http.StatusOK, "Sign in")
	p.signsIn("anna", good)
	s.wait(13 * time.Hour)
	p.sees("/", http.StatusOK, "Sign in")

	p.signsIn("anna", good)
	other := s.person(t)
	other.signsIn("anna", good)
	if code, body := p.send(http.MethodPost, "/account/password", url.Values{"old": {good}, "password": {"another long phrase"}}); code != 200 || !strings.Contains(body, "is changed") {
		t.Errorf("password not changed: %d %s", code, body)
	}
	other.sees("/", http.StatusOK, "Sign in")
	p.sees("/", http.StatusOK, "inside as anna")
	other.signsIn("anna", "another long phrase")
	p.send(http.MethodPost, "/account/signout", url.Values{})
	other.sees("/", http.StatusOK, "Sign in")

	other.signsIn("anna", "another long phrase")
	if err := errors.Join(s.Change(t.Context(), accounts.User{Name: "anna", Role: accounts.Supervisor}, false, "test")); !errors.Is(err, accounts.ErrLast) {
		t.Errorf("got %v, want %v: nobody could give accounts", err, accounts.ErrLast)
	}
	s.member(t, root)
	if err := s.Change(t.Context(), anna, true, "test"); err != nil {
		t.Fatal(err)
	}
	other.sees("/", http.StatusOK, "Sign in")
	if code, _ := other.signsIn("anna", "another long phrase"); code != http.StatusForbidden {
		t.Errorf("who may not sign in did: %d", code)
	}
}
