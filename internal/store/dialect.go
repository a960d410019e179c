package store

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// A dialect is all that differs between databases.
type dialect struct {
	goose    database.Dialect
	tokens   *strings.Replacer  // types in migrations
	snapshot sql.IsolationLevel // in which View sees one moment
	lock     string             // ends a SELECT of a row that will be changed
	claim    string             // ends a SELECT of rows that one worker takes
	name     string             // locks a name that has no row yet, until the end of the transaction
	turn     string             // lets journal writers commit one after the other
	clock    string             // the database's clock; "" for ours
	by       string             // makes a query use the index that follows; "" where statistics see to it
	again    func(error) bool   // the transaction collided: begin again
	advice   func(error) (what, do string)
}

var sqlite = dialect{
	goose:  goose.DialectSQLite3,
	tokens: strings.NewReplacer("{{int64}}", "INTEGER", "{{text}}", "TEXT", "{{pk}}", "INTEGER PRIMARY KEY AUTOINCREMENT", "{{strict}}", "STRICT", "{{fleeting}} ", ""),
	by:     " INDEXED BY ",
	again:  func(error) bool { return false }, // there is one writer
	advice: sqliteAdvice,
}

var postgres = dialect{
	goose: goose.DialectPostgres,
	// Order by bytes, as SQLite does.
	tokens:   strings.NewReplacer("{{int64}}", "BIGINT", "{{text}}", `TEXT COLLATE "C"`, "{{pk}}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "{{strict}}", "", "{{fleeting}}", "UNLOGGED"),
	snapshot: sql.LevelRepeatableRead,
	lock:     " FOR UPDATE",
	claim:    " FOR UPDATE SKIP LOCKED",
	name:     `SELECT pg_advisory_xact_lock(1751936868, hashtext($1))`,
	turn:     `SELECT pg_advisory_xact_lock(1751936869, 0)`,
	clock:    `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`,
	again:    collided,
	advice:   postgresAdvice,
}

// collided reports serialization failures, deadlocks, and a unique key that
// two transactions wrote at once; begun again, the later one sees the earlier.
func collided(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "23505")
}

// index is what stands behind the table in a query that must use that index.
func (d *dialect) index(name string) string {
	if d.by == "" {
		return ""
	}
	return d.by + name
}
