package accounts_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store"
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

// TestOddForms writes what no browser writes into every field of every form: each
// is answered in words, on both databases, and is no fault of ours.
func TestOddForms(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		p := s.member(t, root)
		many := url.Values{}
		for i := range 5000 {
			many.Set(fmt.Sprint("f", i), "")
		}
		for name, text := range map[string]string{
			"nothing": "", "much": strings.Repeat("x", 60_000), "an end": "a\x00b", "no letters": "\xff\xfe", "lines": "a\r\nSet-Cookie: x=y", "a tag": "<script>alert(1)</script>",
			"right to left": "a\u202eb", "a formula": "=1+1", "a path": "../../etc/passwd", "a statement": "'; DROP TABLE account; --",
		} {
			for path, fields := range map[string][]string{
				"/login": {"name", "password", "next"}, "/welcome/none": {"password"}, "/account/password": {"old", "password"}, "/account/passkey/remove": {"id"},
				"/users": {"do", "name", "role", "agent", "off"}, "/calendar": {"do", "agent", "label", "id"},
			} {
				s.wait(time.Minute)
				form := url.Values{"do": {"add"}, "role": {"agent"}, "name": {"eve"}}
				for _, f := range fields[min(1, len(fields)-1):] {
					form.Set(f, text)
				}
				for _, f := range []url.Values{form, {fields[0]: {text, text}}} {
					code, body := p.send(http.MethodPost, path, f)
					if code >= 500 || code == http.StatusOK && path != "/login" || strings.Contains(body, "<script>alert") || body == "" {
						t.Errorf("%s in %s: got %d %.200s", name, path, code, body)
					}
				}
			}
		}
		for _, path := range []string{"/login", "/users", "/calendar"} {
			if code, body := p.send(http.MethodPost, path, many); code >= 500 || code == http.StatusOK || body == "" {
				t.Errorf("5,000 fields for %s: got %d %.200s", path, code, body)
			}
		}
		for _, path := range []string{"/welcome/%00", "/welcome/%ff", "/login?next=%00", "/login?next=%ff", "/login/oidc/callback?state=%00&code=%ff", "/account?done=%00"} {
			if code, _ := p.send(http.MethodGet, path, nil); code >= 500 {
				t.Errorf("%s: got %d", path, code)
			}
		}
		all, err := s.List(t.Context())
		if err != nil || len(all) != 1 || all[0].Name != "root" {
			t.Errorf("there are %+v, %v", all, err)
		}
	})
}
