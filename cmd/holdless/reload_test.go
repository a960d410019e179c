package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
)

// patient is a menu that waits for as long as the test takes.
func patient(words string) string {
	return fmt.Sprintf(`start: first
stuck: ring
nodes:
  first: {do: menu, wait: 1m, say: {en: %q}, keys: {1: {label: {en: more}, to: second}}}
  second: {do: menu, wait: 1m, keys: {1: {label: {en: more}, to: first}, 2: {label: {en: people}, to: ring}}}
  ring: {do: connect, to: agents, then: bye, busy: bye}
  bye: {do: end}
`, words)
}

// ownMenu makes a configuration whose callers hear a file of their own.
func ownMenu(t *testing.T, text, more string) (config, menu string) {
	t.Helper()
	config = written(t, more)
	src, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	menu = filepath.Join(filepath.Dir(config), "main.yaml")
	putFile(t, config, string(bytes.Replace(src, []byte("menu: main,"), []byte("menu: main.yaml,"), 1)))
	putFile(t, menu, text)
	return config, menu
}

func putFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestReloadsUnderCalls changes a menu, well and badly, while calls are up: all
// go on in the version they began with, and their keys are heard. The long form
// is make reloads.
func TestReloadsUnderCalls(t *testing.T) {
	t.Parallel()
	reloads, calls := 40, 5
	if long, err := strconv.Atoi(os.Getenv("HOLDLESS_RELOADS")); err == nil {
		reloads, calls = long, 50
	}
	config, menu := ownMenu(t, patient("version 0"),
		"sip: {listen: [udp:127.0.0.1:0], trunks: {local: {host: 127.0.0.1:9, max_calls: 200, calls_per_second: 200}}}\nsounds: {cache: false}\n")
	r := startWith(t, config)
	first := r.desk.Live().Menus["main.yaml"].Version()
	up := make([]*phone.Call, calls)
	for i := range up {
		_, up[i] = r.callFrom(t, caller(i))
	}
	begun, slowest := time.Now(), time.Duration(0)
	for n := range reloads {
		text := patient(fmt.Sprintf("version %d", n+1))
		if n%3 == 0 {
			text = text[:len(text)/2]
		}
		putFile(t, menu, text)
		at := time.Now()
		wrong, err := r.menus.Reload(t.Context(), "shell:test")
		if err != nil || len(wrong) != 1-min(n%3, 1) {
			t.Fatalf("reload %d: %v, %v", n, wrong, err)
		}
		slowest = max(slowest, time.Since(at))
		r.askAll(t, up, n, reloads)
	}
	t.Logf("%d reloads under %d calls in %s, the slowest in %s", reloads, calls, time.Since(begun).Round(time.Millisecond), slowest)
	r.eachTalk(t, up, first)
	r.stop()
	close(r.hurry)
	r.end(t)
}

// askAll presses a key in every call, four times over all the reloads.
func (r *running) askAll(t *testing.T, up []*phone.Call, n, reloads int) {
	t.Helper()
	if n%(reloads/4) != reloads/8 {
		return
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	for _, c := range up {
		if err := c.Press(ctx, "1"); err != nil {
			t.Errorf("call %s: %v", c.ID(), err)
		}
	}
}

// eachTalk checks that every call is up, and has heard each of its keys in the
// version it began with.
func (r *running) eachTalk(t *testing.T, up []*phone.Call, version string) {
	t.Helper()
	for _, c := range up {
		select {
		case <-c.Done():
			t.Errorf("call %s has ended", c.ID())
		default:
		}
	}
	eventually(t, "every key was heard", func() bool {
		for i := range up {
			k := r.talkOf(t, caller(i))
			if k.Version != version {
				t.Fatalf("a call goes on in version %s, want %s", k.Version, version)
			}
			heard := 0
			for _, s := range k.Walk {
				if s.Kind == ivr.Heard {
					heard++
				}
			}
			if heard != 4 || k.State.Node != "first" {
				return false
			}
		}
		return true
	})
}

func caller(i int) string { return fmt.Sprintf("+35840%07d", i) }

// talkOf is the talk of the call that somebody has with us now.
func (r *running) talkOf(t *testing.T, from string) (k callback.Talk) {
	t.Helper()
	err := r.store.View(t.Context(), func(tx callback.Tx) (err error) {
		k, err = tx.OpenTalk("sip", callback.Phone(from))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}
