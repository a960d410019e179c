package storetest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// A server is a PostgreSQL server with a data directory of its own, which
// listens on a socket file only.
type server struct {
	bin     string
	dir     string
	address string
}

// start makes and starts a server. It ends by stop.
func start() (*server, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is good
	if len(found) == 0 {
		return nil, errors.New("no initdb in /usr/lib/postgresql")
	}
	dir, err := os.MkdirTemp("", "holdless-pg-")
	if err != nil {
		return nil, err
	}
	s := &server{bin: filepath.Dir(slices.Max(found)), dir: dir}
	s.address = (&url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres", RawQuery: url.Values{"host": {dir}}.Encode()}).String()
	if err := s.make(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

func (s *server) make() error {
	if err := ownedByServer(s.dir); err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	if err := s.run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"); err != nil {
		return err
	}
	return s.run("pg_ctl", "-D", data, "-l", filepath.Join(s.dir, "log"), "-w",
		"-o", "-k "+s.dir+" -c listen_addresses='' -c max_connections=300", "start")
}

func (s *server) stop() {
	if err := s.run("pg_ctl", "-D", filepath.Join(s.dir, "data"), "-m", "immediate", "stop"); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// run runs one of PostgreSQL's own programs. Its output goes to a file, not to
// a pipe: the server that pg_ctl starts would keep a pipe open.
func (s *server) run(program string, args ...string) error {
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
