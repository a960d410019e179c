package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/store/storetest"
)

// manuals are the documents whose commands are run here. A block of commands
// is fenced as "sh"; the word behind it says what must be there before:
// a configuration, the menu of the block before, a running service, one whose
// callers hear that menu, a service that has run and was stopped, one that was
// stopped and a PostgreSQL database, or a service of the configuration of the
// block before, with an account at Twilio, or a copy of the source.
func manuals(t *testing.T) []string {
	t.Helper()
	return append([]string{"../../README.md"}, glob(t, "../../docs/*.md")...)
}

// A block is one fenced piece of a document.
type block struct {
	line int
	kind string // "sh service", "yaml", ...
	text string
}

func TestEveryCommandOfTheDocuments(t *testing.T) {
	t.Parallel()
	program := buildProgram(t)
	for _, name := range manuals(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			menu := ""
			var account *account
			for _, b := range blocks(string(src)) {
				if b.kind == "yaml" {
					menu = b.text
				}
				switch lang, needs, _ := strings.Cut(b.kind, " "); {
				case lang == "sh" && needs == "postgres": // a test of its own, which can be skipped by name
					t.Run(needs, func(t *testing.T) { runBlock(t, program, needs, menu, b) })
				case lang == "sh" && needs == "source":
					runInSource(t, b)
				case lang == "sh" && needs == "twilio":
					if account == nil {
						account = openAccount(t, program, menu)
					}
					account.runBlock(t, b)
				case lang == "sh":
					runBlock(t, program, needs, menu, b)
				}
			}
			if account != nil {
				account.keeps(t)
			}
		})
	}
}

// blocks finds the fenced pieces of a document.
func blocks(src string) []block {
	var all []block
	var open *block
	in := bufio.NewScanner(strings.NewReader(src))
	for n := 1; in.Scan(); n++ {
		kind, fence := strings.CutPrefix(in.Text(), "```")
		switch {
		case fence && open == nil:
			open = &block{line: n, kind: kind}
		case fence:
			all = append(all, *open)
			open = nil
		case open != nil:
			open.text += in.Text() + "\n"
		}
	}
	return all
}

// buildProgram builds the program once, as an operator does.
func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "holdless")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return program
}

// postgresThere stands in the documents for the address of a database.
const postgresThere = "postgres://holdless@db.example.net/holdless"

// runBlock runs a block of commands in a fresh directory.
func runBlock(t *testing.T, program, needs, menu string, b block) {
	t.Helper()
	dir := t.TempDir()
	exampleIn(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "menu.yaml"), []byte(menu), 0o600); err != nil {
		t.Fatal(err)
	}
	if needs == "live" {
		file := filepath.Join(dir, "config.yaml")
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		src = bytes.Replace(src, []byte("menu: main "), []byte("menu: menu.yaml "), 1)
		if err := os.WriteFile(file, src, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if needs == "postgres" {
		b.text = strings.ReplaceAll(b.text, postgresThere, storetest.Postgres(t))
	}
	if needs == "service" || needs == "live" || needs == "stopped" || needs == "postgres" {
		stop := startService(t, program, dir)
		if needs == "stopped" || needs == "postgres" {
			stop()
		} else {
			defer stop()
		}
	}
	if strings.Contains(b.text, "$HOLDLESS") {
		b.text = "HOLDLESS=$(holdless menus open -c config.yaml | sed 's|/menus/.*||')\n" + b.text
	}
	runScript(t, program, dir, b)
}

// runScript runs the commands of a block in a directory.
func runScript(t *testing.T, program, dir string, b block) {
	t.Helper()
	script := strings.ReplaceAll(b.text, "go run ./cmd/holdless", "holdless")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-e", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("line %d: %v\n%s\n%s", b.line, err, script, out)
	}
}

// runInSource runs the commands of a block in a copy of the source, which they
// change.
func runInSource(t *testing.T, b block) {
	t.Helper()
	dir := t.TempDir()
	for _, part := range []string{"go.mod", "go.sum", "callback", "cmd", "internal", "ivr", "scheduler", "sounds"} {
		cp := exec.CommandContext(t.Context(), "cp", "-r", filepath.Join("..", "..", part), dir)
		if out, err := cp.CombinedOutput(); err != nil {
			t.Fatalf("copy the source: %v\n%s", err, out)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-e", "-c", b.text)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("line %d: %v\n%s\n%s", b.line, err, b.text, out)
	}
}

// exampleIn writes the example configuration with ports that are free here.
func exampleIn(t *testing.T, dir string) {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "..", "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	src = regexp.MustCompile(`127\.0\.0\.1:(8080|5060)`).ReplaceAll(src, []byte("127.0.0.1:0"))
	src = bytes.Replace(src, []byte("host: sip.example.net"), []byte("host: 127.0.0.1:9"), 1)
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), src, 0o600); err != nil {
		t.Fatal(err)
	}
}

// startService runs the service until the returned function is called.
func startService(t *testing.T, program, dir string) (stop func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "serve", "-c", "config.yaml")
	cmd.Dir = dir
	said := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = said, said
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	awaitSocket(t, filepath.Join(dir, "data", "holdless.sock"), ended, said)
	return func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		<-ended
	}
}

// awaitSocket waits until the service takes commands.
func awaitSocket(t *testing.T, file string, ended chan error, said *bytes.Buffer) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(2 * time.Minute)
	for {
		select {
		case <-tick.C:
			if _, err := os.Stat(file); err == nil {
				return
			}
		case err := <-ended:
			t.Fatalf("the service ended: %v\n%s", err, said)
		case <-late:
			t.Fatal("the service takes no commands")
		}
	}
}
