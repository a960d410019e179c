package api

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/articles"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

var morning = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) // a Monday; 10:00 in Helsinki

// A world is a desk with one queue, which programs ask.
type world struct {
	testing.TB
	*Server
	desk    *callback.Desk
	all     http.Handler
	users   *accounts.Registry
	reloads []string // by whom
}

// States implements [Menus].
func (w *world) States() []menus.State { return []menus.State{{Menu: "main", Version: "v1"}} }

// Reload implements [Menus].
func (w *world) Reload(_ context.Context, actor string) (map[string]error, error) {
	w.reloads = append(w.reloads, actor)
	return nil, nil
}

func newWorld(t testing.TB) *world { return onStore(t, storetest.New(t)) }

func onStore(t testing.TB, kept *store.Store) *world {
	t.Helper()
	c := callback.Defaults()
	c.Zone, c.Callbacks.AllowRegions = "Europe/Helsinki", []string{"FI"}
	c.Agents = map[string]callback.Agent{"anna": {Name: "Anna", Phone: "sip:anna@127.0.0.1"}}
	c.Queues = map[string]callback.QueueConfig{
		"billing": {Agents: []string{"anna"}, Hours: map[string]string{"mon-sun": "08:00-20:00"}, CallerID: "+358912345678"},
	}
	d, err := callback.New(c)
	if err != nil {
		t.Fatal(err)
	}
	d.Store, d.Boot, d.Alone, d.Log = kept, "boot", true, slog.New(slog.DiscardHandler)
	d.Now, d.Menus = func() time.Time { return morning }, map[string]*ivr.Menu{}
	d.Text = func(_ string, p ivr.Prompt) string { return p.Name }
	w := &world{TB: t, desk: d}
	w.users = &accounts.Registry{Store: kept, Config: accounts.Defaults(), Now: d.Now, Log: d.Log}
	w.Server = &Server{
		Config: Config{PerSecond: 1 << 20}, Desk: d, Keys: w.users, Menus: w, Queues: d.Queues, Agents: d.Agents,
		Articles: func() articles.Book {
			return articles.Book{
				Checklists: map[string][]string{"invoice": {"Ask for its number."}},
				Articles:   map[string]articles.Article{"due": {Title: "When it is due", Tags: []string{"lasku"}, Text: "Two weeks."}},
			}
		},
		Hooks: &hooks.Publisher{
			Store: kept, Now: d.Now, Log: d.Log,
			Endpoints: map[string]hooks.Endpoint{"crm": {URL: "https://crm.example.com/", Events: []string{"callback.*"}}},
		},
		Version: "test", Now: d.Now, Log: d.Log,
	}
	w.all = w.Handler()
	return w
}

// key makes a key, and returns its token.
func (w *world) key(scopes ...accounts.Scope) string {
	w.Helper()
	if len(scopes) == 0 {
		scopes = accounts.Scopes()
	}
	token, err := w.users.AddKey(context.Background(), strings.Join(strings.Fields(w.Name()), "")[:min(20, len(w.Name()))]+time.Now().Format(".000000000"), scopes, "test")
	if err != nil {
		w.Fatal(err)
	}
	return token
}

// ask asks as a program, with headers that are written "Name: value".
// counts counts something of billing today.
func (w *world) counts(name string, n int, parts map[string]string) {
	w.Helper()
	err := w.desk.Store.Update(w.Context(), func(tx callback.Tx) error {
		return tx.Measure(callback.Measure{Queue: "billing", Since: w.Now().Truncate(24 * time.Hour), Count: figures.Count{Name: name, N: n}, Parts: parts})
	})
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) ask(token, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	w.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, in)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	out := httptest.NewRecorder()
	w.all.ServeHTTP(out, r)
	return out
}

// askBriefly asks for what may have no end, and hangs up as it begins.
func (w *world) askBriefly(token, method, path string) *httptest.ResponseRecorder {
	w.Helper()
	ctx, hangUp := context.WithCancel(w.Context())
	defer hangUp()
	r := httptest.NewRequest(method, path, nil).WithContext(ctx)
	r.Header.Set("Authorization", "Bearer "+token)
	out := httptest.NewRecorder()
	if path == Prefix+"/events" {
		w.all.ServeHTTP(gone{out, hangUp}, r)
	} else {
		w.all.ServeHTTP(out, r)
	}
	return out
}

// says reads an answer of a kind.
func says[A any](t testing.TB, res *httptest.ResponseRecorder, code int) A {
	t.Helper()
	var a A
	if res.Code != code {
		t.Fatalf("got %d %s, want %d", res.Code, res.Body, code)
	}
	if err := json.Unmarshal(res.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s: %v", res.Body, err)
	}
	return a
}

// refuses reads a problem.
func refuses(t testing.TB, res *httptest.ResponseRecorder, code int, name string) ProblemError {
	t.Helper()
	p := says[ProblemError](t, res, code)
	if p.Type != "/problems/"+name || p.Status != code || res.Header().Get("Content-Type") != problemType {
		t.Errorf("got %+v as %s, want %s", p, res.Header().Get("Content-Type"), name)
	}
	return p
}
