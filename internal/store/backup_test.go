package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

func opened(t *testing.T, cfg store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests close it before
	return s
}

func add(t *testing.T, s *store.Store, id string) {
	t.Helper()
	must(t, s, func(tx callback.Tx) error { return tx.AddCallback(booked(id)) })
}

func wantCallbacks(t *testing.T, s *store.Store, want string) {
	t.Helper()
	look(t, s, func(tx callback.Tx) error {
		found, err := tx.FindCallbacks(callback.Filter{})
		if got := ids(found); got != want {
			t.Errorf("callbacks = %q, want %q", got, want)
		}
		return err
	})
}

// wantProblem wants one line that holds all of the words.
func wantProblem(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", words)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error is not one line: %q", err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	cfg := store.Config{Dir: t.TempDir()}
	file := filepath.Join(t.TempDir(), "monday.db")
	s := opened(t, cfg)
	add(t, s, "1")
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("backup: %v, %v, want a file for its owner only", info.Mode(), err)
	}
	wantProblem(t, s.Backup(t.Context(), file), "monday.db", "there already")
	add(t, s, "2")
	wantProblem(t, store.Restore(t.Context(), cfg, file), "another holdless has it open", "stop")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	if err := store.Restore(t.Context(), cfg, file); err != nil {
		t.Fatal(err)
	}
	s = opened(t, cfg)
	wantCallbacks(t, s, "1")
	add(t, s, "3")
	wantCallbacks(t, s, "13")

	kept := store.Config{Dir: t.TempDir()}
	if err := store.Restore(t.Context(), kept, filepath.Join(cfg.Dir, "holdless.db.before-restore")); err != nil {
		t.Fatal(err)
	}
	wantCallbacks(t, opened(t, kept), "12")
}

// A restore may follow a crash: the log of the old database must neither be
// lost nor be applied to the new one.
func TestRestoreOverUncleanDatabase(t *testing.T) {
	t.Parallel()
	from, cfg := store.Config{Dir: t.TempDir()}, store.Config{Dir: t.TempDir()}
	s := opened(t, from)
	add(t, s, "1")
	file := filepath.Join(t.TempDir(), "b.db")
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	add(t, s, "2")
	for _, name := range []string{"holdless.db", "holdless.db-wal"} { // as a crash leaves it
		copied(t, filepath.Join(from.Dir, name), filepath.Join(cfg.Dir, name))
	}
	if err := store.Restore(t.Context(), cfg, file); err != nil {
		t.Fatal(err)
	}
	wantCallbacks(t, opened(t, cfg), "1")
	kept := store.Config{Dir: t.TempDir()}
	if err := store.Restore(t.Context(), kept, filepath.Join(cfg.Dir, "holdless.db.before-restore")); err != nil {
		t.Fatal(err)
	}
	wantCallbacks(t, opened(t, kept), "12")
}

func copied(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err := errors.Join(err, os.WriteFile(to, b, 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := opened(t, store.Config{Dir: filepath.Join(dir, "source")})
	add(t, s, "1")
	good := filepath.Join(dir, "good.db")
	if err := s.Backup(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		bytes []byte
		words string
	}{
		{"text", []byte("these are the notes of Monday\n"), "not a database"},
		{"empty", nil, "not a backup"},
		{"cut", whole[:len(whole)-len(whole)/3], "damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := store.Config{Dir: t.TempDir()}
			bad := filepath.Join(t.TempDir(), "bad.db")
			if err := os.WriteFile(bad, tt.bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			mine := opened(t, cfg)
			add(t, mine, "7")
			if err := mine.Close(); err != nil {
				t.Fatal(err)
			}
			wantProblem(t, store.Restore(t.Context(), cfg, bad), "bad.db", tt.words, "another")
			wantCallbacks(t, opened(t, cfg), "7")
		})
	}
	err = store.Restore(t.Context(), store.Config{Dir: t.TempDir()}, filepath.Join(dir, "none.db"))
	wantProblem(t, err, "none.db")
}

func TestPostgresIsBackedUpByItsOwnProgram(t *testing.T) {
	t.Parallel()
	cfg := store.Config{Database: storetest.Postgres(t)}
	wantProblem(t, opened(t, cfg).Backup(t.Context(), "b"), "pg_dump")
	wantProblem(t, store.Restore(t.Context(), cfg, "b"), "pg_restore")
}

func TestInspectBesideTheService(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		s := opened(t, cfg)
		add(t, s, "1")
		beside, err := store.Inspect(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		wantCallbacks(t, beside, "1")
		if cfg.Database == "" {
			if err := beside.Backup(t.Context(), filepath.Join(cfg.Dir, "b.db")); err != nil {
				t.Error(err)
			}
			err := beside.Update(t.Context(), func(tx callback.Tx) error { return tx.AddCallback(booked("2")) })
			if err == nil {
				t.Error("who only inspects has written")
			}
		}
		if err := beside.Close(); err != nil {
			t.Error(err)
		}
		add(t, s, "3")
		wantCallbacks(t, s, "13")
	})
}

func TestInspectMakesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := store.Inspect(t.Context(), store.Config{Dir: dir})
	wantProblem(t, err, "holdless.db", "start the service once")
	left, err := os.ReadDir(dir)
	if len(left) != 0 || err != nil {
		t.Errorf("it has made %v, %v", left, err)
	}
}

