package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Move copies all that a SQLite database has into an empty PostgreSQL one, in
// one transaction, and returns how many rows. The service must not run; the
// SQLite database stays as it is.
func Move(ctx context.Context, from, to Config) (rows int, err error) {
	if from.Database != "" || to.Database == "" {
		return 0, problem{where: "address", what: "a SQLite database can be moved to PostgreSQL, and nothing else", do: "name it postgres://user@host/name"}
	}
	old, err := Open(ctx, from)
	if err != nil {
		return 0, err
	}
	fresh, err := Open(ctx, to)
	if err != nil {
		return 0, errors.Join(err, old.Close())
	}
	rows, err = fresh.take(ctx, old)
	return rows, errors.Join(err, fresh.Close(), old.Close())
}

// take copies every table of another database.
func (s *Store) take(ctx context.Context, from *Store) (int, error) {
	dbtx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return 0, s.explain(err)
	}
	defer dbtx.Rollback()
	tables, err := from.tables(ctx)
	if err != nil {
		return 0, from.explain(err)
	}
	all := 0
	for _, t := range tables {
		n, err := t.copyFrom(ctx, from, dbtx)
		if err != nil {
			return 0, fmt.Errorf("copy table %s: %w", t.name, s.explain(err))
		}
		all += n
	}
	return all, s.explain(dbtx.Commit())
}

// A table is what is copied in one go.
type table struct {
	name    string
	columns []string
}

// tables lists those that have our rows, each before those that refer to it.
func (s *Store) tables(ctx context.Context) ([]table, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT t.name, c.name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE 'goose_%' AND t.name <> 'probe'
		ORDER BY t.name = 'attempt', t.name, c.cid`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []table
	for rows.Next() {
		var name, column string
		if err := rows.Scan(&name, &column); err != nil {
			return nil, err
		}
		if len(all) == 0 || all[len(all)-1].name != name {
			all = append(all, table{name: name})
		}
		last := &all[len(all)-1]
		last.columns = append(last.columns, column)
	}
	return all, rows.Err()
}

func (t table) copyFrom(ctx context.Context, from *Store, to *sql.Tx) (int, error) {
	var there int
	if err := to.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+t.name).Scan(&there); err != nil {
		return 0, err
	}
	if there > 0 {
		return 0, problem{where: t.name, what: "the database at the other end is not empty", do: "name an empty one: createdb"}
	}
	rows, err := from.read.QueryContext(ctx, `SELECT `+strings.Join(t.columns, ", ")+` FROM `+t.name)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	into, err := to.PrepareContext(ctx, t.insert())
	if err != nil {
		return 0, err
	}
	defer func() { _ = into.Close() }() // it ends with the transaction
	n := 0
	for ; rows.Next(); n++ {
		values := make([]any, len(t.columns))
		places := make([]any, len(values))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return n, err
		}
		if _, err := into.ExecContext(ctx, values...); err != nil {
			return n, err
		}
	}
	return n, errors.Join(rows.Err(), t.countOn(ctx, to))
}

func (t table) insert() string {
	places := make([]string, len(t.columns))
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	return fmt.Sprintf(`INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)`,
		t.name, strings.Join(t.columns, ", "), strings.Join(places, ", "))
}

// countOn lets the numbers of new rows follow those that were copied.
func (t table) countOn(ctx context.Context, to *sql.Tx) error {
	for _, c := range t.columns {
		if c != "seq" {
			continue
		}
		_, err := to.ExecContext(ctx, fmt.Sprintf(
			`SELECT setval(pg_get_serial_sequence('%[1]s', 'seq'), GREATEST((SELECT COALESCE(MAX(seq), 0) FROM %[1]s), 1))`, t.name))
		return err
	}
	return nil
}
