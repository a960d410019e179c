package interop

import (
	"cmp"
	"errors"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/twiliosim"
)

// settles is for how long the last service may bring nothing to an end of what the
// others have left.
const settles = 4 * time.Minute

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
	for late, least := time.Now().Add(settles), 0; ; {
		var open []promise
		<-time.After(500 * time.Millisecond) // each question is a process of its own
		err := s.ask(&open, "callbacks", "list")
		open = slices.DeleteFunc(open, func(p promise) bool { return p.State == string(callback.Interrupted) })
		if err == nil && len(open) == 0 {
			return
		}
		if err == nil && (least == 0 || len(open) < least) {
			late, least = time.Now().Add(settles), len(open)
		}
		if time.Now().After(late) {
			v.kill()
			v.wreck(dir, open)
			v.t.Fatalf("for %v, %d callbacks are not settled: %v", settles, len(open), err)
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
	parts := strings.Split(call.Form.Get("StatusCallback"), "/status/")
	talk, _, _ := strings.Cut(parts[len(parts)-1], "#")
	talk, _, _ = strings.Cut(talk, "/")
	v.looks(dir, func(tx callback.Tx) error {
		t, err := tx.Talk(talk)
		id = t.Callback
		v.t.Logf("%+v", t)
		return err
	})
	return id
}

// wreck tells all that is known of callbacks that never settled.
func (v *victim) wreck(dir string, open []promise) {
	v.t.Helper()
	v.looks(dir, func(tx callback.Tx) error {
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

// looks reads what the service has left, when it is gone.
func (v *victim) looks(dir string, read func(callback.Tx) error) {
	v.t.Helper()
	s, err := store.Open(v.t.Context(), store.Config{Dir: dir, Patience: patience})
	if err != nil {
		v.t.Fatal(err)
	}
	defer s.Close()
	if err := s.View(v.t.Context(), read); err != nil {
		v.t.Error(err)
	}
}

// kept reads all callbacks that the service has left.
func (v *victim) kept(dir string) (all []callback.Callback) {
	v.t.Helper()
	v.looks(dir, func(tx callback.Tx) (err error) {
		all, err = tx.FindCallbacks(callback.Filter{Max: 1 << 20})
		return err
	})
	return all
}
