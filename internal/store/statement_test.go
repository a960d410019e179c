package store

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestStatements runs more statements than a connection remembers, each twice,
// with a failure in between.
func TestStatements(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "test.db")
	db := connect(file, 1, "immediate", writerPragmas)
	exec := func(query string, args ...any) error {
		_, err := db.ExecContext(t.Context(), query, args...)
		return err
	}
	if err := exec(`CREATE TABLE one (n INTEGER PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	for n := range mostKnown + 50 {
		insert := fmt.Sprintf(`INSERT INTO one (n) SELECT $1 + %d`, n)
		if err := exec(insert, 1000); err != nil {
			t.Fatal(err)
		}
		if err := exec(insert, 1000); err == nil {
			t.Fatal("a key was taken twice")
		}
		if err := exec(insert, 2000); err != nil {
			t.Fatalf("after a failure: %v", err)
		}
	}
	var rows int
	if err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM one`).Scan(&rows); err != nil || rows != 2*(mostKnown+50) {
		t.Errorf("%d rows (%v), want %d", rows, err, 2*(mostKnown+50))
	}
	if n := remembered(t, db); n == 0 || n > mostKnown {
		t.Errorf("%d statements are remembered, want at most %d", n, mostKnown)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + "-wal"); !os.IsNotExist(err) {
		t.Errorf("the file is still open: %v", err)
	}
}

func remembered(t *testing.T, db *sql.DB) int {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	n := 0
	err = conn.Raw(func(c any) error {
		n = len(c.(*wellRead).known)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
