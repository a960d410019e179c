package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckTargets: whom a menu rings must be there, and whom it puts callers
// through to must be one who may be called.
func TestCheckTargets(t *testing.T) {
	t.Parallel()
	const menu = "start: a\nstuck: a\nnodes:\n  a: {do: %, then: e, busy: e}\n  e: {do: end}\n"
	tests := []struct {
		name, node, want string
		code             int
	}{
		{"an agent", "connect, to: agent:anna", "no mistakes", exitDone},
		{"no agent", "connect, to: agent:ana", `menu.yaml:4:24: nobody is called "ana" in agents; did you mean "anna"?`, exitWrong},
		{"a number", "transfer, to: +358912399", "no mistakes", exitDone},
		{"a dear number", "transfer, to: +358600123456", "menu.yaml:4:25: no call may be transferred to +358600123456: ", exitWrong},
		{"a number abroad", "transfer, to: +8821234567", "see callbacks.allow_regions", exitWrong},
		{"no number", "transfer, to: 0912399", `a call cannot be transferred to "0912399"; write +358912345`, exitWrong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := written(t, "numbers: {+358912345: {menu: menu.yaml, queue: billing}}\n")
			text := read(t, file)
			write(t, file, strings.Replace(text, "numbers: {+358912345: {menu: main, queue: billing}}\n", "", 1))
			write(t, filepath.Join(filepath.Dir(file), "menu.yaml"), strings.Replace(menu, "%", tt.node, 1))
			code, out, errs := holdless(t, "check", "-c", file)
			if code != tt.code || !strings.Contains(out, tt.want) {
				t.Errorf("got %d %s\n%s\nwant %s", code, errs, out, tt.want)
			}
		})
	}
}

// TestCheckStandards: what a queue says of itself is held against the lengths
// of sentences and slots.
func TestCheckStandards(t *testing.T) {
	t.Parallel()
	file := written(t, "")
	text := read(t, file)
	write(t, file, strings.Replace(text, "agents: [anna],", "agents: [anna], answer_within: 2s, callback_within: 20m,", 1))
	code, out, errs := holdless(t, "check", "-c", file)
	for _, want := range []string{
		"seconds until a person is rung (", "): the standard of billing is 2s",
		"warning: queues.billing.callback_within: the soonest callback is up to 25m away",
	} {
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("got %d %s\n%s\nwant %s", code, errs, out, want)
		}
	}
	code, out, errs = holdless(t, "explain", "main", "-c", file, "--at", "Tue 12:00")
	for _, want := range []string{"standard of billing: a person is rung within 2s\n", "standard of billing: a callback within 20m0s; the soonest is at 12:15, in 15m0s\n"} {
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("got %d %s\n%s\nwant %s", code, errs, out, want)
		}
	}
}

// read returns what is in a file.
func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
