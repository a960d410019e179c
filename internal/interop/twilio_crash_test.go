package interop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/twiliosim"
)

// settles is how long the last service may take to bring to an end what the
// others have left.
const settles = 4 * time.Minute

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

// TestTwilioCrash kills the real program again and again while it dials over
// Twilio, which lives on, and which at times carries out an order and never
// answers. HOLDLESS_CRASH is the number of kills: then it must be ready again
// within 2 s, too.
func TestTwilioCrash(t *testing.T) {
	t.Parallel()
	kills, soon := 10, patience/4 // when everything else is tested beside it
	if n, err := strconv.Atoi(os.Getenv("HOLDLESS_CRASH")); err == nil {
		kills, soon = n, 2*time.Second
	}
	x, dir := openExchange(t, 0.05), t.TempDir()
	v := &victim{exchange: x, t: t, file: x.settings(t, dir)}
	n := 6 * kills
	promises(t, filepath.Join(dir, "data"), n, time.Duration(kills)*500*time.Millisecond)
	for i := range kills {
		if i%4 == 3 { // while it comes up
			v.begin()
			<-time.After(rand.N(300 * time.Millisecond))
		} else {
			v.start()
			<-time.After(rand.N(time.Second))
		}
		v.kill()
	}
	v.start()
	v.settle(filepath.Join(dir, "data"))
	v.hangsUp(filepath.Join(dir, "data"))
	v.kill()
	x.judge(t, v.kept(filepath.Join(dir, "data")), n)
	t.Logf("%d kills, %d orders carried out and not answered; ready after %s (median), %s (slowest)", kills, x.lost.Load(), v.median(), slices.Max(v.starts))
	if v.median() > soon {
		t.Errorf("half of the starts took longer than %s", soon)
	}
}

// A victim is the service that is killed.
type victim struct {
	*exchange
	t      *testing.T
	file   string
	under  []string // who watches it
	exe    string   // "" for the program as it is
	cmd    *exec.Cmd
	log    *lines
	starts []time.Duration // until it was ready
}

// begin has it come up, and does not wait for that.
func (v *victim) begin() {
	v.t.Helper()
	v.log = new(lines)
	args := append(slices.Clone(v.under), cmp.Or(v.exe, program(v.t)), "serve", "-c", v.file)
	v.cmd = exec.Command(args[0], args[1:]...)
	v.cmd.Stdout, v.cmd.Stderr = v.log, v.log
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
}

// start waits until it says that it is ready, at /readyz.
func (v *victim) start() {
	v.t.Helper()
	v.begin()
	for began := time.Now(); ; {
		if m := started.FindStringSubmatch(v.log.String()); m != nil {
			base := "http://" + m[1]
			v.app.Store(&base)
			if res, err := http.Get(base + "/readyz"); err == nil {
				res.Body.Close()
				if res.StatusCode == http.StatusOK {
					v.starts = append(v.starts, time.Since(began))
					return
				}
			}
		}
		<-time.After(5 * time.Millisecond)
		if time.Since(began) > patience {
			v.kill()
			v.t.Fatalf("the service does not start:\n%s", v.log.String())
		}
	}
}

// median is how long it took from the start of the program until it was ready.
func (v *victim) median() time.Duration {
	slices.Sort(v.starts)
	return v.starts[len(v.starts)/2]
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	if strings.Contains(v.log.String(), "panic") {
		v.t.Errorf("something panicked:\n%s", v.log.String())
	}
}

// settle waits until nothing is to be done any more. When something stays
// undone, it tells all that is known of it.
func (v *victim) settle(dir string) {
	v.t.Helper()
	s := &service{t: v.t, file: v.file}
	for late := time.Now().Add(settles); ; {
		var open []promise
		<-time.After(500 * time.Millisecond) // each question is a process of its own
		err := s.ask(&open, "callbacks", "list")
		open = slices.DeleteFunc(open, func(p promise) bool { return p.State == string(callback.Interrupted) })
		if err == nil && len(open) == 0 {
			return
		}
		if time.Now().After(late) {
			v.kill()
			v.wreck(dir, open)
			v.t.Fatalf("after %v, %d callbacks are not settled: %v", settles, len(open), err)
		}
	}
}

