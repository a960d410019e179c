package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
)

// TestShortTests: a test may be names and values; what fails is told with the
// line of its keys.
func TestShortTests(t *testing.T) {
	t.Parallel()
	src, err := ivr.DefaultSource("main")
	if err != nil {
		t.Fatal(err)
	}
	menu := string(src) + `
tests:
  Saturday night:
    now: 2026-11-28 22:10
    closed: Mon 09:00
    free: Mon 09:00 09:15
    agents: 0
    keys: [1, 1, 1]
    path: [welcome, ..., times, number, confirm, asked, bye]
    says: [We open on Monday at 9:00., "We will call you on Monday at 9:00."]
    booked: Mon 09:00
    seconds: 60
  in one line: {free: 14:30, keys: 0, path: welcome ... ring}
`
	file := filepath.Join(t.TempDir(), "main.yaml")
	write(t, file, menu)
	code, out, errs := holdless(t, "test", file)
	if code != exitDone || !strings.Contains(out, "2 passed, 0 failed") {
		t.Errorf("got %d %s\n%s", code, errs, out)
	}
	write(t, file, strings.Replace(menu, "seconds: 60", "seconds: 9", 1))
	line := strings.Count(menu[:strings.LastIndex(menu, "    keys:")], "\n") + 1
	if code, out, _ := holdless(t, "test", file); code != exitWrong || !strings.Contains(out, fmt.Sprintf("main.yaml:%d: after < 1 1 1\n   got seconds ", line)) {
		t.Errorf("got %d\n%s", code, out)
	}
}

func TestTestsInTheMenu(t *testing.T) {
	t.Parallel()
	const menu = "start: p\nstuck: p\nnodes:\n  p: {do: connect, to: agents, then: e, busy: e}\n  e: {do: end, say: goodbye}\n" +
		"tests:\n  answered: |\n    > connect agents\n    < spoke\n    > goodbye; end\n"
	file := filepath.Join(t.TempDir(), "m.yaml")
	write(t, file, menu)
	code, out, errs := holdless(t, "test", file)
	if code != exitDone || !strings.Contains(out, "2 of 2 nodes, 0 of 0 keys\n1 passed, 0 failed\n") {
		t.Errorf("got %d %s\n%s", code, errs, out)
	}
	write(t, file, strings.Replace(menu, "> goodbye; end", "> thanks; end", 1))
	if code, out, _ := holdless(t, "test", file); code != exitWrong || !strings.Contains(out, "m.yaml:10:") || !strings.Contains(out, "0 passed, 1 failed") {
		t.Errorf("got %d\n%s", code, out)
	}
	write(t, file, strings.Replace(menu, "> goodbye; end", "> nonsense; end", 1))
	if code, _, errs := holdless(t, "test", file); code != exitWrong || !strings.Contains(errs, "m.yaml:10:") {
		t.Errorf("got %d %s", code, errs)
	}
}

// TestMenuThatShips: a menu without a file is tested as one with, by keys at
// random and by the talks where one is.
func TestMenuThatShips(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"main", "customer", "survey"} {
		if code, out, errs := holdless(t, "test", name); code != exitDone || !strings.Contains(out, "0 passed, 0 failed") {
			t.Errorf("%s: got %d %s\n%s", name, code, errs, out)
		}
	}
	for _, tt := range []struct{ name, want string }{{"mian", "no such file"}, {"test.go", "mistake"}} {
		if code, _, errs := holdless(t, "test", tt.name); code == exitDone || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: got %d %s", tt.name, code, errs)
		}
	}
}
