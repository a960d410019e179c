package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/twiliosim"
)

// An account is one at the stand-in for Twilio, with a service that has the
// configuration of a document, and a customer who was promised a call.
type account struct {
	program, dir string
	sim          *twiliosim.Sim
}

// What the document says, and what it is here. Everything else holds as it
// stands there.
const (
	manualAddress  = "https://calls.example.com"
	manualCustomer = "+358407654321"
	manualNumber   = "+358912345"
	manualAgent    = "+358401234567"
)

func openAccount(t *testing.T, program, conf string) *account {
	t.Helper()
	app := &app{}
	sim, err := twiliosim.New(twiliosim.Config{Public: manualAddress, App: app, Person: func(string) twiliosim.Person {
		return twiliosim.Person{Press: pressesOne, Talk: hasSaid}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	sim.AddNumber(twiliosim.Number{
		Number: manualNumber, VoiceURL: manualAddress + "/twilio/v1/voice#ct=2000&rt=5000&rc=2&rp=ct,rt,5xx",
		StatusURL: manualAddress + "/twilio/v1/status", SMSURL: manualAddress + "/twilio/v1/message#rc=2&rp=ct,rt,5xx",
	})
	rest := httptest.NewServer(sim)
	t.Cleanup(rest.Close)
	a := &account{program, t.TempDir(), sim}
	listen := freeAddress(t)
	app.RoundTripper = twiliosim.At("http://" + listen)
	a.write(t, conf, listen, rest.URL)
	t.Cleanup(startService(t, program, a.dir))
	eventually(t, "the service answers", func() bool {
		res, err := http.Get("http://" + listen + "/healthz")
		if err == nil {
			res.Body.Close()
		}
		return err == nil
	})
	call, err := sim.Await(t.Context(), sim.Ring(manualCustomer, manualNumber, twiliosim.Person{Press: pressesOne}))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(call.Log, "hung up by us") { // after the promise
		t.Fatalf("the customer\n%s\n%s", strings.Join(call.Log, "\n"), sim.Problems())
	}
	return a
}

// pressesOne presses 1 whatever is asked, and nothing while music plays.
func pressesOne(_ context.Context, _ twiliosim.Call, said []string) string {
	if slices.ContainsFunc(said, func(s string) bool { return strings.HasSuffix(s, "/waiting.wav") }) {
		return ""
	}
	return "1"
}

func hasSaid(context.Context, twiliosim.Call, string) {}

// freeAddress is one at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// write writes the configuration of the document, with the account of the
// stand-in, and for a service that is always at work and calls back within a
// minute.
func (a *account) write(t *testing.T, conf, listen, rest string) {
	t.Helper()
	token, secret := filepath.Join(a.dir, "token"), filepath.Join(a.dir, "secret")
	for old, here := range map[string]string{
		"AC0123456789abcdef0123456789abcdef": a.sim.Account, "SK0123456789abcdef0123456789abcdef": a.sim.Key,
		"/etc/holdless/twilio-token": token, "/etc/holdless/twilio-secret": secret, "127.0.0.1:8080": listen,
		`mon-fri: "09:00-17:00"`: `mon-sun: "00:00-24:00"`, "calls_per_second: 1": "calls_per_second: 1\n  api_url: " + rest,
	} {
		if strings.Count(conf, old) != 1 {
			t.Fatalf("the configuration does not say %s once:\n%s", old, conf)
		}
		conf = strings.Replace(conf, old, here, 1)
	}
	conf += "sip: {listen: [udp:127.0.0.1:0]}\n" +
		"callbacks: {slot: 1m, lead: 0s, permitted: \"00:00-24:00\"}\n"
	for file, text := range map[string]string{token: a.sim.AuthToken, secret: a.sim.Secret, filepath.Join(a.dir, "config.yaml"): conf} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (a *account) runBlock(t *testing.T, b block) {
	t.Helper()
	runScript(t, a.program, a.dir, b)
}

// keeps waits until the promise is kept: agent and customer have met.
func (a *account) keeps(t *testing.T) {
	t.Helper()
	late := time.After(4 * time.Minute)
	for {
		rooms := map[string]string{}
		for _, c := range a.sim.Calls() {
			if c.Conference != "" && c.Direction == "outbound-api" {
				rooms[c.To] = c.Conference
			}
		}
		if room := rooms[manualAgent]; room != "" && room == rooms[manualCustomer] {
			break
		}
		select {
		case <-late:
			t.Fatalf("the promise was not kept: %s", calls(a.sim))
		case <-time.After(200 * time.Millisecond):
		}
	}
	if n := len(a.sim.Messages()); n == 0 {
		t.Error("no text has confirmed the promise")
	}
	for _, p := range a.sim.Problems() {
		t.Error(p)
	}
}

func calls(s *twiliosim.Sim) string {
	var b strings.Builder
	for _, c := range s.Calls() {
		fmt.Fprintf(&b, "%s to %s, %s\n%s\n", c.Direction, c.To, c.Status, strings.Join(c.Log, "\n"))
	}
	return b.String()
}
