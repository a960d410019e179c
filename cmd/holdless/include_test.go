package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestIncludeStaysInside: a link that leads out of the folder of the menu is
// refused, with the line that names it.
func TestIncludeStaysInside(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), t.TempDir()
	const part = "nodes:\n  person: {do: connect, to: agents, then: bye, busy: bye}\n  bye: {do: end, say: goodbye}\n"
	write(t, filepath.Join(elsewhere, "person.yaml"), part)
	write(t, filepath.Join(dir, "person.yaml"), part)
	menu := filepath.Join(dir, "menu.yaml")
	text := "start: hello\nstuck: person\ninclude: person.yaml\nnodes:\n  hello: {do: say, say: welcome, then: person}\n"
	write(t, menu, text)
	if code, out, errs := holdless(t, "check", menu); code != exitDone {
		t.Errorf("got %d %s%s", code, out, errs)
	}
	if err := os.Symlink(filepath.Join(elsewhere, "person.yaml"), filepath.Join(dir, "link.yaml")); err != nil {
		t.Fatal(err)
	}
	write(t, menu, strings.Replace(text, "person.yaml", "link.yaml", 1))
	code, out, _ := holdless(t, "check", menu)
	if want := menu + ":3:10: link.yaml cannot be read: path escapes from parent"; code != exitWrong || !strings.Contains(out, want) {
		t.Errorf("got %d %s, want %s", code, out, want)
	}
}
