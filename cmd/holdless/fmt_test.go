package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFmt(t *testing.T) {
	t.Parallel()
	const src = "stuck: e # last\nstart: e\nnodes:\n  e: {say: goodbye, do: end}\n"
	const want = "start: e\nstuck: e # last\n\nnodes:\n  e: {do: end, say: goodbye}\n"
	file := filepath.Join(t.TempDir(), "m.yaml")
	write(t, file, src)
	if code, out, errs := holdless(t, "fmt", file); code != exitDone || out != want {
		t.Errorf("got %d %s\n%s", code, errs, out)
	}
	code, out, errs := holdless(t, "fmt", "-d", file)
	if code != exitWrong || !strings.Contains(out, "-stuck: e # last\n start: e\n+stuck: e # last\n") || strings.Count(errs, "\n") != 1 {
		t.Errorf("got %d %s\n%s", code, errs, out)
	}
	if code, out, errs := holdless(t, "fmt", "-w", file); code != exitDone || out != "" {
		t.Errorf("got %d %s\n%s", code, errs, out)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("got %v\n%s", err, got)
	}
	if code, out, errs := holdless(t, "fmt", "-d", file); code != exitDone || out != "" {
		t.Errorf("got %d %s\n%s", code, errs, out)
	}
	write(t, file, "a: [\n")
	if code, _, errs := holdless(t, "fmt", file); code != exitWrong || !strings.Contains(errs, "holdless check") {
		t.Errorf("got %d %s", code, errs)
	}
	if code, _, _ := holdless(t, "fmt", file+".nowhere"); code != exitUsage {
		t.Errorf("got %d", code)
	}
}
