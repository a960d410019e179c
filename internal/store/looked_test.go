package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestLooked holds when a file is looked through at a start: not when that was
// done within a day and it is still the same one, and else always. The file is
// damaged where only a look at all of it can find that.
func TestLooked(t *testing.T) {
	t.Parallel()
	if stamp(os.Args[0]) == "" {
		t.Log("this machine does not tell whether it was started anew: every start looks")
		return
	}
	for _, tt := range []struct {
		name   string
		before func(t *testing.T, file string) // after a crash
		looks  bool
	}{
		{"after a crash", func(*testing.T, string) {}, false},
		{"a day later", func(t *testing.T, file string) { age(t, file, longLooked+time.Minute) }, true},
		{"the clock went back", func(t *testing.T, file string) { age(t, file, -time.Hour) }, true},
		{"another file", func(t *testing.T, file string) {
			rewrite(t, file, file+".new", func(s string) string { return s })
			if err := os.Rename(file+".new", file); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"the machine was started anew", func(t *testing.T, file string) {
			rewrite(t, file+".lock", file+".lock", func(s string) string { return strings.Replace(s, "-", "=", 1) })
		}, true},
		{"nobody knows", func(t *testing.T, file string) {
			if err := os.Remove(file + ".lock"); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"stopped, and changed since", func(t *testing.T, file string) {
			stop(t, filepath.Dir(file))
			spoilUnseen(t, file)
		}, true},
		{"stopped", func(t *testing.T, file string) { stop(t, filepath.Dir(file)) }, false},
		{"found to be damaged", func(t *testing.T, file string) {
			s, err := openSQLite(t.Context(), filepath.Dir(file))
			if err != nil {
				t.Fatal(err)
			}
			s.spoil()
			crash(t, s)
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, fileName)
			filled(t, dir)
			spoilUnseen(t, file)
			tt.before(t, file)
			s, err := openSQLite(t.Context(), dir)
			if err == nil {
				crash(t, s)
			}
			if found := err != nil && strings.Contains(err.Error(), damaged); found != tt.looks {
				t.Errorf("the start says %v; want that it looks the file through: %t", err, tt.looks)
			}
		})
	}
}

// filled leaves what a process leaves that crashed: a database in which an
// index and its table have many pages.
func filled(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(t.Context(), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		err := s.Update(t.Context(), func(tx callback.Tx) error {
			for n := range 100 {
				if err := tx.Record(callback.Entry{Kind: "filled", Name: fmt.Sprint(i*100 + n)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = openSQLite(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	crash(t, s)
}

// crash ends all that a process has but what it would do itself.
func crash(t *testing.T, s *Store) {
	t.Helper()
	lock := s.lock
	s.lock = nil
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := unlockFile(lock); err != nil {
		t.Fatal(err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
}

func stop(t *testing.T, dir string) {
	t.Helper()
	s, err := openSQLite(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// spoilUnseen damages the last page of the file: rows of the journal, which no
// start reads.
func spoilUnseen(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	junk := make([]byte, 64)
	for i := range junk {
		junk[i] = 0xff
	}
	if _, err := f.WriteAt(junk, info.Size()-4096); err != nil {
		t.Fatal(err)
	}
}

// age makes the last look at a file so much older.
func age(t *testing.T, file string, by time.Duration) {
	t.Helper()
	rewrite(t, file+".lock", file+".lock", func(s string) string {
		l := readLook(s)
		first, _, _ := strings.Cut(s, "\n")
		return fmt.Sprintf("%s\n%d %s\n", first, l.at.Add(-by).UnixMilli(), l.of)
	})
}

func rewrite(t *testing.T, from, to string, change func(string) string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, []byte(change(string(b))), 0o600); err != nil {
		t.Fatal(err)
	}
}
