package accounts_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.member(t, anna)
		p := s.person(t)
		p.sees("/", http.StatusOK, "<h1>Sign in</h1>")
		for _, wrong := range [][2]string{{"anna", "a long pass phrasf"}, {"nobody", good}, {"", ""}, {"anna", strings.Repeat("x", 300)}} {
			if code, body := p.signsIn(wrong[0], wrong[1]); code != http.StatusForbidden || !strings.Contains(body, "do not fit") {
				t.Errorf("signed in as %q: %d %s", wrong[0], code, body)
			}
		}
		if code, body := p.signsIn("anna", good); code != http.StatusOK || body != "inside as anna agent anna" {
			t.Errorf("got %d %s", code, body)
		}
		p.sees("/account", http.StatusOK, "here")
		if code, body := p.send(http.MethodPost, "/logout", url.Values{}); code != http.StatusOK || !strings.Contains(body, "Sign in") {
			t.Errorf("got %d %s", code, body)
		}
		p.sees("/", http.StatusOK, "<h1>Sign in</h1>")
		s.journal(t, "user.added", "user.link", "user.password", "user.signed_in", "user.refused", "user.refused", "user.signed_in", "user.signed_out")
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	stranger, agent, supervisor := s.person(t), s.member(t, anna), s.member(t, sam)
	tests := []struct {
		name, path string
		who        *person
		code       int
		words      string
	}{
		{"open", "/open", stranger, 200, "inside as nobody"},
		{"open to one who is known", "/open", agent, 200, "inside as anna"},
		{"everybody's", "/", agent, 200, "inside as anna"},
		{"supervisors'", "/team/x", agent, 403, "not for agents"},
		{"supervisors' to one", "/team/x", supervisor, 200, "inside as sam"},
		{"admins'", "/users", supervisor, 403, "not for supervisors"},
		{"under no rule", "/secret", supervisor, 404, "no such page"},
		{"under no rule to a stranger", "/secret", stranger, 200, "Sign in"},
		{"supervisors' to a stranger", "/team/x", stranger, 200, "Sign in"},
		{"another way of writing", "//team/x", agent, 403, "not for agents"},
		{"dots", "/open/../team/x", agent, 403, "not for agents"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.who.sees(tt.path, tt.code, tt.words) })
	}
	res, err := http.Post(s.url+"/", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a program is told %d", res.StatusCode)
	}
}

func TestLinkOpensOnce(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	first, err := s.Add(t.Context(), anna, "test")
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Relink(t.Context(), "anna", "test")
	if err != nil {
		t.Fatal(err)
	}
	p := s.person(t)
	take := func(token, password string) int {
		code, _ := p.send(http.MethodPost, accounts.WelcomePath(token), url.Values{"password": {password}})
		return code
	}
	p.sees(accounts.WelcomePath(first), http.StatusNotFound, "link is over")
	p.sees(accounts.WelcomePath("guessed"), http.StatusNotFound, "link is over")
	for range 2 { // to look takes nothing, nor does a password that is too short
		p.sees(accounts.WelcomePath(second), http.StatusOK, "Welcome, anna")
		if code := take(second, "short"); code != http.StatusUnprocessableEntity {
			t.Errorf("a short password: %d", code)
		}
	}
	if code := take(first, good); code != http.StatusNotFound {
		t.Errorf("a link that was replaced: %d", code)
	}
	if code := take(second, good); code != http.StatusOK {
		t.Errorf("the link: %d", code)
	}
	if code := take(second, good); code != http.StatusNotFound {
		t.Errorf("the link once more: %d", code)
	}
	late, err := s.Relink(t.Context(), "anna", "test")
	if err != nil {
		t.Fatal(err)
	}
	s.wait(25 * time.Hour)
	if code := take(late, good); code != http.StatusNotFound {
		t.Errorf("a link that is over: %d", code)
	}
	s.member(t, root)
	off, err := s.Relink(t.Context(), "anna", "test")
	if err := errors.Join(err, s.Change(t.Context(), anna, true, "test")); err != nil {
		t.Fatal(err)
	}
	if code := take(off, good); code != http.StatusNotFound {
		t.Errorf("a link to an account that is off: %d", code)
	}
}

func TestFirstAdmin(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	p := s.person(t)
	p.sees("/login", http.StatusOK, "Nobody has an account yet")
	first, err := s.FirstAdmin(t.Context())
	if err != nil || first == "" {
		t.Fatalf("got %q, %v", first, err)
	}
	token, err := s.FirstAdmin(t.Context()) // the service was started again
	if err != nil || token == "" {
		t.Fatalf("got %q, %v", token, err)
	}
	s.wait(time.Second)
	if code, body := p.send(http.MethodPost, accounts.WelcomePath(token), url.Values{"password": {good}}); code != 200 || body != "inside as admin admin " {
		t.Errorf("got %d %s", code, body)
	}
	if token, err := s.FirstAdmin(t.Context()); err != nil || token != "" {
		t.Errorf("there is an admin, and yet %q, %v", token, err)
	}
	p.sees("/users", http.StatusOK, "Make an account")
	code, body := p.send(http.MethodPost, "/users", url.Values{"do": {"add"}, "name": {"anna"}, "role": {"agent"}, "agent": {"anna"}})
	if code != 200 || !strings.Contains(body, s.url+"/welcome/") {
		t.Errorf("got %d %s", code, body)
	}
	for _, bad := range []url.Values{
		{"do": {"add"}, "name": {"anna"}, "role": {"agent"}},
		{"do": {"add"}, "name": {"<b>"}, "role": {"agent"}},
		{"do": {"add"}, "name": {"eve"}, "role": {"root"}},
		{"do": {"add"}, "name": {"eve"}, "role": {"agent"}, "agent": {"nobody"}},
		{"do": {"remove"}, "name": {"admin"}},
		{"do": {"change"}, "name": {"admin"}, "role": {"agent"}},
		{"do": {"change"}, "name": {"admin"}, "role": {"admin"}, "off": {"on"}},
		{"do": {"link"}, "name": {"nobody"}},
		{"do": {"else"}, "name": {"anna"}},
	} {
		if code, body := p.send(http.MethodPost, "/users", bad); code < 400 || code > 499 || !strings.Contains(body, "Nothing has changed") {
			t.Errorf("%v: got %d %s", bad, code, body)
		}
	}
}
