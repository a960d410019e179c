package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

func TestOpenSaysWhatToDo(t *testing.T) {
	t.Parallel()
	file := func(dir string) string { return filepath.Join(dir, "holdless.db") }
	tests := []struct {
		name  string
		spoil func(t *testing.T, dir string)
		words []string
	}{
		{"text", func(t *testing.T, dir string) {
			write(t, file(dir), []byte(strings.Repeat("shopping list\n", 100)))
		}, []string{"not a database", "restore"}},
		{"another program's", func(t *testing.T, dir string) {
			execute(t, file(dir), `CREATE TABLE recipe (id INTEGER)`)
		}, []string{"another program made it", "move that file away"}},
		{"newer", func(t *testing.T, dir string) {
			closed(t, dir)
			execute(t, file(dir), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
		}, []string{"newer holdless", "schema 99", "restore a backup"}},
		{"damaged", func(t *testing.T, dir string) {
			closed(t, dir)
			b, err := os.ReadFile(file(dir))
			if err != nil {
				t.Fatal(err)
			}
			for i := 100; i < len(b); i++ {
				b[i] ^= 0x5a
			}
			write(t, file(dir), b)
		}, []string{"damaged", "restore a backup"}},
		{"cut", func(t *testing.T, dir string) {
			closed(t, dir)
			if err := os.Truncate(file(dir), 8192); err != nil {
				t.Fatal(err)
			}
		}, []string{"damaged", "restore a backup"}},
		{"directory", func(t *testing.T, dir string) {
			if err := os.Mkdir(file(dir), 0o700); err != nil {
				t.Fatal(err)
			}
		}, []string{"cannot be opened", "right to read and write"}},
		{"second process", func(t *testing.T, dir string) {
			opened(t, store.Config{Dir: dir})
		}, []string{"another holdless has it open", fmt.Sprint("process ", os.Getpid()), "stop that one first"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "a b%20c?#")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			tt.spoil(t, dir)
			before, _ := os.ReadFile(file(dir)) // a directory has no bytes
			_, err := store.Open(t.Context(), store.Config{Dir: dir})
			wantProblem(t, err, append(tt.words, dir)...)
			if after, _ := os.ReadFile(file(dir)); string(after) != string(before) {
				t.Error("the refused file was changed")
			}
		})
	}
}

func write(t *testing.T, file string, b []byte) {
	t.Helper()
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace("file:"+file))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), statement)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// closed makes a database and lets go of it.
func closed(t *testing.T, dir string) {
	t.Helper()
	s := opened(t, store.Config{Dir: dir})
	add(t, s, "1")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Flipped bytes anywhere in the file either do no harm or are refused in one
// line; the file stays as it is.
func TestOpenDamagedAnywhere(t *testing.T) {
	t.Parallel()
	source := t.TempDir()
	s := opened(t, store.Config{Dir: source})
	for i := range 800 {
		must(t, s, func(tx callback.Tx) error { return bookLikeTheDesk(tx, int64(i)) })
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(filepath.Join(source, "holdless.db"))
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := range 100 {
		dir := t.TempDir()
		b := append([]byte(nil), sound...)
		at := i * len(b) / 100
		for j := at; j < min(at+64, len(b)); j++ {
			b[j] ^= 0xff
		}
		write(t, filepath.Join(dir, "holdless.db"), b)
		s, err := store.Open(t.Context(), store.Config{Dir: dir})
		if err == nil {
			if err := s.Close(); err != nil {
				t.Errorf("offset %d: %v", at, err)
			}
			continue
		}
		refused++
		wantProblem(t, err, "database", dir)
	}
	if refused < 20 {
		t.Errorf("%d of 100 damaged files were refused; is anything checked?", refused)
	}
}

// Root may read everything, so these are tried by a process that is not.
func TestOpenWithoutRights(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(dir string) error
		words []string
	}{
		{"directory of another", func(dir string) error { return os.Chmod(dir, 0o500) }, []string{"right to write"}},
		{"file of another", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "holdless.db"), nil, 0o400)
		}, []string{"cannot be opened", "right to read and write"}},
		{"no directory", func(dir string) error {
			return errors.Join(os.Chmod(dir, 0o500), nil)
		}, []string{"right to write"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp("", "holdless-rights-") // t.TempDir lies in a directory of root
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			target := dir
			if tt.name == "no directory" {
				target = filepath.Join(dir, "data")
			}
			if os.Getuid() == 0 {
				err = os.Chown(dir, 65534, 65534)
			}
			if err := errors.Join(err, tt.spoil(dir)); err != nil {
				t.Fatal(err)
			}
			said := helper(t, "open", target)
			wantProblem(t, errors.New(strings.TrimSpace(said)), append(tt.words, target)...)
		})
	}
}

