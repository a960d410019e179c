package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
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

// TestSlowStatement runs a statement that takes its time to the end, and cuts
// it short when it would take years.
func TestSlowStatement(t *testing.T) {
	t.Parallel()
	db := connect(filepath.Join(t.TempDir(), "test.db"), 1, "immediate", writerPragmas)
	defer db.Close()
	count := func(ctx context.Context, to int) error {
		var n int
		return db.QueryRowContext(ctx, `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < $1)
			SELECT COUNT(*) FROM c`, to).Scan(&n)
	}
	if err := count(t.Context(), 400_000); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := count(ctx, 1<<60); err == nil {
		t.Error("counted to the end of all numbers")
	}
	if err := count(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ran when it was too late: %v", err)
	}
	if err := count(t.Context(), 1); err != nil {
		t.Errorf("after that: %v", err)
	}
}
