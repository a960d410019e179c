package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

var noon = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) // a Monday; 12:00 in Helsinki

type outbox struct {
	texts []Text
	got   []string
}

func (o *outbox) Texts() []Text { return o.texts }

func (o *outbox) Answer(_ context.Context, from callback.Phone, body string) (bool, error) {
	o.got = append(o.got, string(from)+": "+body)
	return body == "5", nil
}

func server(t *testing.T) *Server {
	t.Helper()
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	return &Server{
		Zone: func(string) *time.Location { return helsinki },
		Now:  func() time.Time { return noon },
		Log:  slog.New(slog.DiscardHandler),

		patience: 5 * time.Minute, // on a machine that is busy with other tests
	}
}

func get(t *testing.T, s *Server, path string) (int, string, http.Header) {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String(), w.Header()
}

func TestReady(t *testing.T) {
	t.Parallel()
	ok := Check{"database", func(context.Context) error { return nil }}
	bad := Check{"trunk carrier", func(context.Context) error { return errors.New("no answer to OPTIONS") }}
	tests := []struct {
		name   string
		checks []Check
		drain  bool
		code   int
		want   string
	}{
		{"all is well", []Check{ok}, false, 200, "database: ok\n"},
		{"a trunk is away", []Check{ok, bad}, false, 503, "database: ok\ntrunk carrier: no answer to OPTIONS\n"},
		{"draining", []Check{ok}, true, 503, "service: draining\ndatabase: ok\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := server(t)
			s.Checks = tt.checks
			if tt.drain {
				s.Drain()
			}
			code, body, _ := get(t, s, "/readyz")
			if code != tt.code || body != tt.want {
				t.Errorf("got %d %q, want %d %q", code, body, tt.code, tt.want)
			}
			if code, _, _ := get(t, s, "/healthz"); code != http.StatusOK {
				t.Errorf("health: got %d, want 200", code)
			}
		})
	}
}

// TestSchemaIsServed: an editor fetches the schema of menus, without an account.
func TestSchemaIsServed(t *testing.T) {
	t.Parallel()
	s := server(t)
	s.Accounts = &accounts.Registry{Store: storetest.New(t), Config: accounts.Defaults(), Now: s.Now, Log: s.Log}
	want, err := ivr.Schema()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		code, body, head := get(t, s, "/menu.schema.json")
		if code != http.StatusOK || body != string(want) || head.Get("Content-Type") != "application/schema+json" {
			t.Errorf("got %d %s %.80s", code, head.Get("Content-Type"), body)
		}
	}
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	s := server(t)
	box := &outbox{texts: []Text{{At: noon, To: "+358401234567", Body: "Reply 1 to 5.", Segments: 1}}}
	s.Outbox = box
	if code, body, _ := get(t, s, "/demo/sms"); code != 200 || !strings.Contains(body, "Reply 1 to 5.") {
		t.Errorf("got %d %s", code, body)
	}
	tests := []struct {
		name   string
		form   url.Values
		origin string
		code   int
		want   string
	}{
		{"taken", url.Values{"from": {"+358401234567"}, "body": {"5"}}, "", 200, "was taken"},
		{"without its plus", url.Values{"from": {" 358401234567"}, "body": {"5"}}, "", 200, "was taken"},
		{"not expected", url.Values{"from": {"+358401234567"}, "body": {"x"}}, "", 200, "Nobody was waiting"},
		{"empty", url.Values{"from": {"+358401234567"}}, "", 400, "needs the fields"},
		{"from another site", url.Values{"from": {"+1"}, "body": {"5"}}, "https://evil.example", 403, ""},
		{"too long", url.Values{"from": {"+1"}, "body": {strings.Repeat("5", bodySize)}}, "", 413, "larger"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodPost, "/demo/sms", strings.NewReader(tt.form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			s.Handler().ServeHTTP(w, r)
			if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, tt.code, tt.want)
			}
		})
	}
	if len(box.got) != 3 || box.got[1] != "+358401234567: 5" {
		t.Errorf("got answers %q, want 3, the second with its plus", box.got)
	}
}

func TestServeStops(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server(t).Serve(ctx, ln) }()
	silent, err := net.Dial("tcp", ln.Addr().String()) // it never asks anything, and holds nobody up
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	res, err := http.Get("http://" + ln.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Error(err)
	}
	res.Body.Close()
	stop()
	if err := <-done; err != nil {
		t.Errorf("got %v, want a quiet end", err)
	}
}

// Metrics, and what is missing to be ready, are for those whom the operator
// allows; a proxy on this machine tells who asks.
func TestInsiders(t *testing.T) {
	t.Parallel()
	s := &Server{
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "holdless_calls_total 1\n") }),
		Checks:  []Check{{"database", func(context.Context) error { return errors.New("disk full") }}}, Log: slog.New(slog.DiscardHandler),
		patience: 5 * time.Minute,
	}
	for _, tt := range []struct {
		allow         []string
		from, through string
		inside        bool
	}{
		{nil, "198.51.100.7:1", "", true},
		{[]string{"10.0.0.0/8"}, "198.51.100.7:1", "", false},
		{[]string{"10.0.0.0/8"}, "198.51.100.7:1", "10.1.1.1", false}, // anybody can say so
		{[]string{"10.0.0.0/8"}, "127.0.0.1:1", "10.1.1.1", true},
		{[]string{"10.0.0.0/8"}, "127.0.0.1:1", "198.51.100.7", false},
		{[]string{"10.0.0.0/8"}, "127.0.0.1:1", "10.1.1.1, 198.51.100.7", false}, // what the proxy was told itself
		{[]string{"10.0.0.0/8"}, "127.0.0.1:1", "198.51.100.7, 10.1.1.1", true},
		{[]string{"10.0.0.0/8"}, "[::ffff:10.1.1.1]:1", "", true},
		{[]string{"192.0.2.1", "2001:db8::/32"}, "[2001:db8::5]:1", "", true},
		{[]string{"nonsense"}, "127.0.0.1:1", "", false},
	} {
		s.Insiders.Allow = tt.allow
		from := func(r *http.Request) {
			r.RemoteAddr = tt.from
			if tt.through != "" {
				r.Header.Set("X-Forwarded-For", tt.through)
			}
		}
		metrics, ready := ask(s, "GET", "/metrics", "", from), ask(s, "GET", "/readyz", "", from)
		if (metrics.Code == http.StatusOK) != tt.inside || strings.Contains(ready.Body.String(), "disk full") != tt.inside || ready.Code != http.StatusServiceUnavailable {
			t.Errorf("%v, from %s, through %q: %d %q", tt.allow, tt.from, tt.through, metrics.Code, ready.Body)
		}
	}
	if wrong := (Config{Listen: ":1", Metrics: MetricsConfig{Allow: []string{"10/8"}}}).Check(); !strings.Contains(wrong["metrics"], "10/8") {
		t.Errorf("a wrong network is %v", wrong)
	}
}
