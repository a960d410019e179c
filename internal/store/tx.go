package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/walk"
)

// A tx is one transaction. It keeps its context because the methods of
// [callback.Tx] are called within it only.
type tx struct {
	ctx      context.Context
	sql      *sql.Tx
	d        *dialect
	lock     string             // as in dialect; "" in a View
	claim    string             // as in dialect; "" in a View
	entries  []callback.Entry   // to be written last
	tallies  []walk.Tally       // likewise
	measures []callback.Measure // likewise
	roster   []callback.Status  // as it was read first; see Statuses
	broken   error              // what made the transaction useless
}

var _ callback.Tx = (*tx)(nil)

// exec runs a statement and counts the rows that it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	res, err := t.sql.ExecContext(t.ctx, query, bind(args)...)
	if err != nil {
		return 0, t.fail(err)
	}
	return res.RowsAffected()
}

// add is exec of an INSERT; no row is an ErrKnown.
func (t *tx) add(query string, args ...any) error {
	return t.must(callback.ErrKnown, query, args...)
}

// put is exec of an UPDATE of one row; no row is an ErrNotFound.
func (t *tx) put(query string, args ...any) error {
	return t.must(callback.ErrNotFound, query, args...)
}

func (t *tx) must(none error, query string, args ...any) error {
	n, err := t.exec(query, args...)
	if err == nil && n == 0 {
		return none
	}
	return err
}

// one scans the first row into dest; no row is an ErrNotFound.
func (t *tx) one(query string, args []any, dest ...any) error {
	err := t.sql.QueryRowContext(t.ctx, query, bind(args)...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return callback.ErrNotFound
	}
	return t.fail(err)
}

// fail remembers errors after which PostgreSQL does nothing more in this
// transaction.
func (t *tx) fail(err error) error {
	if err != nil && t.broken == nil {
		t.broken = err
	}
	return err
}

// A columns function says where the columns of a query go in a T.
type columns[T any] func(*T) []any

func first[T any](t *tx, cols columns[T], query string, args ...any) (T, error) {
	var v, none T
	if err := t.one(query, args, cols(&v)...); err != nil {
		return none, err
	}
	return v, nil
}

func list[T any](t *tx, cols columns[T], query string, args ...any) ([]T, error) {
	rows, err := t.sql.QueryContext(t.ctx, query, bind(args)...)
	if err != nil {
		return nil, t.fail(err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var v T
		if err := rows.Scan(cols(&v)...); err != nil {
			return nil, t.fail(err)
		}
		all = append(all, v)
	}
	return all, t.fail(rows.Err())
}

// bind turns arguments into what both databases take alike.
func bind(args []any) []any {
	for i, arg := range args {
		switch v := arg.(type) {
		case time.Time:
			args[i] = millis(v)
		case bool:
			args[i] = 0
			if v {
				args[i] = 1
			}
		default:
			if r := reflect.ValueOf(arg); r.Kind() == reflect.String {
				args[i] = strings.ReplaceAll(strings.ToValidUTF8(r.String(), "\uFFFD"), "\x00", "")
			}
		}
	}
	return args
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// A moment scans a time.
type moment struct{ t *time.Time }

// Scan implements [sql.Scanner].
func (m moment) Scan(src any) error {
	ms, ok := src.(int64)
	if !ok {
		return fmt.Errorf("time is a %T", src)
	}
	*m.t = instant(ms)
	return nil
}

// A span scans milliseconds.
type span struct{ d *time.Duration }

// Scan implements [sql.Scanner].
func (s span) Scan(src any) error {
	ms, ok := src.(int64)
	if !ok {
		return fmt.Errorf("duration is a %T", src)
	}
	*s.d = time.Duration(ms) * time.Millisecond
	return nil
}

// A doc scans JSON.
type doc struct{ v any }

// Scan implements [sql.Scanner].
func (d doc) Scan(src any) error {
	switch s := src.(type) {
	case string:
		return json.Unmarshal([]byte(s), d.v)
	case []byte:
		return json.Unmarshal(s, d.v)
	}
	return fmt.Errorf("JSON is a %T", src)
}
