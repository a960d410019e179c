package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBadInput gives commands what cannot be used. Each answers with one line
// that says what to do, and the exit code of the contract.
func TestBadInput(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { busy.Close() })
	tests := []struct {
		name string
		args func(t *testing.T) []string
		code int
		want []string
	}{
		{"no such command", fixed("sreve"), exitUsage, []string{"sreve", "; see holdless --help"}},
		{"no such flag", fixed("serve", "--drian", "1s"), exitUsage, []string{"drian", "; see holdless serve --help"}},
		{"no configuration", fixed("serve", "-c", "/nowhere/config.yaml"), exitConfig, []string{"there is no /nowhere/config.yaml", "config.example.yaml"}},
		{"a directory for a configuration", func(t *testing.T) []string { return []string{"serve", "-c", t.TempDir()} }, exitConfig, []string{"read configuration"}},
		{"not YAML", conf("serve", "numbers: [\n"), exitConfig, []string{"config.yaml:", "not YAML"}},
		{"an unknown key", conf("serve", "qeues: {}\n"), exitConfig, []string{`there is no key "qeues"`, `did you mean "queues"?`, "1 mistake"}},
		{"a queue without an agent", conf("serve", "survey: {kind: thumbs}\n"), exitConfig, []string{"survey.kind"}},
		{"a menu that is not there", conf("serve", "survey: {menu: lost.yaml}\n"), exitConfig, []string{"lost.yaml"}},
		{"an environment that is not there", conf("serve", "database: ${HOLDLESS_TEST_NO_SUCH}\n"), exitConfig, []string{"HOLDLESS_TEST_NO_SUCH"}},
		{"a port that is taken", conf("serve", "log: {level: error}\nsip: {listen: [udp:127.0.0.1:0]}\n", "127.0.0.1:0", busy.Addr().String()), exitWrong, []string{"listen for pages", "http.listen"}},
		{"a recording that is missing", conf("serve", "sounds: {override: /nowhere/recordings}\n"), exitConfig, []string{"/nowhere/recordings"}},
		{"a password that is missing", conf("serve", "sip: {listen: [udp:127.0.0.1:0], trunks: {a: {host: 127.0.0.1:9, username: u, password_file: /nowhere/password}}}\n"), exitConfig, []string{"/nowhere/password"}},
		{"data that is a file", dataIs(func(t *testing.T, data string) { write(t, data, "not a directory") }), exitConfig, []string{"data"}},
		{"a database that is none", dataIs(func(t *testing.T, data string) {
			mkdir(t, data)
			write(t, filepath.Join(data, "holdless.db"), strings.Repeat("this is no database ", 500))
		}), exitConfig, []string{"holdless.db"}},
		{"a server that is not there", conf("serve", "database: postgres://holdless@127.0.0.1:1/holdless\n"), exitWrong, []string{"PostgreSQL cannot be reached", "start it, or correct the address"}},
		{"a server of another sort", conf("serve", "database: mysql://127.0.0.1/holdless\n"), exitConfig, []string{"postgres://user@host/name"}},
		{"a menu that cannot be read", fixed("check", "/nowhere/menu.yaml"), exitUsage, []string{"/nowhere/menu.yaml"}},
		{"a format that is none", fixed("check", "--format", "xml"), exitUsage, []string{"xml"}},
		{"a callback that is none", conf("callbacks show XYZ", ""), exitWrong, []string{"XYZ", "not found"}},
		{"a time that is none", conf("callbacks book --queue billing --phone +358401234567 --at soon", ""), exitUsage, []string{"soon", "asap"}},
		{"a number that may not be called", conf("callbacks book --queue billing --phone +358600123456", ""), exitWrong, []string{"callbacks book: number may not be called: premium"}},
		{"an agent that is none", conf("agents set ana break", ""), exitWrong, []string{`did you mean "anna"?`}},
		{"a state that is none", conf("agents set anna asleep", ""), exitUsage, []string{"asleep"}},
		{"a backup that is none", conf("restore /nowhere/backup.db", ""), exitConfig, []string{"/nowhere/backup.db", "name a file that is there"}},
		{"a backup into nowhere", conf("backup /nowhere/backup.db", ""), exitWrong, []string{"/nowhere"}},
		{"a restore that cannot write", func(t *testing.T) []string {
			file := written(t, "")
			write(t, filepath.Join(filepath.Dir(file), "backup.db"), "")
			mkdir(t, filepath.Join(filepath.Dir(file), "data", "holdless.db.part"))
			return []string{"restore", filepath.Join(filepath.Dir(file), "backup.db"), "-c", file}
		}, exitConfig, []string{"holdless.db.part"}},
		{"a telephone that is not there", fixed("phone", "sip:x@127.0.0.1:bad"), exitWrong, []string{"sip:x@127.0.0.1:bad"}},
		{"a clock that stands", fixed("demo", "--speed", "0"), exitUsage, []string{"--speed"}},
		{"a demo for everybody", fixed("demo", "--http", "0.0.0.0:8080"), exitUsage, []string{"--http", "reached by others"}},
		{"a demo for every interface", fixed("demo", "--http", ":8080"), exitUsage, []string{"--http", "reached by others"}},
		{"a demo that all may call", fixed("demo", "--sip", "[::]:5070"), exitUsage, []string{"--sip", "reached by others"}},
		{"a demo that calls elsewhere", fixed("demo", "--phone", "192.0.2.1:5080"), exitUsage, []string{"--phone", "reached by others"}},
		{"a demo without a port", fixed("demo", "--http", "127.0.0.1"), exitUsage, []string{"--http", "port"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, _, errs := holdless(t, tt.args(t)...)
			if code != tt.code {
				t.Errorf("got code %d, want %d: %s", code, tt.code, errs)
			}
			if strings.Count(errs, "\n") != 1 {
				t.Errorf("got %q, want one line", errs)
			}
			if head, rest, _ := strings.Cut(strings.TrimPrefix(errs, "holdless "), ": "); strings.HasPrefix(rest, head+": ") {
				t.Errorf("got %q, which says %q twice", errs, head)
			}
			for _, want := range tt.want {
				if !strings.Contains(errs, want) {
					t.Errorf("got %q, want %q in it", errs, want)
				}
			}
		})
	}
}

func fixed(args ...string) func(*testing.T) []string {
	return func(*testing.T) []string { return args }
}

// conf runs a command with a good configuration and something added to it;
// pairs of texts are replaced first.
func conf(command, more string, replace ...string) func(*testing.T) []string {
	return func(t *testing.T) []string {
		file := written(t, more)
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(replace); i += 2 {
			src = []byte(strings.Replace(string(src), replace[i], replace[i+1], 1))
		}
		write(t, file, string(src))
		return append(strings.Fields(command), "-c", file)
	}
}

// dataIs runs serve on a data directory that was tampered with.
func dataIs(tamper func(t *testing.T, data string)) func(*testing.T) []string {
	return func(t *testing.T) []string {
		file := written(t, "")
		tamper(t, filepath.Join(filepath.Dir(file), "data"))
		return []string{"serve", "-c", file}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}
