// Package storetest gives tests a real store, on SQLite and on PostgreSQL.
//
// What is right on SQLite may oversell on PostgreSQL, so whatever changes the
// store is tested on both by [Each].
package storetest

import (
	"testing"
	"time"

	"github.com/holdless/holdless/internal/store"
)

// patience is for machines that are busy with other tests.
const patience = 5 * time.Minute

// New opens an empty SQLite store that is closed when the test ends. It may be
// used inside a synctest bubble.
func New(t testing.TB) *store.Store {
	t.Helper()
	return open(t, store.Config{Dir: Dir(t), Patience: patience})
}

// Each runs fn as a subtest on an empty store of each database. PostgreSQL is
// the server named by HOLDLESS_TEST_POSTGRES, else the throw-away server of
// [Main], else that subtest is skipped.
func Each(t *testing.T, fn func(*testing.T, *store.Store)) {
	t.Helper()
	each(t, func(t *testing.T) { fn(t, New(t)) }, func(t *testing.T) { fn(t, onPostgres(t)) })
}

// EachConfig is Each for tests that open the store themselves, on a database
// with nothing in it.
func EachConfig(t *testing.T, fn func(*testing.T, store.Config)) {
	t.Helper()
	each(t, func(t *testing.T) { fn(t, store.Config{Dir: t.TempDir(), Patience: patience}) },
		func(t *testing.T) { fn(t, store.Config{Database: Postgres(t), Patience: patience}) })
}

func each(t *testing.T, sqlite, postgres func(*testing.T)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); sqlite(t) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); postgres(t) })
}

// EachBench runs fn as a sub-benchmark on an empty store of each database.
func EachBench(b *testing.B, fn func(*testing.B, *store.Store)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { fn(b, New(b)) })
	b.Run("postgres", func(b *testing.B) { fn(b, onPostgres(b)) })
}

func onPostgres(t testing.TB) *store.Store {
	t.Helper()
	return open(t, store.Config{Database: Tables(t), Patience: patience})
}

func open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
