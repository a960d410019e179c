package storetest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// A Server is a PostgreSQL server with a data directory of its own, which
// listens on a socket file only.
type Server struct {
	Address string // of its database postgres
	bin     string
	dir     string
}

// NewServer starts a server for one test, which may stop and start it. It
// skips the test when PostgreSQL is not installed.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Skipf("PostgreSQL is not tested here: %v; install postgresql-15", err)
	}
	t.Cleanup(s.remove)
	return s
}

// start makes and starts a server. It ends by remove.
func start() (*Server, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is good
	if len(found) == 0 {
		return nil, errors.New("no initdb in /usr/lib/postgresql")
	}
	return made(filepath.Dir(slices.Max(found)), "initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
}

// Standby starts a server that has every commit of this one before it is answered,
// until it is promoted or the test ends.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	standby, err := made(s.bin, "pg_basebackup", "-h", s.dir, "-U", "postgres", "-R", "-N", "-c", "fast")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(standby.remove)
	admin(t, s.Address, "ALTER SYSTEM SET synchronous_standby_names = '*'")
	admin(t, s.Address, "SELECT pg_reload_conf()")
	for execute(s.Address, "SELECT 1 / COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'") != nil {
		<-time.After(10 * time.Millisecond)
	}
	return standby
}

// Promote has a standby take the place of its primary.
func (s *Server) Promote() error {
	return s.run("pg_ctl", "-D", filepath.Join(s.dir, "data"), "-w", "-t", waits, "promote")
}

// Or is the address of whichever of two servers is the primary.
func (s *Server) Or(other *Server) string { return address(s.dir + "," + other.dir) }

func address(host string) string {
	return (&url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres", RawQuery: url.Values{"host": {host}}.Encode()}).String()
}

// made starts a server of which a program of PostgreSQL makes the data.
func made(bin, program string, args ...string) (*Server, error) {
	dir, err := os.MkdirTemp("", "holdless-pg-")
	if err != nil {
		return nil, err
	}
	s := &Server{Address: address(dir), bin: bin, dir: dir}
	err = ownedByServer(dir)
	if err == nil {
		err = s.run(program, append(args, "-D", filepath.Join(dir, "data"))...)
	}
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// waits is how many seconds pg_ctl does, on a machine that is busy.
const waits = "600"

// Start starts the server and waits until it answers.
func (s *Server) Start() error {
	return s.run("pg_ctl", "-D", filepath.Join(s.dir, "data"), "-l", filepath.Join(s.dir, "log"), "-w", "-t", waits,
		"-o", "-k "+s.dir+" -c listen_addresses='' -c max_connections=300", "start")
}

// Kill stops the server as a crash would.
func (s *Server) Kill() error {
	return s.run("pg_ctl", "-D", filepath.Join(s.dir, "data"), "-m", "immediate", "-t", waits, "stop")
}

func (s *Server) remove() {
	if _, err := os.Stat(filepath.Join(s.dir, "data", "postmaster.pid")); err == nil { // it was not killed by its test
		if err := s.Kill(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	if err := os.RemoveAll(s.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// run runs one of PostgreSQL's own programs. Its output goes to a file, not to
// a pipe: the server that pg_ctl starts would keep a pipe open.
func (s *Server) run(program string, args ...string) error {
	out, err := os.Create(filepath.Join(s.dir, program+".out"))
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(s.bin, program), args...) //nolint:noctx // ends by itself
	cmd.Dir = s.dir
	cmd.Stdout, cmd.Stderr = out, out
	asServer(cmd)
	if err := errors.Join(cmd.Run(), out.Close()); err != nil {
		said, _ := os.ReadFile(out.Name()) // for the reader of the error only
		return fmt.Errorf("%s: %w: %s", program, err, said)
	}
	return nil
}
