package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestDemo plays the whole story over real SIP, RTP and RFC 4733 keys.
func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var log logBuffer
	began := time.Now()
	err := playScript(t.Context(), &out, slog.New(slog.NewTextHandler(&log, nil)), []string{"1", "1", "1"})
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out.String(), log.String())
	}
	t.Logf("played in %v", time.Since(began))
	inOrder(t, out.String(),
		"dials +358912345",
		"to the caller: Welcome.", "caller    presses 1",
		"today at 10:15", "caller    presses 1",
		"+358 401 234 567", "caller    presses 1",
		"We will call you today at 10:15", "caller    hangs up",
		"moves on to the promised time",
		"Aino’s telephone rings", "to the agent: A callback is due", "agent     presses 1",
		"the customer’s telephone rings", "to the customer: Hello.", "customer  presses 1",
		"hear each other", "customer  hangs up",
		"text      to +358401234567: How satisfied were you", "answers the text with 5",
		"satisfaction 5 of 5 is stored", "The promise was kept.",
	)
}

func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, p := range parts {
		_, after, found := strings.Cut(rest, p)
		if !found {
			t.Fatalf("%q is not there, or not in its place:\n%s", p, text)
		}
		rest = after
	}
}

// TestDemoThatGoesWrong tells which promise was not made, and ends with 1.
func TestDemoThatGoesWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, keys, want string
	}{
		{"the caller presses nothing", "", "the caller books"},
		{"the caller asks for a person first", "1 0", "the caller books"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, _, errs := holdless(t, "demo", "--script", tt.keys)
			if code != exitWrong || !strings.Contains(errs, tt.want) || strings.Count(errs, "\n") != 1 {
				t.Errorf("got %d %q, want %d and %q in one line", code, errs, exitWrong, tt.want)
			}
		})
	}
}

// holdless runs a command in this process.
func holdless(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	code = execute(ctx, args, stdio{in: strings.NewReader(""), out: &o, err: &e})
	return code, o.String(), e.String()
}
