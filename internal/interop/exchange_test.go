package interop

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/twiliosim"
)

// public is where Twilio takes the service to be.
const public = "https://cb.example.org"

// An exchange is Twilio, in this process: it outlives the service that is
// killed, and knows what was ordered.
type exchange struct {
	*twiliosim.Sim
	api *httptest.Server

	app   atomic.Pointer[string] // where the service listens now
	lost  atomic.Int32           // orders that were carried out, and never answered
	sheds float64                // how often that befalls an order
}

// openExchange opens an account of which all people answer, press 1, and hang
// up soon.
func openExchange(t *testing.T, sheds float64) *exchange {
	t.Helper()
	x := &exchange{sheds: sheds}
	brief := func(ctx context.Context, _ twiliosim.Call, _ string) {
		select {
		case <-ctx.Done():
		case <-time.After(30 * time.Millisecond):
		}
	}
	sim, err := twiliosim.New(twiliosim.Config{
		Public: public, App: x, Speed: 100, Seed: 1,
		Person: func(number string) twiliosim.Person {
			if strings.HasPrefix(number, "sip:") {
				return twiliosim.Person{Press: one}
			}
			return twiliosim.Person{Press: one, Talk: brief}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	sim.AddNumber(twiliosim.Number{Number: number, VoiceURL: public + "/twilio/v1/voice", SMSURL: public + "/twilio/v1/message"})
	x.Sim, x.api = sim, httptest.NewServer(x)
	t.Cleanup(func() {
		x.api.CloseClientConnections()
		x.api.Close()
		sim.Close()
	})
	return x
}

// one is pressed at every question.
func one(context.Context, twiliosim.Call, []string) string { return "1" }

// live are the calls that are not over.
func (x *exchange) live() []twiliosim.Call {
	return slices.DeleteFunc(x.Calls(), func(c twiliosim.Call) bool {
		return !slices.Contains([]string{"queued", "ringing", "in-progress"}, c.Status)
	})
}

// RoundTrip carries a webhook to the service, wherever it listens now.
func (x *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	base := x.app.Load()
	if base == nil {
		return nil, io.ErrUnexpectedEOF
	}
	return twiliosim.At(*base).RoundTrip(r)
}

// ServeHTTP answers a REST request. Some orders are carried out without an
// answer: the connection breaks.
func (x *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	order := r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/Calls.json") || strings.HasSuffix(r.URL.Path, "/Messages.json"))
	if order && rand.Float64() < x.sheds {
		x.Sim.ServeHTTP(httptest.NewRecorder(), r)
		x.lost.Add(1)
		panic(http.ErrAbortHandler)
	}
	x.Sim.ServeHTTP(w, r)
}

// settings are those of a service around the clock, with nothing that would
// keep a call back.
func (x *exchange) settings(t *testing.T, dir string) string {
	t.Helper()
	secret := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	var agents, names []string
	for i := range 12 {
		names = append(names, fmt.Sprint("a", i))
		agents = append(agents, fmt.Sprintf("a%[1]d: {name: A%[1]d, phone: \"sip:a%[1]d@example.com\"}", i))
	}
	text := fmt.Sprintf(`data: %s
zone: UTC
http: {listen: "127.0.0.1:0", public_url: %q}
sip: {listen: ["udp:127.0.0.1:0"]}
twilio: {account_sid: %s, auth_token_file: %s, api_key: %s, api_secret_file: %s, caller_id: %q, calls_per_second: 100, api_url: %q}
sms: {driver: twilio, from: %[7]q, per_second: 100}
numbers: {%[7]q: {menu: main, queue: billing}}
agents: {%[9]s}
queues: {billing: {agents: [%[10]s], hours: {mon-sun: "00:00-24:00"}, line: twilio, dialing: agent_first, wrap_up: 1s}}
callbacks: {permitted: "00:00-24:00", confirm: false, allow_regions: [FI]}
limits: {per_minute: 0, per_day: 0, per_caller_id: 0, per_prefix: 0, per_caller: 0, neighbours: 0, over: 0}
survey: {kind: csat, consent: assumed, talked: 0s, delay: 0s, quiet: ""}
`, filepath.Join(dir, "data"), public, x.Account, secret("token", x.AuthToken), x.Key, secret("secret", x.Secret), number, x.api.URL,
		strings.Join(agents, ", "), strings.Join(names, ", "))
	return secret("config.yaml", text)
}

// promise writes callbacks that fall due one after the other.
func promises(t *testing.T, dir string, n int, over time.Duration) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Dir: dir, Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Now()
	err = s.Update(t.Context(), func(tx callback.Tx) error {
		for i := range n {
			at := now.Add(over * time.Duration(i) / time.Duration(n))
			c := callback.Callback{
				ID: fmt.Sprintf("c%06d", i), Queue: "billing", Phone: callback.Phone(fmt.Sprintf("+35841%07d", 2000000+i)), Lang: "en",
				State: callback.BookedState, At: at, DueAt: at, Until: at.Add(24 * time.Hour), CreatedAt: at, UpdatedAt: at,
			}
			if err := tx.AddCallback(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// judge holds what was ordered against what the service has kept.
func (x *exchange) judge(t *testing.T, kept []callback.Callback, n int) {
	t.Helper()
	dialled, ordered, texted := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range x.Calls() {
		dialled[c.To]++
		ordered[c.Form.Get("StatusCallback")]++
	}
	for _, m := range x.Messages() {
		texted[m.To+" "+m.Body]++
	}
	for at, times := range ordered {
		if times > 1 {
			t.Errorf("%s was ordered %d times", at, times)
		}
	}
	for text, times := range texted {
		if times > 1 {
			t.Errorf("%d times the text %s", times, text)
		}
	}
	states := map[callback.State]int{}
	for _, c := range kept {
		states[c.State]++
		switch times := dialled[string(c.Phone)]; {
		case times > 1:
			t.Errorf("%s was dialled %d times and is %s", c.Phone, times, c.State)
		case times == 0 && c.State != callback.Interrupted:
			t.Errorf("%s was never dialled and is %s", c.Phone, c.State)
		}
	}
	if len(kept) != n {
		t.Errorf("%d callbacks, want %d", len(kept), n)
	}
	t.Logf("%d callbacks: %v; %d calls, %d texts", n, states, len(x.Calls()), len(x.Messages()))
}
