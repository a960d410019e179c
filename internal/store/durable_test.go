package store

import (
	"bytes"
	"database/sql"
	"os"
	"testing"
)

// Every connection to SQLite, of whichever pool and however often it was made
// anew, has a log, and has what it writes on the disk before it says so.
func TestEveryConnectionIsDurable(t *testing.T) {
	t.Parallel()
	s, err := openSQLite(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, pool := range []struct {
		name  string
		db    *sql.DB
		conns int
	}{
		{"writer", s.write, 1},
		{"readers", s.read, 4},
		{"copier", s.copies.db, 1},
	} {
		for range 2 {
			durable(t, pool.name, pool.db, pool.conns)
			pool.db.SetMaxIdleConns(0) // and those that are made next
			pool.db.SetMaxIdleConns(pool.conns)
		}
	}
}

// durable looks at all connections of a pool at once.
func durable(t *testing.T, name string, db *sql.DB, conns int) {
	t.Helper()
	const full = 2
	for range conns {
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var sync int
		var mode string
		row := c.QueryRowContext(t.Context(), `SELECT synchronous, journal_mode FROM pragma_synchronous, pragma_journal_mode`)
		if err := row.Scan(&sync, &mode); err != nil {
			t.Fatal(err)
		}
		if sync != full || mode != "wal" {
			t.Errorf("%s: synchronous is %d, journal_mode %s", name, sync, mode)
		}
	}
}

// All that differs between the databases fits on two screens.
func TestDialectIsSmall(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("dialect.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte("\n")); n >= 100 {
		t.Errorf("the dialect has %d lines, want fewer than 100", n)
	}
}
