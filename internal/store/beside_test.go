package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/store"
)

// lie writes files under a folder.
func lie(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// wantFiles wants these files under a folder and no others.
func wantFiles(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	found := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		found++
		name, _ := filepath.Rel(dir, path)
		got, err := os.ReadFile(path)
		if string(got) != want[filepath.ToSlash(name)] {
			t.Errorf("%s has %q, want %q", name, got, want[filepath.ToSlash(name)])
		}
		return err
	})
	if err != nil || found != len(want) {
		t.Errorf("%s has %d files, %v, want %d", dir, found, err, len(want))
	}
}

// TestBackupOfWhatLiesBeside: recordings come back with the database, those that
// were there are kept, and half a file or a take is none.
func TestBackupOfWhatLiesBeside(t *testing.T) {
	t.Parallel()
	cfg := store.Config{Dir: t.TempDir()}
	cfg.Beside = filepath.Join(cfg.Dir, "recordings")
	file := filepath.Join(t.TempDir(), "monday.db")
	monday := map[string]string{"en/welcome.wav": "RIFF one", "en/welcome.txt": "Welcome.", "fi/tervetuloa.wav": strings.Repeat("x", 3<<20)}
	lie(t, cfg.Beside, monday)
	lie(t, cfg.Beside, map[string]string{".takes/A.wav": "a take", "en/.welcome.wav.0123": "a draft"})
	s := opened(t, cfg)
	add(t, s, "1")
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	tuesday := map[string]string{"en/welcome.wav": "RIFF two", "cs/vitejte.wav": "RIFF"}
	if err := errors.Join(s.Close(), os.RemoveAll(cfg.Beside)); err != nil {
		t.Fatal(err)
	}
	lie(t, cfg.Beside, tuesday)
	for range 2 { // what was kept the first time makes room
		if err := store.Restore(t.Context(), cfg, file); err != nil {
			t.Fatal(err)
		}
		wantFiles(t, cfg.Beside, monday)
	}
	if err := store.Restore(t.Context(), cfg, filepath.Join(cfg.Dir, "holdless.db.before-restore")); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, cfg.Beside, monday) // a database alone changes no files
	wantFiles(t, cfg.Beside+".before-restore", monday)

	elsewhere := store.Config{Dir: t.TempDir()}
	elsewhere.Beside = filepath.Join(elsewhere.Dir, "a", "recordings")
	if err := store.Restore(t.Context(), elsewhere, file); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, elsewhere.Beside, monday)
	again := opened(t, elsewhere)
	wantCallbacks(t, again, "1")
	if err := again.Backup(t.Context(), filepath.Join(t.TempDir(), "b.db")); err != nil {
		t.Errorf("what was restored cannot be backed up: %v", err)
	}
}

// TestRestoreKeepsRecordingsItCannotReplace: nothing is changed when there is no
// room for the files.
func TestRestoreKeepsRecordingsItCannotReplace(t *testing.T) {
	t.Parallel()
	cfg := store.Config{Dir: t.TempDir()}
	cfg.Beside = filepath.Join(cfg.Dir, "recordings")
	lie(t, cfg.Beside, map[string]string{"en/welcome.wav": "RIFF one"})
	file := filepath.Join(t.TempDir(), "b.db")
	s := opened(t, cfg)
	add(t, s, "1")
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	add(t, s, "2")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	blocked := store.Config{Dir: cfg.Dir, Beside: filepath.Join(cfg.Dir, "holdless.db", "recordings")} // a file is no folder
	wantProblem(t, store.Restore(t.Context(), blocked, file), "cannot be put there", "nothing was changed")
	wantFiles(t, cfg.Beside, map[string]string{"en/welcome.wav": "RIFF one"})
	wantCallbacks(t, opened(t, cfg), "12")
}
