package ivr

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestTraps: what YAML takes for something else stays as it was written.
func TestTraps(t *testing.T) {
	t.Parallel()
	const src = `languages: [no, en]
start: a
stuck: p
nodes:
  a: {do: menu, note: n, keys: {1: {label: {no: no, en: on}, value: 0x10, to: p}, 2: {label: {no: 08:30, en: 1e3}, value: 007, to: p}}}
  p: {do: transfer, to: +358912345, then: e, busy: e}
  e: {do: end, say: {no: 1_000, en: 12:30:45}, note: {off: yes}}
`
	m, err := Parse("traps.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	_, turn := m.Step(State{}, Event{Kind: Begin}, Facts{})
	if got := fmt.Sprint(turn.Lang, turn.Say[0].Text, " ", turn.Say[1].Text); got != "nono 08:30" {
		t.Errorf("says %q", got)
	}
	for key, want := range map[string]string{"1": "[{n 0x10}]", "2": "[{n 007}]"} {
		s, _ := m.Step(State{}, Event{Kind: Begin}, Facts{})
		_, turn := m.Step(s, Event{Kind: Heard, Text: key}, Facts{})
		if got := fmt.Sprint(turn.Notes); got != want || turn.Connect.To != "+358912345" {
			t.Errorf("key %s notes %s and leads to %+v", key, got, turn.Connect)
		}
	}
	_, turn = m.Step(State{Turn: 1, Node: "p"}, Event{Kind: Spoke}, Facts{})
	if got := fmt.Sprint(turn.Say[0].Text, turn.Notes); got != "1_000[{off yes}]" {
		t.Errorf("ends with %s", got)
	}
}

// TestBombs: a file made to exhaust us is refused in one line, and at once.
func TestBombs(t *testing.T) {
	t.Parallel()
	laughs := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'k'; c++ {
		laughs += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 9), ", "))
	}
	tests := []struct{ name, src, want string }{
		{"a billion laughs", laughs + "start: *k\n", ""},
		{"an alias as a node", "start: a\nstuck: a\nnodes: {a: &a {do: end}, b: *a}\n", ""},
		{"a node within itself", "start: a\nstuck: a\nnodes: &a {a: *a}\n", ""},
		{"brackets", strings.Repeat("[", 100_000), ""},
		{"braces", strings.Repeat("{a: ", 60_000), ""},
		{"dashes", strings.Repeat("- ", 100_000), ""},
		{"lines", strings.Repeat("a:\n", 80_000), ""},
		{"one long word", "start: " + strings.Repeat("x", 250<<10), ""},
		{"too large", strings.Repeat("#\n", 129<<10), "the file has 258 KiB, and the limit is 256"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			began := time.Now()
			_, err := Parse("bomb.yaml", []byte(tt.src))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
			if line, _, _ := strings.Cut(fmt.Sprint(err), "\n"); len(line) > 400 {
				t.Errorf("the line has %d letters", len(line))
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}
