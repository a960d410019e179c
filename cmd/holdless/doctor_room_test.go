package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twiliosim"
)

// What Twilio has published of calls at once is asked for, as far as it tells,
// and held against our own bound and the two calls of a callback.
func TestDoctorCallsAtOnce(t *testing.T) {
	t.Parallel()
	before, after := time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)
	const business = "Primary Customer Profile of type Business"
	draft, approved := []string{"draft", "twilio-rejected"}, []string{"draft", "twilio-approved"}
	tests := []struct {
		name     string
		kind     string
		opened   time.Time
		profiles []string
		policy   string
		hidden   bool // the key may not look at profiles
		most     int  // twilio.max_calls
		agents   int
		want     string
	}{
		{"trial", "Trial", after, nil, "", false, 5, 1, "ok   Twilio: at most 5 calls at once, which is 2 callbacks"},
		{"trial, warned of", "Trial", after, nil, "", false, 5, 1, "warn Twilio: a trial account calls only numbers that you have verified"},
		{"trial, too many", "Trial", after, approved, "", false, 6, 1, "FAIL Twilio: an account on trial has 5 calls at once, and twilio.max_calls is 6: what is more fails, or waits there for a day -> write 5 there"},
		{"trial, no bound", "Trial", after, nil, "", false, 0, 1, "FAIL Twilio: an account on trial has 5 calls at once, and twilio.max_calls sets no bound"},
		{"new, no profile", "Full", after, nil, "", false, 2, 1, "warn Twilio: at most 2 calls at once: while a callback is made, nobody else gets through -> have a customer profile approved"},
		{"new, no profile, too many", "Full", after, draft, "", false, 10, 1, "FAIL Twilio: an account opened after 3 February 2026 without an approved customer profile has 2 calls at once, and twilio.max_calls is 10"},
		{"new, no profile, no bound", "Full", after, nil, "", false, 0, 1, "FAIL Twilio: an account opened after 3 February 2026 without an approved customer profile has 2 calls at once, and twilio.max_calls sets no bound"},
		{"new, profile, no bound", "Full", after, approved, "", false, 0, 1, "warn Twilio: an account with an approved customer profile, which may be one person's has 3 calls at once, we assume, for Twilio does not tell; twilio.max_calls sets no bound -> look it up"},
		{"new, profile, as one person's", "Full", after, approved, "", false, 3, 1, "ok   Twilio: at most 3 calls at once, which is 1 callback"},
		{"new, profile, more", "Full", after, approved, "", false, 30, 3, "ok   Twilio: at most 30 calls at once, as twilio.max_calls says; an account with an approved customer profile, which may be one person's may have 3 only"},
		{"business, no bound", "Full", after, approved, business, false, 0, 1, "warn Twilio: how many calls at once an account with an approved profile of a business has, Twilio does not tell; twilio.max_calls sets no bound -> look it up"},
		{"business", "Full", after, approved, business, false, 30, 3, "ok   Twilio: at most 30 calls at once, which is 15 callbacks"},
		{"old, no profile, no bound", "Full", before, nil, "", false, 0, 1, "warn Twilio: an account without an approved customer profile, which was perhaps upgraded after 3 February 2026 has 2 calls at once, we assume"},
		{"old, no profile", "Full", before, nil, "", false, 20, 1, "ok   Twilio: at most 20 calls at once, as twilio.max_calls says"},
		{"hidden", "Full", after, approved, "", true, 0, 1, "warn Twilio: an account whose customer profile this key may not see has 2 calls at once, we assume"},
		{"one call", "Full", before, approved, "", false, 1, 0, "FAIL Twilio: twilio.max_calls is 1, and a callback takes two calls"},
		{"fewer than the team", "Full", before, approved, "", false, 4, 3, "warn Twilio: at most 4 calls at once, and 6 when all agents of its queues speak with customers"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := examined(t, rightNumber(), func(c *config, sim *twiliosim.Sim) {
				sim.Type, sim.Opened, sim.Profiles, sim.Policy, c.Twilio.MaxCalls = tt.kind, tt.opened, tt.profiles, tt.policy, tt.most
				c.Queues = map[string]callback.QueueConfig{"q": {Agents: []string{"anna", "bo", "eva"}[:tt.agents]}}
				if tt.hidden { // what is looked at after the account
					sim.Fail(twiliosim.Fault{Read: true}, twiliosim.Fault{Read: true, Status: http.StatusForbidden})
				}
			})
			if !strings.Contains(got, tt.want) {
				t.Errorf("%q is not in\n%s", tt.want, got)
			}
			for line := range strings.Lines(got) {
				if !strings.HasPrefix(line, "ok") && strings.HasSuffix(line, "-> \n") {
					t.Errorf("does not say what to do: %s", line)
				}
			}
		})
	}
}

