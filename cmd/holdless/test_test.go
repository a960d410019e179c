package main

import (
	"path/filepath"
	"strings"
	"testing"
)

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
