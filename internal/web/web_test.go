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
)

var noon = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) // a Monday; 12:00 in Helsinki

type desk struct {
	list    []callback.Callback
	dialing callback.Dialing
	err     error
}

func (d desk) Today(context.Context, string) ([]callback.Callback, error) { return d.list, d.err }

func (d desk) Dialing(context.Context) (callback.Dialing, error) { return d.dialing, d.err }

type outbox struct {
	texts []Text
	got   []string
}

func (o *outbox) Texts() []Text { return o.texts }

func (o *outbox) Answer(_ context.Context, from callback.Phone, body string) (bool, error) {
	o.got = append(o.got, string(from)+": "+body)
	return body == "5", nil
}

func server(t *testing.T, list ...callback.Callback) *Server {
	t.Helper()
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	return &Server{
		Desk: desk{list: list},
		Zone: func(string) *time.Location { return helsinki },
		Now:  func() time.Time { return noon },
		Log:  slog.New(slog.DiscardHandler),
	}
}

func get(t *testing.T, s *Server, path string) (int, string, http.Header) {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String(), w.Header()
}

func TestPage(t *testing.T) {
	t.Parallel()
	s := server(t,
		callback.Callback{
			Phone: "+358401234567", Name: "<script>alert(1)</script>", Topic: "in\u202evoice",
			State: callback.BookedState, At: noon.Add(30 * time.Minute),
		},
		callback.Callback{Phone: "+358401234999", State: callback.RetryWait, At: noon.Add(24 * time.Hour)},
	)
	code, body, head := get(t, s, "/")
	if code != http.StatusOK {
		t.Fatalf("got status %d, want 200", code)
	}
	for _, want := range []string{"12:30", "Tue 24 Nov 12:00", "promised", "…567", "&lt;script&gt;", "invoice"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q:\n%s", want, body)
		}
	}
	for _, never := range []string{"<script", "+358401234567", "\u202e", "/demo/sms"} {
		if strings.Contains(body, never) {
			t.Errorf("the page has %q", never)
		}
	}
	if policy := head.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("got policy %q", policy)
	}
}

func TestPageWithoutDesk(t *testing.T) {
	t.Parallel()
	s := server(t)
	s.Desk = desk{err: errors.New("database is locked by secret.db")}
	code, body, _ := get(t, s, "/")
	if code != http.StatusServiceUnavailable || strings.Contains(body, "secret") {
		t.Errorf("got %d %q", code, body)
	}
}

// TestEveryStateHasWords finds a state that the page cannot name.
func TestEveryStateHasWords(t *testing.T) {
	t.Parallel()
	css, err := files.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	if len(css) == 0 {
		t.Error("the style is empty")
	}
	for state, text := range words {
		if text == "" {
			t.Errorf("%s has no words", state)
		}
	}
	if len(words) != 14 {
		t.Errorf("got words for %d states, want 14", len(words))
	}
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
		{"too long", url.Values{"from": {"+1"}, "body": {strings.Repeat("5", bodySize)}}, "", 400, ""},
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

// Whoever looks at the page sees that nobody is dialled, why, and who waits.
func TestPageWhileStopped(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		dialing callback.Dialing
		want    string
	}{
		{"by itself", callback.Dialing{Stopped: true, Why: "3 of <50>", At: noon}, "Dialling is stopped since Mon 23 Nov 12:00: 3 of &lt;50&gt;."},
		{"by an operator", callback.Dialing{Stopped: true, At: noon}, "Dialling is stopped since Mon 23 Nov 12:00."},
		{"by a limit", callback.Dialing{Waits: "limits.per_day"}, "limits.per_day is reached"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := server(t, callback.Callback{Phone: "+358401234567", State: callback.BookedState, At: noon.Add(-time.Hour)})
			s.Desk = desk{list: s.Desk.(desk).list, dialing: tt.dialing}
			_, body, _ := get(t, s, "/")
			for _, want := range []string{tt.want, `role="alert"`, "promised, late"} {
				if !strings.Contains(body, want) {
					t.Errorf("the page lacks %q:\n%s", want, body)
				}
			}
		})
	}
	if _, body, _ := get(t, server(t), "/"); strings.Contains(body, "alert") {
		t.Error("the page raises an alarm for nothing")
	}
}
