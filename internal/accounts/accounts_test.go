package accounts_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

const good = "a long pass phrase"

// site is a small site behind accounts, whose clock can be moved on.
type site struct {
	*accounts.Registry
	store *store.Store
	url   string

	mu  sync.Mutex
	now time.Time
}

func (s *site) time() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func open(t *testing.T, st *store.Store) *site {
	t.Helper()
	s := &site{store: st, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	s.Registry = &accounts.Registry{
		Store: st, Config: accounts.Defaults(), Agents: []string{"anna"}, Now: s.time, Log: slog.New(slog.DiscardHandler),
	}
	inside := http.NewServeMux()
	inside.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		u, ok := accounts.From(r.Context())
		if !ok {
			u.Name = "nobody"
		}
		io.WriteString(w, "inside as "+u.Name+" "+string(u.Role)+" "+u.Agent)
	})
	rules := accounts.Rules{
		"GET /{$}": accounts.Roles(), "GET /open": accounts.Anyone(), "/team/": {accounts.Supervisor, accounts.Admin},
	}
	for pattern, roles := range accounts.OwnRules() {
		rules[pattern] = roles
		inside.Handle(pattern, s.Handler())
	}
	srv := httptest.NewServer(http.NewCrossOriginProtection().Handler(s.Guard(rules, inside)))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// person is somebody at a browser.
type person struct {
	*http.Client
	t    *testing.T
	site string
}

func (s *site) person(t *testing.T) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{&http.Client{Jar: jar}, t, s.url}
}

func (p *person) send(method, path string, form url.Values) (int, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.site+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := p.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func (p *person) sees(path string, code int, words string) {
	p.t.Helper()
	if got, body := p.send(http.MethodGet, path, nil); got != code || !strings.Contains(body, words) {
		p.t.Errorf("GET %s: got %d %s, want %d %q", path, got, body, code, words)
	}
}

func (p *person) signsIn(name, password string) (int, string) {
	p.t.Helper()
	return p.send(http.MethodPost, "/login", url.Values{"name": {name}, "password": {password}})
}

// member makes an account with a password, and returns its user, signed in.
func (s *site) member(t *testing.T, u accounts.User) *person {
	t.Helper()
	token, err := s.Add(t.Context(), u, "test")
	if err != nil {
		t.Fatal(err)
	}
	s.wait(time.Second)
	p := s.person(t)
	if code, body := p.send(http.MethodPost, accounts.WelcomePath(token), url.Values{"password": {good}}); code != http.StatusOK || !strings.Contains(body, "inside as "+u.Name) {
		t.Fatalf("password not taken: %d %s", code, body)
	}
	return p
}

var (
	anna = accounts.User{Name: "anna", Role: accounts.Agent, Agent: "anna"}
	sam  = accounts.User{Name: "sam", Role: accounts.Supervisor}
	root = accounts.User{Name: "root", Role: accounts.Admin}
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

// journal checks what was taken down of users, and that no secret was.
func (s *site) journal(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	err := s.store.View(t.Context(), func(tx callback.Tx) error {
		all, err := tx.Entries(0, 1000)
		for _, e := range all {
			got = append(got, e.Kind)
			if strings.Contains(e.Value+e.Name+e.Actor, good) {
				t.Errorf("a password stands in the journal: %+v", e)
			}
		}
		return err
	})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("journal = %q, %v, want %q", got, err, want)
	}
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

func TestForgedCookies(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.member(t, anna)
	for _, forged := range []string{"", "x", strings.Repeat("A", 26), "' OR 1=1", strings.Repeat("ä", 2000)} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Cookie", "holdless="+forged)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%q: got %d", forged, res.StatusCode)
		}
	}
}

// Another site's form does nothing here, and a page of ours leads to none.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	p := s.member(t, anna)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/account/signout", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := p.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("another site signed somebody out: %d", res.StatusCode)
	}
	p.sees("/", http.StatusOK, "inside as anna")
	p.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for next, want := range map[string]string{
		"/team/": "/team/", "//evil.example/": "/", "https://evil.example/": "/", `/\evil.example`: "/", "/login": "/", "": "/",
		"/\t/evil.example": "/", "/\n/evil.example": "/", "/\r/evil.example": "/", // browsers leave these out
	} {
		signs, err := p.PostForm(s.url+"/login", url.Values{"name": {"anna"}, "password": {good}, "next": {next}})
		leadsTo(t, signs, err, want)
		has, err := p.Get(s.url + "/login?" + url.Values{"next": {next}}.Encode()) // who has signed in already
		leadsTo(t, has, err, want)
	}
}

// leadsTo holds where an answer sends the browser.
func leadsTo(t *testing.T, res *http.Response, err error, want string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Location"); got != want {
		t.Errorf("%s %s leads to %q, want %q", res.Request.Method, res.Request.URL, got, want)
	}
}

func TestBruteForce(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.member(t, anna)
	p := s.person(t)
	var refused, blocked int
	for range 40 {
		switch code, _ := p.signsIn("anna", "a guess of a phrase"); code {
		case http.StatusForbidden:
			refused++
		case http.StatusTooManyRequests:
			blocked++
		}
	}
	if refused != 10 || blocked != 30 {
		t.Errorf("%d guesses were looked at, %d were not", refused, blocked)
	}
	if code, body := p.signsIn("anna", good); code != http.StatusTooManyRequests || !strings.Contains(body, "Wait") {
		t.Errorf("the right one among guesses: %d %s", code, body)
	}
	if code, _ := p.signsIn("other", good); code != http.StatusTooManyRequests {
		t.Errorf("another name from the same address: %d", code)
	}
	s.wait(time.Minute)
	if code, _ := p.signsIn("anna", good); code != http.StatusOK {
		t.Errorf("a minute later: %d", code)
	}
	for range 20 { // the right password is no guess
		if code, _ := p.signsIn("anna", good); code != http.StatusOK {
			t.Fatalf("signing in often: %d", code)
		}
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
