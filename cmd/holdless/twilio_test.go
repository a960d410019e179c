package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/limits"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/internal/twiliosim"
)

// twilioFiles writes the secrets of a simulated account, and returns the part
// of the configuration that names them.
func twilioFiles(t *testing.T, sim *twiliosim.Sim) string {
	t.Helper()
	dir := t.TempDir()
	for file, secret := range map[string]string{"token": sim.AuthToken + "\n", "secret": sim.Secret + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf(`sip: {listen: [udp:127.0.0.1:0]}
twilio: {account_sid: %s, auth_token_file: %s/token, api_key: %s, api_secret_file: %s/secret, caller_id: "+358912345", calls_per_second: 100}
sms: {driver: twilio, from: "+358912345"}
`, sim.Account, dir, sim.Key, dir)
}

// A service without a trunk takes a call from Twilio, promises a callback, and
// confirms it by text.
func TestServeTwilio(t *testing.T) {
	t.Parallel()
	later := &app{}
	sim, err := twiliosim.New(twiliosim.Config{Public: "https://cb.example.org", App: later, Speed: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	sim.AddNumber(twiliosim.Number{
		Number: "+358912345", VoiceURL: "https://cb.example.org/twilio/v1/voice", StatusURL: "https://cb.example.org/twilio/v1/status",
	})
	c, err := loadConfig(written(t, twilioFiles(t, sim)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stop: stop, hurry: make(chan struct{}), ended: make(chan error, 1)}
	if r.service, err = newService(ctx, c, quiet(), parts{hurry: r.hurry, twilio: sim.Transport()}); err != nil {
		t.Fatal(err)
	}
	later.RoundTripper = twiliosim.At("http://" + r.http.Addr().String())
	go func() { r.ended <- r.run(ctx) }()

	sid := sim.Ring("+358401234567", "+358912345", twiliosim.Person{
		Press: func(context.Context, twiliosim.Call, []string) string { return "1" },
	})
	if _, err := sim.Await(t.Context(), sid); err != nil {
		t.Fatal(err)
	}
	open, err := r.desk.List(t.Context(), callback.Filter{Phone: "+358401234567"})
	if err != nil || len(open) != 1 {
		t.Fatalf("%d callbacks, %v", len(open), err)
	}
	eventually(t, "text", func() bool { return len(sim.Messages()) == 1 })
	if m := sim.Messages()[0]; m.To != "+358401234567" || !strings.Contains(m.Body, "We will call you") {
		t.Errorf("text %+v", m)
	}
	if err := sim.Settle(t.Context()); err != nil { // and hears how its text arrived
		t.Error(err)
	}
	_, token, _ := strings.Cut(sim.Messages()[0].Body, "https://cb.example.org/c/")
	if len(token) < 12 {
		t.Fatalf("no link in %q", sim.Messages()[0].Body)
	}
	page, err := http.Get("http://" + r.http.Addr().String() + "/c/" + token[:12])
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	if shown, err := io.ReadAll(page.Body); err != nil || !strings.Contains(string(shown), "We will call you") {
		t.Errorf("the link in the text opens %s, %v", shown, err)
	}
	r.stop()
	r.end(t)
	for _, p := range sim.Problems() {
		t.Error(p)
	}
}

// app is a service that begins after its carrier.
type app struct{ http.RoundTripper }

func TestTwilioMistakes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, more, want string
	}{
		{"a queue without its line", "sip: {listen: [udp:127.0.0.1:0]}\n", "queues.billing.line"},
		{"texts without their line", "sms: {driver: twilio, from: \"+358912345\"}\n", "sms.driver"},
		{"no token", "twilio: {account_sid: AC" + strings.Repeat("a", 32) + "}\n", "twilio.auth_token_file"},
		{"a token that is not there", "twilio: {account_sid: AC" + strings.Repeat("a", 32) + ", caller_id: \"+358912345\", auth_token_file: /nowhere}\n", "twilio.auth_token_file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := written(t, tt.more)
			if tt.want == "queues.billing.line" {
				src, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				named := strings.Replace(string(src), "{agents: [anna],", "{line: twilio, agents: [anna],", 1)
				if err := os.WriteFile(file, []byte(named), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := readConfig(file)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want a mistake at %s", err, tt.want)
			}
		})
	}
}

// The document for the time when we are down leads to the person whom the
// configuration names; what to do with it is said apart from it.
func TestTwilioFallback(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ conf, doc, advice string }{
		{"twilio: {fallback_to: \"+358401234567\"}\n", "<Number>+358401234567</Number>", "TwiML Bin"},
		{"", "I am sorry", "twilio.fallback_to"},
	} {
		var out, advice bytes.Buffer
		code := execute(t.Context(), []string{"twilio", "fallback", "-c", written(t, tt.conf)}, stdio{strings.NewReader(""), &out, &advice})
		if code != 0 || !strings.HasPrefix(out.String(), "<?xml") || !strings.Contains(out.String(), tt.doc) || !strings.Contains(advice.String(), tt.advice) {
			t.Errorf("exit %d: %s%s", code, out.String(), advice.String())
		}
	}
}

// Processes that share a database begin calls over Twilio together; one that is
// alone needs nobody for it.
func TestTwilioTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		_, alone := s.Limits().(*limits.Memory)
		if book := (&service{store: s}).together(); (book == nil) != alone {
			t.Errorf("alone %v, and counts in %T", alone, book)
		}
	})
}
