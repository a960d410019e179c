package twilioapi_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/internal/twiliosim"
)

func asError(err error, e **twilioapi.Error) bool { return errors.As(err, e) }

// TestOutcomes has a create fail in every way, and looks at what is known of
// it, and that it was sent once.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		fault   twiliosim.Fault
		class   twilioapi.Class
		status  int
		after   time.Duration
		created int
	}{
		{"500 before", twiliosim.Fault{Status: 500}, twilioapi.Unknown, 500, 0, 0},
		{"500 after acceptance", twiliosim.Fault{Status: 500, After: true}, twilioapi.Unknown, 500, 0, 1},
		{"503 as a page", twiliosim.Fault{Status: 503, HTML: true}, twilioapi.Unknown, 503, 0, 0},
		{"502 as a page after acceptance", twiliosim.Fault{Status: 502, HTML: true, After: true}, twilioapi.Unknown, 502, 0, 1},
		{"time-out", twiliosim.Fault{Hang: true}, twilioapi.Unknown, 0, 0, 0},
		{"time-out after acceptance", twiliosim.Fault{Hang: true, After: true}, twilioapi.Unknown, 0, 0, 1},
		{"answer that breaks off", twiliosim.Fault{Cut: true, After: true}, twilioapi.Unknown, 0, 0, 1},
		{"429", twiliosim.Fault{Status: 429, RetryAfter: 7 * time.Second}, twilioapi.Retryable, 429, 7 * time.Second, 0},
		{"no connection", twiliosim.Fault{Refuse: true}, twilioapi.Retryable, 0, 0, 0},
		{"400", twiliosim.Fault{Status: 400}, twilioapi.Rejected, 400, 0, 0},
		{"404 as a page", twiliosim.Fault{Status: 404, HTML: true}, twilioapi.Rejected, 404, 0, 0},
		{"redirect", twiliosim.Fault{Status: 307, HTML: true, After: true}, twilioapi.Unknown, 307, 0, 1},
	}
	sends := map[string]func(context.Context, *world) error{
		"call": func(ctx context.Context, w *world) error { _, err := w.PlaceCall(ctx, order()); return err },
		"text": func(ctx context.Context, w *world) error { _, err := w.Send(ctx, text()); return err },
	}
	for _, tt := range tests {
		for what, send := range sends {
			t.Run(tt.name+"/"+what, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, twiliosim.Config{}, nil)
					w.sim.Fail(tt.fault)
					began := time.Now()
					err := send(t.Context(), w)
					var e *twilioapi.Error
					if !asError(err, &e) {
						t.Fatalf("got %v, want an error of the package", err)
					}
					if e.Class != tt.class || e.Status != tt.status || e.RetryAfter != tt.after {
						t.Errorf("got %v, retry after %v; want %v, status %d", e, e.RetryAfter, tt.class, tt.status)
					}
					if !e.Sent.Equal(began) {
						t.Errorf("sent at %v, want %v", e.Sent, began)
					}
					if d := time.Since(began); d > 10*time.Second {
						t.Errorf("it took %v", d)
					}
					synctest.Wait()
					if n := created(w.sim); n != tt.created {
						t.Errorf("%d were created, want %d", n, tt.created)
					}
					if live := w.Live() == 1; live != (tt.class == twilioapi.Unknown && what != "text") {
						t.Errorf("it holds a line: %v", live)
					}
				})
			})
		}
	}
}

// TestReadsAreRetryable: looking does no harm, whatever comes back.
func TestReadsAreRetryable(t *testing.T) {
	t.Parallel()
	for _, f := range []twiliosim.Fault{{Status: 500, Read: true}, {Status: 503, HTML: true, Read: true}, {Hang: true, Read: true}, {Cut: true, Read: true}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, twiliosim.Config{}, nil)
			w.sim.Fail(f)
			if _, err := w.Calls(t.Context(), twilioapi.CallFilter{}); err == nil || twilioapi.ClassOf(err) != twilioapi.Retryable {
				t.Errorf("%+v: got %v, want it retryable", f, err)
			}
			if _, err := w.Calls(t.Context(), twilioapi.CallFilter{}); err != nil {
				t.Errorf("%+v: the second time got %v", f, err)
			}
		})
	}
}

// TestContext ends a request when its caller gives up.
func TestContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, nil)
		w.sim.Fail(twiliosim.Fault{Hang: true, After: true})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := w.PlaceCall(ctx, order())
		if twilioapi.ClassOf(err) != twilioapi.Unknown || err == nil || time.Since(began) != 50*time.Millisecond {
			t.Errorf("got %v after %v, want unknown after 50ms", err, time.Since(began))
		}
	})
}