// hangsUp waits until nobody is left in a call.
func (v *victim) hangsUp(dir string) {
	v.t.Helper()
	for late := time.Now().Add(settles); len(v.live()) > 0; {
		<-time.After(100 * time.Millisecond)
		if time.Now().Before(late) {
			continue
		}
		v.kill()
		var with []promise
		for _, c := range v.live() {
			v.t.Logf("%s to %s is %s: %q; %s", c.SID, c.To, c.Status, c.Log, c.Form.Get("StatusCallback"))
			with = append(with, promise{ID: v.promiseOf(dir, c)})
		}
		v.wreck(dir, with)
		v.t.Fatalf("after %v, somebody is left in a call", settles)
	}
}

// promiseOf finds the callback that a call was for.
func (v *victim) promiseOf(dir string, call twiliosim.Call) (id string) {
	v.t.Helper()
	s, err := store.Open(v.t.Context(), store.Config{Dir: dir, Patience: patience})
	if err != nil {
		v.t.Fatal(err)
	}
	defer s.Close()
	parts := strings.Split(call.Form.Get("StatusCallback"), "/status/")
	talk, _, _ := strings.Cut(parts[len(parts)-1], "#")
	talk, _, _ = strings.Cut(talk, "/")
	err = s.View(v.t.Context(), func(tx callback.Tx) error {
		t, err := tx.Talk(talk)
		id = t.Callback
		v.t.Logf("%+v", t)
		return err
	})
	if err != nil {
		v.t.Error(err)
	}
	return id
}

// wreck tells all that is known of callbacks that never settled.
func (v *victim) wreck(dir string, open []promise) {
	v.t.Helper()
	s, err := store.Open(v.t.Context(), store.Config{Dir: dir, Patience: patience})
	if err != nil {
		v.t.Fatal(err)
	}
	defer s.Close()
	err = s.View(v.t.Context(), func(tx callback.Tx) error {
		nodes, err := tx.Nodes()
		v.t.Logf("nodes: %+v", nodes)
		team, err2 := tx.Statuses()
		v.t.Logf("agents: %+v", team)
		all := []error{err, err2}
		for _, p := range open[:min(len(open), 5)] {
			all = append(all, v.tell(tx, p.ID))
		}
		return errors.Join(all...)
	})
	v.t.Logf("the last service wrote, at its end:\n%s", tail(v.log.String(), 16<<10))
	if err != nil {
		v.t.Error(err)
	}
}

// tell writes down one callback: its row, its calls, its journal, and what was
// ordered at Twilio.
func (v *victim) tell(tx callback.Tx, id string) error {
	c, err := tx.Callback(id)
	if err != nil {
		return err
	}
	attempts, err := tx.AttemptsOf(id)
	entries, err2 := tx.EntriesOf(id, 100)
	v.t.Logf("%+v", c)
	for _, a := range attempts {
		v.t.Logf("  %+v", a)
		for _, call := range v.Calls() {
			if a.Provider == call.SID || strings.Contains(call.To, string(c.Phone)) && a.Leg == callback.CustomerLeg {
				v.t.Logf("    at Twilio: %s to %s is %s, of %s: %q", call.SID, call.To, call.Status, call.Created, call.Log)
			}
		}
	}
	for _, e := range entries {
		v.t.Logf("  %s %s %s %q by %s", e.At.Format(time.StampMilli), e.Kind, e.Name, e.Value, e.Actor)
	}
	return errors.Join(err, err2)
}

// tail is the end of a text.
func tail(s string, most int) string { return s[max(0, len(s)-most):] }

// kept reads all callbacks that the service has left.
func (v *victim) kept(dir string) (all []callback.Callback) {
	v.t.Helper()
	s, err := store.Open(v.t.Context(), store.Config{Dir: dir, Patience: patience})
	if err != nil {
		v.t.Fatal(err)
	}
	defer s.Close()
	err = s.View(v.t.Context(), func(tx callback.Tx) (err error) {
		all, err = tx.FindCallbacks(callback.Filter{Max: 1 << 20})
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return all
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
