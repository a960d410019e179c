package interop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/ivr"
)

// number is ours.
const number = "+358912345"

// A service is the real program, serving on loopback.
type service struct {
	t    testing.TB
	cmd  *exec.Cmd
	file string // its configuration
	data string
	sip  string // where calls come in
	log  lines
	over chan error
}

// serve runs the program with a configuration to which this is added, until
// the test is over.
func serve(t testing.TB, more string) *service {
	t.Helper()
	for range 5 {
		if s := begin(t, more); s.ready() {
			return s
		}
	}
	t.Fatal("the service finds no port")
	return nil
}

// begin starts the program, and does not wait for it.
func begin(t testing.TB, more string) *service {
	t.Helper()
	dir := t.TempDir()
	s := &service{
		t: t, file: filepath.Join(dir, "config.yaml"), data: filepath.Join(dir, "data"),
		sip: fmt.Sprintf("127.0.0.1:%d", freePort(t)), over: make(chan error, 1),
	}
	text := fmt.Sprintf("data: %s\nzone: UTC\nhttp: {listen: 127.0.0.1:0}\n", s.data) + strings.ReplaceAll(more, "SIP", s.sip)
	if err := os.WriteFile(s.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(program(t), "serve", "-c", s.file, "--drain", "1s")
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if *profiles != "" {
		s.cmd.Env = append(os.Environ(), "HOLDLESS_BENCH_PROFILES="+*profiles)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.over <- s.cmd.Wait() }()
	t.Cleanup(s.stop)
	return s
}

// ready waits until the service is; false when somebody has taken its port.
func (s *service) ready() bool {
	s.t.Helper()
	for late := time.Now().Add(patience); s.status("/readyz") != http.StatusOK; {
		select {
		case err := <-s.over:
			s.cmd = nil
			if !strings.Contains(s.log.String(), "address already in use") {
				s.t.Fatalf("the service ended with %v:\n%s", err, s.log.String())
			}
			return false
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(late) {
			s.t.Fatalf("the service is not ready:\n%s", s.log.String())
		}
	}
	return true
}

// mark ends one set of profiles and begins the next, if there are any.
func (s *service) mark() {
	if *profiles != "" {
		_ = s.cmd.Process.Signal(syscall.SIGUSR1) // what is measured does not depend on it
	}
}

// stop ends the service. It is harmless the second time.
func (s *service) stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may be gone
	select {
	case err := <-s.over:
		if err != nil {
			s.t.Errorf("the service ended with %v", err)
		}
	case <-time.After(patience):
		s.t.Error("the service does not end")
		_ = s.cmd.Process.Kill()
		<-s.over
	}
	s.cmd = nil
	if s.t.Failed() {
		s.t.Logf("the service wrote:\n%s", s.log.String())
	}
	if strings.Contains(s.log.String(), "panic") {
		s.t.Errorf("something panicked:\n%s", s.log.String())
	}
}

var started = regexp.MustCompile(`msg="service started" addr=(\S+)`)

// get asks for a page.
func (s *service) get(path string) (int, string) {
	m := started.FindStringSubmatch(s.log.String())
	if m == nil {
		return 0, ""
	}
	res, err := http.Get("http://" + m[1] + path)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, ""
	}
	return res.StatusCode, string(body)
}

func (s *service) status(path string) int {
	code, _ := s.get(path)
	return code
}

// ask runs a command as an operator does, and reads the JSON that it prints.
func (s *service) ask(out any, args ...string) error {
	cmd := exec.Command(program(s.t), append(args, "-c", s.file, "--json")...)
	b, err := cmd.Output()
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("holdless %s: %w: %s", strings.Join(args, " "), err, e.Stderr)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(b, out)
}

// A promise is a callback as the commands show it.
type promise struct {
	ID       string    `json:"id"`
	State    string    `json:"state"`
	At       time.Time `json:"at"`
	Due      time.Time `json:"due"`
	Tries    int       `json:"tries"`
	Attempts []attempt `json:"attempts"`
}

type attempt struct {
	Leg     string    `json:"leg"`
	Agent   string    `json:"agent"`
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome"`
}

// calls lists how the calls to one side ended. What never left, because the
// machine was too busy, was no call.
func (p promise) calls(leg string) []string {
	var all []string
	for _, a := range p.Attempts {
		if a.Leg == leg && a.Outcome != string(ivr.Unsent) {
			all = append(all, a.Outcome)
		}
	}
	return all
}

// show asks for one callback.
func (s *service) show(id string) (p promise, err error) {
	err = s.ask(&p, "callbacks", "show", id)
	return p, err
}

// book promises a callback, and returns its ID.
func (s *service) book(queue, phone string, at time.Time) string {
	s.t.Helper()
	var p []promise
	err := s.ask(&p, "callbacks", "book", "--queue", queue, "--phone", phone, "--at", at.Format(time.RFC3339))
	if err != nil || len(p) != 1 {
		s.t.Fatalf("%d callbacks booked: %v", len(p), err)
	}
	return p[0].ID
}

// nearMinute is a full minute that is not over before a program of its own has
// booked it, however late in a minute that begins.
func nearMinute() time.Time {
	return time.Now().Add(30 * time.Second).Truncate(time.Minute).Add(time.Minute)
}

// booked waits for the callback that somebody books by telephone.
func (s *service) booked(phone string) string {
	s.t.Helper()
	var p []promise
	eventually(s.t, patience, "a callback of "+phone, func() bool {
		return s.ask(&p, "callbacks", "list", "--phone", phone) == nil && len(p) == 1
	})
	return p[0].ID
}

// comes waits until a callback is in a state.
func (s *service) comes(id, state string, wait time.Duration) promise {
	s.t.Helper()
	var p promise
	var err error
	late := time.Now().Add(wait)
	for p.State != state {
		if p, err = s.show(id); err != nil {
			s.t.Fatal(err)
		}
		if time.Now().After(late) {
			s.t.Fatalf("the callback is %s and not %s: %+v", p.State, state, p.Attempts)
		}
		<-time.After(200 * time.Millisecond)
	}
	return p
}

// kept opens the data that a service has left.
func (s *service) kept() *store.Store {
	s.t.Helper()
	s.stop()
	st, err := store.Open(s.t.Context(), store.Config{Dir: s.data})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := st.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return st
}
