package accounts_test

import (
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
