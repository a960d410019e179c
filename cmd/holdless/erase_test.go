package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// having lists the files of a data directory that have a word in them.
func having(t *testing.T, dir, word string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		src, err := os.ReadFile(path)
		if bytes.Contains(src, []byte(word)) {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A person who was erased is in no file of the data directory any more, whether
// or not the service runs meanwhile.
func TestErase(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"running", "stopped"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := servingAtNoon(t) // what is booked is on the list of the day
			must := func(args ...string) string {
				t.Helper()
				code, out, errs := holdless(t, append(args, "-c", r.file)...)
				if code != exitDone {
					t.Fatalf("%v: got %d %s", args, code, errs)
				}
				return out
			}
			must("callbacks", "book", "--queue", "billing", "--phone", "+358401234567", "--name", "Matti")
			must("callbacks", "book", "--queue", "billing", "--phone", "+358407654321", "--name", "Liisa")
			if err := r.lists().Job().Do(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := r.backup(t.Context()); err != nil {
				t.Fatal(err)
			}
			if name == "stopped" {
				r.stop()
				r.end(t)
			}
			if all := having(t, r.config.Data, "401234567"); len(all) < 3 {
				t.Fatalf("before, the number is only in %v", all)
			}
			out := must("erase", "+358401234567")
			for _, want := range []string{"erased: 1 callback", "lists of the day: 1 line", "still there: 1 backup"} {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not in %q", want, out)
				}
			}
			if out := must("erase", "+358401234567", "--backups"); !strings.Contains(out, "erased: 0 callbacks") || !strings.Contains(out, "replaced: 1 backup") {
				t.Errorf("got %q", out)
			}
			for _, word := range []string{"401234567", "Matti"} {
				if all := having(t, r.config.Data, word); len(all) > 0 {
					t.Errorf("%s is in %v", word, all)
				}
			}
			if all := having(t, r.config.Data, "Liisa"); len(all) < 3 {
				t.Errorf("another is only in %v", all)
			}
			if name == "running" {
				r.stop()
				r.end(t)
			}
		})
	}
}

func TestEraseMistakes(t *testing.T) {
	t.Parallel()
	file := written(t, "")
	tests := []struct {
		args []string
		code int
		says string
	}{
		{[]string{"erase"}, exitUsage, "accepts 1 arg"},
		{[]string{"erase", "0401234567"}, exitUsage, "write it like +358401234567"},
		{[]string{"erase", "+358912345"}, exitWrong, "not a customer's"},
		{[]string{"erase", "+358401234567"}, exitDone, ""},
	}
	for _, tt := range tests {
		code, _, errs := holdless(t, append(tt.args, "-c", file)...)
		if code != tt.code || !strings.Contains(errs, tt.says) {
			t.Errorf("%v: got %d %q", tt.args, code, errs)
		}
	}
}

// Whoever said that he wants no calls is called again when a person allows it,
// whether or not the service runs.
func TestAllowCalls(t *testing.T) {
	t.Parallel()
	r := serving(t)
	err := r.desk.Store.Update(t.Context(), func(tx callback.Tx) error {
		return errors.Join(tx.Block("+358401234567", callback.NoCalls, time.Time{}), tx.Block("+358407654321", callback.NoCalls, time.Time{}))
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(want int, says string, args ...string) {
		t.Helper()
		if code, _, errs := holdless(t, append(args, "-c", r.file)...); code != want || !strings.Contains(errs, says) {
			t.Errorf("%v: got %d %q", args, code, errs)
		}
	}
	ask(exitWrong, "", "callbacks", "book", "--queue", "billing", "--phone", "+358401234567")
	ask(exitDone, "", "callbacks", "allow", "+358401234567")
	ask(exitDone, "", "callbacks", "book", "--queue", "billing", "--phone", "+358401234567")
	r.stop()
	r.end(t)
	ask(exitDone, "", "callbacks", "allow", "+358407654321")
	ask(exitWrong, "has said that he wants no calls", "callbacks", "allow", "+358407654321")
	ask(exitUsage, "write it like +358401234567", "callbacks", "allow", "0401234567")
}
