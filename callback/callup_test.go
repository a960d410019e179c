package callback_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// parses reads a main menu.
func parses(t *testing.T, src string) *ivr.Menu {
	t.Helper()
	m, err := ivr.Parse("main.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const forBo = `
for: caller
languages: [en]
start: line
stuck: person
nodes:
  line: {do: wait, then: person, closed: bye}
  person: {do: connect, to: "agent:bo", then: bye, busy: line}
  bye: {do: end, say: goodbye}
`

// Who waits for one agent is called up when that one is free, and not again and
// again because others are.
func TestWhoWaitsForOneAgent(t *testing.T) {
	t.Parallel()
	w := lined(t)
	w.Menus["main"] = parses(t, forBo)
	p := w.calls(aino).hears("next_in_line")
	w.frees("anna")
	w.rings(0)
	p.called(false)
	w.frees("bo")
	w.rings(0)
	if got := p.called(true).connect().Addr; got != "sip:bo@127.0.0.1" {
		t.Errorf("rings %q", got)
	}
}

// A menu that leads nowhere when its caller is called up keeps nobody else in
// line, and is tried again when the place is told again.
func TestStuckCallerKeepsNobody(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		tel  int // how many numbers are tried, none of which may be rung
	}{
		{"back to the line", 1},
		{"too many rounds", 13},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := lined(t)
			w.Menus["main"] = parses(t, nowhere(tt.tel))
			first := w.calls(aino).presses("1").hears("next_in_line")
			w.pass(time.Second)
			second := w.calls(eero).presses("2").hears("in_line")
			w.frees("bo")
			w.rings(0)
			first.called(false)
			second.called(true).connect()
			first.event(ivr.Event{Kind: ivr.Silence}).hears("next_in_line")
		})
	}
}

// nowhere is a menu with two lines, of which the first leads to numbers that
// may not be rung, one after the other.
func nowhere(numbers int) string {
	var b strings.Builder
	b.WriteString(`
for: caller
languages: [en]
start: which
stuck: person
nodes:
  which: {do: menu, say: {en: "Which?"}, keys: {1: {label: {en: "one"}, to: stuck}, 2: {label: {en: "two"}, to: line}}}
  stuck: {do: wait, then: away1, closed: bye}
  line: {do: wait, then: person, closed: bye}
  person: {do: connect, to: agents, then: bye, busy: line}
  bye: {do: end, say: goodbye}
`)
	for n := range numbers {
		busy := fmt.Sprintf("away%d", n+2)
		if n+1 == numbers {
			busy = "stuck"
		}
		fmt.Fprintf(&b, "  away%d: {do: transfer, to: \"+358600123\", then: bye, busy: %s}\n", n+1, busy)
	}
	return b.String()
}

// Promises that would break go before callers in line, however few calls are taken in
// hand at once: nobody in line has the agent whom the next of them needs.
func TestPromisesBeyondTheLimitGoFirst(t *testing.T) {
	t.Parallel()
	w := lined(t, func(c *callback.Config) {
		q := c.Queues["billing"]
		q.Capacity = 2
		c.Queues["billing"] = q
	})
	w.promises(2)
	p := w.calls(eero).presses("0").hears("in_line")
	w.pass(11 * time.Minute)
	w.frees("anna")
	w.frees("bo")
	for range 2 {
		if rings, err := w.Claim(t.Context(), 1); err != nil || len(rings) != 1 {
			t.Fatalf("%d rings, %v", len(rings), err)
		}
		p.called(false)
	}
	w.frees("anna")
	w.rings(0)
	p.called(true)
}