// serveTwilio runs a service of its own with the account of a stand-in.
func serveTwilio(t *testing.T, sim *twiliosim.Sim) (config, http.RoundTripper) {
	t.Helper()
	c, err := loadConfig(written(t, twilioFiles(t, sim)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stop: stop, hurry: make(chan struct{}), ended: make(chan error, 1)}
	if r.service, err = newService(ctx, c, quiet(), parts{hurry: r.hurry, twilio: sim.Transport()}); err != nil {
		t.Fatal(err)
	}
	go func() { r.ended <- r.run(ctx) }()
	<-r.line.Up()
	t.Cleanup(func() {
		r.stop()
		r.end(t)
	})
	return c, twiliosim.At("http://" + r.http.Addr().String())
}

// A public address that does not lead to this very service is found, and said
// where it leads.
func TestDoctorPublicAddress(t *testing.T) {
	t.Parallel()
	sim, err := twiliosim.New(twiliosim.Config{Public: "https://cb.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	c, us := serveTwilio(t, sim)
	_, another := serveTwilio(t, sim) // of the same account, with other data
	answers := func(h http.HandlerFunc) http.RoundTripper {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return twiliosim.At(s.URL)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	tests := []struct {
		name string
		via  http.RoundTripper
		want string
	}{
		{"to us", us, "ok   Twilio: https://cb.example.org/twilio/ leads to this service"},
		{"to another of ours", another, "FAIL Twilio: https://cb.example.org/twilio/ does not lead to this service: another service answers there"},
		{"to whoever repeats what he is asked", answers(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(w, r.Body)
		}), "FAIL Twilio: https://cb.example.org/twilio/ does not lead to this service: another service answers there"},
		{"to somebody else", answers(http.NotFound), "does not lead to this service: the answer there is 404"},
		{"by way of another address", answers(http.RedirectHandler("https://www.example.org/", http.StatusMovedPermanently).ServeHTTP), "it sends on to https://www.example.org/"},
		{"by a proxy that cuts the path", answers(func(w http.ResponseWriter, r *http.Request) {
			r.URL.Path = strings.TrimPrefix(r.URL.Path, "/twilio")
			if res, err := us.RoundTrip(r); err == nil {
				defer res.Body.Close()
				w.WriteHeader(res.StatusCode)
			}
		}), "does not lead to this service: the answer there is"},
		{"nowhere", twiliosim.At(gone.URL), "FAIL Twilio: https://cb.example.org/twilio/ does not lead to this service"},
	}
	for _, tt := range tests {
		d := doctor{config: c, public: tt.via}
		got := says(d.address(t.Context()))
		if !strings.Contains(got, tt.want) || !strings.HasPrefix(got, "ok") && !strings.Contains(got, "correct http.public_url") {
			t.Errorf("%s: got %s want %s", tt.name, got, tt.want)
		}
	}
	c.Data = t.TempDir()
	if got := says((&doctor{config: c, public: us}).address(t.Context())); !strings.HasPrefix(got, "warn") || !strings.Contains(got, "holdless serve") {
		t.Errorf("not running: %s", got)
	}
}

// Only who signs as Twilio does is told that we are here.
func TestHereIsSigned(t *testing.T) {
	t.Parallel()
	sim, err := twiliosim.New(twiliosim.Config{Public: "https://cb.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	c, us := serveTwilio(t, sim)
	c.Twilio.Tokens = []string{"another token"}
	if _, err := c.Twilio.Reach(t.Context(), us); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
}

// What is done with parameters that Twilio has not documented is told, and so
// are those that came.
func TestDoctorUnknownParameters(t *testing.T) {
	t.Parallel()
	sim, err := twiliosim.New(twiliosim.Config{Public: "https://cb.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	c, us := serveTwilio(t, sim)
	d := doctor{config: c, public: us}
	if got := says(d.address(t.Context())); !strings.Contains(got, "ok   Twilio: parameters that Twilio has not documented are refused") {
		t.Errorf("before: %s", got)
	}
	form := url.Values{"AccountSid": {sim.Account}, "CallSid": {"CA1"}, "Tomorrow": {"x"}}
	const at = "https://cb.example.org/twilio/v1/fallback"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", twiliosim.Sign(sim.AuthToken, at, form))
	res, err := us.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("answered %s", res.Status)
	}
	if got := says(d.address(t.Context())); !strings.Contains(got, "FAIL Twilio: parameters that it has not documented were refused: Tomorrow") ||
		!strings.Contains(got, "twilio.unknown_parameters: drop") {
		t.Errorf("after: %s", got)
	}
	req, err = http.NewRequestWithContext(t.Context(), http.MethodGet, "https://cb.example.org/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if res, err = us.RoundTrip(req); err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	counts, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(counts), `holdless_webhooks_refused_total{reason="unknown"} 1`) {
		t.Errorf("counted %v in %s", err, counts)
	}
	d.config.Twilio.UnknownParameters = "drop"
	if got := says(d.address(t.Context())); !strings.Contains(got, "ok   Twilio: parameters that it has not documented were dropped: Tomorrow") {
		t.Errorf("dropped: %s", got)
	}
}