func TestPurge(t *testing.T) {
	t.Parallel()
	old, lately := noon.Add(-48*time.Hour), noon
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		must(t, s, func(tx callback.Tx) error {
			var errs []error
			for id, c := range map[string]struct {
				state callback.State
				at    time.Time
			}{"1": {callback.Done, old}, "2": {callback.Done, lately}, "3": {callback.BookedState, old}} {
				b := booked(id)
				b.State, b.UpdatedAt = c.state, c.at
				errs = append(errs, tx.AddCallback(b),
					tx.AddAttempt(callback.Attempt{Callback: id, Ref: "r" + id, Leg: callback.AgentLeg}))
			}
			_, err := tx.StartRun("list", "k1", "b", old)
			_, err2 := tx.StartRun("list", "k2", "b", old.Add(time.Hour))
			errs = append(errs, err, err2,
				tx.PutTalk(callback.Talk{ID: "t1", Closed: true, BeganAt: old, EndedAt: old}),
				tx.PutTalk(callback.Talk{ID: "t2", Closed: true, BeganAt: old, EndedAt: lately}),
				tx.PutTalk(callback.Talk{ID: "t3", BeganAt: old}),
				tx.PutTalk(callback.Talk{ID: "t4", BeganAt: old.AddDate(0, 0, -7)}),
				tx.AddMessage(callback.Message{ID: "m1", DueAt: old, DoneAt: old}),
				tx.AddMessage(callback.Message{ID: "m2", DueAt: old}),
				tx.AddText(callback.InText{Line: "l", ID: "1"}, old),
				tx.Block("+1", callback.NoCalls, old), tx.Block("+2", callback.NoCalls, time.Time{}))
			for range 1200 { // more than two batches
				errs = append(errs, tx.Record(callback.Entry{At: old}))
			}
			return errors.Join(append(errs, tx.Record(callback.Entry{At: lately}))...)
		})
		n, err := s.Purge(t.Context(), noon.Add(-24*time.Hour))
		// Callback, two talks, message, text, run and block; an attempt goes with its callback.
		if want := int64(1200 + 7); n != want || err != nil {
			t.Errorf("%d rows went, %v, want %d", n, err, want)
		}
		wantCallbacks(t, s, "23")
		look(t, s, func(tx callback.Tx) error {
			_, err := tx.Attempt("r1")
			wantErr(t, err, callback.ErrNotFound)
			_, err = tx.Talk("t1")
			wantErr(t, err, callback.ErrNotFound)
			_, err = tx.Talk("t4")
			wantErr(t, err, callback.ErrNotFound)
			_, err2 := tx.Talk("t2")
			_, err3 := tx.Talk("t3")
			_, err4 := tx.Message("m2")
			key, _, err5 := tx.LastRun("list")
			blocked, err6 := tx.Blocked("+2", callback.NoCalls, noon)
			rest, err7 := tx.Entries(0, 10)
			if key != "k2" || !blocked || len(rest) != 1 {
				t.Errorf("last run %q, blocked %v, journal %v", key, blocked, rest)
			}
			return errors.Join(err2, err3, err4, err5, err6, err7)
		})
	})
}