// TestNetwork does it on sockets: nobody listens, somebody hangs up, somebody
// says half of it, somebody says nothing.
func TestNetwork(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	tests := []struct {
		name  string
		serve http.HandlerFunc // nil for nobody
		class twilioapi.Class
	}{
		{"nobody listens", nil, twilioapi.Retryable},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, twilioapi.Unknown},
		{"half an answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(http.StatusCreated)
			w.Write([]byte(`{"sid":`))
		}, twilioapi.Unknown},
		{"no JSON", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			w.Write([]byte(`<html>`))
		}, twilioapi.Unknown},
		{"JSON of another shape", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			w.Write([]byte(`{"sid":7}`))
		}, twilioapi.Unknown},
		{"sends elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, twilioapi.Unknown},
		{"says nothing", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, twilioapi.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked.Store(0)
			base := nobody(t)
			if tt.serve != nil {
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					asked.Add(1)
					r.ParseForm()
					tt.serve(w, r)
				}))
				defer server.Close()
				base = server.URL
			}
			c := newClient(t, newWorld(t, twiliosim.Config{}, nil).sim, func(c *twilioapi.Config) {
				c.URL, c.HTTP, c.Timeout = base, nil, 5*time.Second // asked, on a busy machine too
			})
			_, err := c.PlaceCall(t.Context(), order())
			if err == nil || twilioapi.ClassOf(err) != tt.class {
				t.Errorf("got %v, want %v", err, tt.class)
			}
			if n := asked.Load(); tt.serve != nil && n != 1 {
				t.Errorf("it was sent %d times", n)
			}
		})
	}
}

// TestNoTLS: what fails before the request can be written did not happen.
func TestNoTLS(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	c := newClient(t, newWorld(t, twiliosim.Config{}, nil).sim, func(c *twilioapi.Config) {
		c.URL, c.HTTP = strings.Replace(server.URL, "http:", "https:", 1), nil
	})
	_, err := c.PlaceCall(t.Context(), order())
	if err == nil || twilioapi.ClassOf(err) != twilioapi.Retryable || asked.Load() != 0 {
		t.Errorf("got %v after %d requests, want it retryable", err, asked.Load())
	}
}

// nobody returns an address at which nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

// TestConnectionIsKept: an error whose answer was not read to its end would
// cost a new connection every time.
func TestConnectionIsKept(t *testing.T) {
	t.Parallel()
	var conns atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		w.Write([]byte("<html>busy</html>"))
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := newClient(t, newWorld(t, twiliosim.Config{}, nil).sim, func(c *twilioapi.Config) { c.URL, c.HTTP = server.URL, nil })
	for range 20 {
		c.PlaceCall(t.Context(), order())
	}
	if n := conns.Load(); n != 1 {
		t.Errorf("%d connections for 20 requests, want 1", n)
	}
}

// TestEnvironment: what the environment says of edges, regions and proxies is
// not asked.
func TestEnvironment(t *testing.T) {
	for _, k := range []string{"TWILIO_EDGE", "TWILIO_REGION", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"} {
		t.Setenv(k, "nowhere")
	}
	t.Setenv("HTTPS_PROXY", nobody(t))
	t.Setenv("HTTP_PROXY", nobody(t))
	s := newWorld(t, twiliosim.Config{}, nil).sim
	server := httptest.NewServer(s)
	defer server.Close()
	c := newClient(t, s, func(c *twilioapi.Config) { c.URL, c.HTTP = server.URL, nil })
	if _, err := c.Account(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStatusURLCarriesToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{}, nil)
	n := order()
	n.StatusURL = public + "/s/other"
	if _, err := w.PlaceCall(t.Context(), n); !errors.Is(err, twilioapi.ErrToken) {
		t.Errorf("got %v, want ErrToken", err)
	}
	if n := created(w.sim); n != 0 {
		t.Errorf("%d were created", n)
	}
}

// TestKeptConnectionHangsUp: on a connection that was kept, too, a request that
// was sent is not sent again by the transport.
func TestKeptConnectionHangsUp(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		if asked.Add(1)%2 == 0 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusCreated)
		w.Write([]byte(`{"sid":"SM1"}`))
	}))
	defer server.Close()
	c := newClient(t, newWorld(t, twiliosim.Config{}, nil).sim, func(c *twilioapi.Config) { c.URL, c.HTTP = server.URL, nil })
	for i := range 20 {
		_, err := c.Send(t.Context(), text())
		if good := i%2 == 0; good != (err == nil) || !good && twilioapi.ClassOf(err) != twilioapi.Unknown {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if n := asked.Load(); n != 20 {
		t.Errorf("20 requests came as %d", n)
	}
}
