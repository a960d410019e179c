package main

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/accounts"
)

// A telling is what somebody is told without end, and how he asked for it.
type telling struct {
	client *http.Client
	path   string
	key    string        // of a program; "" for a browser
	ended  chan struct{} // is closed when it is over
}

// listens opens a stream, and waits until something is told.
func (r *running) listens(t *testing.T, s *telling) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	res := s.ask(ctx, t, r) //nolint:bodyclose // whoever reads it to its end closes it, below
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: got %s", s.path, res.Status)
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "event: time") && !strings.HasPrefix(lines.Text(), ": here") {
	}
	s.ended = make(chan struct{})
	go func() {
		defer close(s.ended)
		defer res.Body.Close()
		for lines.Scan() {
		}
	}()
}

func (s *telling) ask(ctx context.Context, t *testing.T, r *running) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.http.Addr().String()+s.path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.key != "" {
		req.Header.Set("Authorization", "Bearer "+s.key)
	}
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestStreamsEnd holds that whoever is not let in any more is told nothing more,
// on streams too that were open before; others are told on.
func TestStreamsEnd(t *testing.T) {
	t.Parallel()
	r := startWith(t, written(t, "sounds: {cache: false}\n"))
	defer func() {
		r.stop()
		r.end(t)
	}()
	site := "http://" + r.http.Addr().String()
	stays := &telling{client: enter(t, r.file, site, "admin"), path: "/desk/events?after=0"}
	r.listens(t, stays)
	sam := accounts.User{Name: "sam", Role: accounts.Supervisor}
	for what, ends := range map[string]func(ctx context.Context) error{
		"another role": func(ctx context.Context) error {
			return r.accounts.Change(ctx, accounts.User{Name: "sam", Role: accounts.Agent}, false, "test")
		},
		"no more":        func(ctx context.Context) error { return r.accounts.Change(ctx, sam, true, "test") },
		"sent out":       func(ctx context.Context) error { return r.accounts.SignOut(ctx, "sam", "test") },
		"removed":        func(ctx context.Context) error { return r.accounts.Remove(ctx, "sam", "test") },
		"a new password": func(ctx context.Context) error { return r.newPassword(ctx, site, "sam") },
	} {
		_ = r.accounts.Remove(t.Context(), "sam", "test") // of the turn before, if there was one
		client := r.member(t, site, sam)
		both := []*telling{{client: client, path: "/desk/events?after=0"}, {client: client, path: "/api/v1/events"}}
		for _, s := range both {
			r.listens(t, s)
		}
		if err := ends(t.Context()); err != nil {
			t.Fatal(what, err)
		}
		for _, s := range both {
			r.isOver(t, what, s)
		}
	}
	key, err := r.accounts.AddKey(t.Context(), "crm", []accounts.Scope{accounts.ReadEvents}, "test")
	if err != nil {
		t.Fatal(err)
	}
	program := &telling{client: http.DefaultClient, path: "/api/v1/events", key: key}
	r.listens(t, program)
	if err := r.accounts.RevokeKey(t.Context(), "crm", "test"); err != nil {
		t.Fatal(err)
	}
	r.isOver(t, "a key that was revoked", program)
	select {
	case <-stays.ended:
		t.Error("who may listen was sent away")
	default:
	}
}

// isOver waits until a stream has ended, and asks once more.
func (r *running) isOver(t *testing.T, what string, s *telling) {
	t.Helper()
	eventually(t, "over by "+what+": "+s.path, func() bool {
		select {
		case <-s.ended:
			return true
		default:
			return false
		}
	})
	res := s.ask(t.Context(), t, r)
	res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("%s: asked once more, %s answers %s", what, s.path, res.Status)
	}
}

// member makes an account, and returns the browser of its user.
func (r *running) member(t *testing.T, site string, u accounts.User) *http.Client {
	t.Helper()
	token, err := r.accounts.Add(t.Context(), u, "test")
	if err != nil {
		t.Fatal(err)
	}
	v := visitor{T: t, role: u.Role, site: site, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	v.welcome(site + accounts.WelcomePath(token))
	return v.client
}

// newPassword has somebody choose another password, in another browser.
func (r *running) newPassword(ctx context.Context, site, name string) error {
	token, err := r.accounts.Relink(ctx, name, "test")
	if err != nil {
		return err
	}
	res, err := http.PostForm(site+accounts.WelcomePath(token), url.Values{"password": {"another long phrase"}})
	if err != nil {
		return err
	}
	return res.Body.Close()
}
