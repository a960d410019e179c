package script_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
)

func TestCoverage(t *testing.T) {
	t.Parallel()
	m, err := ivr.Parse("x.yaml", []byte("start: a\nstuck: p\nnodes:\n  a: {do: menu, keys: {1: p, 2: e}}\n"+
		"  p: {do: connect, to: agents, then: e, busy: e}\n  e: {do: end}\n"))
	if err != nil {
		t.Fatal(err)
	}
	c := script.NewCoverage(m)
	if got := c.String(); got != "0 of 3 nodes, 0 of 2 keys; not yet: a, p, e, a 1, a 2" {
		t.Errorf("got %s", got)
	}
	for i, want := range []string{"2 of 3 nodes, 1 of 2 keys; not yet: e, a 2", "3 of 3 nodes, 2 of 2 keys"} {
		talk, err := script.Parse("x.talk", []byte([]string{"> listen\n< 1\n> connect agents\n", "> listen\n< 2\n> end\n"}[i]))
		if err != nil {
			t.Fatal(err)
		}
		if c.Add(talk); c.String() != want {
			t.Errorf("got %s, want %s", c, want)
		}
	}
}

func TestWalk(t *testing.T) {
	t.Parallel()
	m, err := ivr.Default("main")
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(300) {
		usual := script.Usual()
		usual.Facts.Message = time.Duration(seed%2) * time.Minute // with no time free, all walks come by the message
		if err := script.Walk(m, usual, seed); err != nil {
			t.Error(err)
		}
	}
}
