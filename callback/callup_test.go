package callback_test

import (
	"testing"

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