// helper runs this test binary as another process, which does one thing and
// prints what it has to say.
func helper(t *testing.T, do string, args ...string) string {
	t.Helper()
	out, err := helperCommand(t, do, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", do, err)
	}
	return string(out)
}

func helperCommand(t *testing.T, do string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), "HOLDLESS_STORE_HELPER="+do)
	cmd.Stderr = os.Stderr
	return cmd
}

// openAsNobody is the helper that opens a store without the rights of root.
func openAsNobody(dir string) error {
	if os.Getuid() == 0 {
		if err := errors.Join(syscall.Setgid(65534), syscall.Setuid(65534)); err != nil {
			return err
		}
	}
	s, err := store.Open(background, store.Config{Dir: dir})
	if err != nil {
		_, err = fmt.Fprintln(os.Stdout, err)
		return err
	}
	return s.Close()
}

func TestAddressSaysWhatToDo(t *testing.T) {
	t.Parallel()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := nobody.Addr().String()
	if err := nobody.Close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, address string
		words         []string
	}{
		{"a file name", "holdless.sqlite", []string{"neither", "postgres://user@host/name"}},
		{"nonsense", "postgres://user:secret@host:port:9/x", []string{"not understood", "postgres://user@host:5432/name"}},
		{"nobody there", "postgres://user:secret@" + free + "/x", []string{"cannot be reached", "start it", free + "/x"}},
	}
	for _, tt := range tests {
		_, err := store.Open(t.Context(), store.Config{Database: tt.address})
		wantProblem(t, err, tt.words...)
		if strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%s: the error tells the password: %v", tt.name, err)
		}
	}
}

func TestPostgresSaysWhatToDo(t *testing.T) {
	t.Parallel()
	address := storetest.Postgres(t)
	tests := []struct {
		name, prepare string
		edit          func(string) string
		words         []string
	}{
		{"no database", "", func(a string) string { return strings.Replace(a, "/holdless_", "/other_", 1) }, []string{"no such database", "createdb"}},
		{"no user", "", func(a string) string { return strings.Replace(a, "postgres@", "stranger@", 1) }, []string{"refuses the user"}},
		{"promises at risk", "", func(a string) string { return a + "&synchronous_commit=off" }, []string{"synchronous_commit is off", "ALTER DATABASE"}},
	}
	for _, tt := range tests {
		_, err := store.Open(t.Context(), store.Config{Database: tt.edit(address)})
		wantProblem(t, err, tt.words...)
	}
	s := opened(t, store.Config{Database: address})
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)`); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(t.Context(), store.Config{Database: address})
	wantProblem(t, err, "newer holdless", "schema 99")
	add(t, s, "1") // who is running goes on
}

func TestManyOpenAtOnce(t *testing.T) {
	t.Parallel()
	cfg := store.Config{Database: storetest.Postgres(t)}
	errs := together(4, func(i int) error {
		s, err := store.Open(t.Context(), cfg)
		if err != nil {
			return err
		}
		err = s.Update(t.Context(), func(tx callback.Tx) error { return tx.AddCallback(booked(fmt.Sprint(i))) })
		return errors.Join(err, s.Close())
	})
	count(t, errs, nil)
}

// A full disk refuses what it cannot keep, loses nothing, and is forgotten
// when there is space again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("a disk that fills up needs root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	s := opened(t, store.Config{Dir: dir})
	kept := 0
	var err error
	for ; err == nil; kept++ {
		err = s.Update(t.Context(), func(tx callback.Tx) error {
			return tx.AddMessage(callback.Message{ID: fmt.Sprint(kept), Body: strings.Repeat("x", 5000)})
		})
	}
	kept--
	wantProblem(t, err, "holdless.db", "full", "free some space")
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=16m"); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("with space again: %v", err)
	}
	look(t, s, func(tx callback.Tx) error {
		got, err := tx.MessagesTo("", 10_000)
		if len(got) != kept || kept == 0 {
			t.Errorf("%d messages, %d were acknowledged", len(got), kept)
		}
		return err
	})
}
