package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/holdless/holdless/internal/store"
)

// To make the tables takes longer than most tests, so they are made once for
// each test binary, and copied.

// fileName is the database of SQLite in its directory.
const fileName = "holdless.db"

// Dir returns a directory with an empty database of SQLite whose tables are
// there. It may be used inside a synctest bubble.
func Dir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	Fill(t, dir)
	return dir
}

// Fill puts an empty database of SQLite, whose tables are there, into the
// directory that a service will be given.
func Fill(t testing.TB, dir string) {
	t.Helper()
	file, err := templateFile()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fileName), file, 0o600); err != nil {
		t.Fatal(err)
	}
}

// templateFile is the file of a new database.
var templateFile = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "holdless-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := migrate(store.Config{Dir: dir}); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, fileName))
})

// migrate makes the tables, and leaves.
func migrate(cfg store.Config) error {
	cfg.Patience = patience
	s, err := store.Open(context.Background(), cfg)
	if err != nil {
		return err
	}
	return s.Close()
}
