package accounts_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// A proxy may forget to say that browsers come to it over TLS.
func TestCookiesOfAPublicSite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ origin, proto, name string }{
		{"https://desk.example.com", "", "__Host-holdless"},
		{"http://127.0.0.1:8080", "https", "__Host-holdless"},
		{"http://127.0.0.1:8080", "", "holdless"},
	} {
		s := open(t, storetest.New(t))
		s.member(t, anna)
		s.Origin = tt.origin
		form := url.Values{"name": {"anna"}, "password": {good}}
		r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-Proto", tt.proto)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		got := w.Result().Cookies()
		if len(got) != 1 || got[0].Name != tt.name || got[0].Secure != (tt.name != "holdless") {
			t.Fatalf("%s %q: got %v", tt.origin, tt.proto, got)
		}
		if c := got[0]; !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 7*24*60*60 {
			t.Errorf("scripts, or other sites, may use %v", c)
		}
		back := httptest.NewRequest(http.MethodGet, "/", nil)
		back.Header.Set("X-Forwarded-Proto", tt.proto)
		back.AddCookie(got[0])
		in := httptest.NewRecorder()
		s.Guard(accounts.Rules{"/": accounts.Roles()}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "inside") })).ServeHTTP(in, back)
		if in.Body.String() != "inside" {
			t.Errorf("%s %q: the cookie opens nothing: %d", tt.origin, tt.proto, in.Code)
		}
	}
}

// The link for a new user leads to where the pages are, whatever the browser of
// the admin was told.
func TestLinksLeadToThePublicSite(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	p := s.member(t, root)
	s.Origin, s.Public = "http://desk.example.com", true
	if code, body := p.send(http.MethodPost, "/users", url.Values{"do": {"add"}, "name": {"eve"}, "role": {"agent"}}); code != 200 || !strings.Contains(body, "http://desk.example.com/welcome/") {
		t.Errorf("got %d %s", code, body)
	}
}

// TestOwnPagesLoadNothing: the pages on which people sign in show nobody else's
// script, and are part of no other page.
func TestOwnPagesLoadNothing(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/login", nil))
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) || strings.Contains(policy, "unsafe") {
			t.Errorf("policy %q, want %s", policy, want)
		}
	}
}
