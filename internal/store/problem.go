package store

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	driver "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"
)

// A problem is an error for the person who runs the service: where, what is
// wrong, and what to do, in one line.
type problem struct {
	where string // the database
	what  string
	do    string
	err   error // the driver's words; nil when there is nothing to add
}

// Error implements error.
func (p problem) Error() string {
	line := "database " + p.where + ": " + p.what
	if p.err != nil {
		line += " (" + strings.Join(strings.Fields(p.err.Error()), " ") + ")"
	}
	return line + ": " + p.do
}

// Unwrap lets callers see the driver's error.
func (p problem) Unwrap() error { return p.err }

// explain adds what to do about an error of the database. Other errors, the
// desk's own above all, pass as they are.
func (s *Store) explain(err error) error {
	if err == nil {
		return nil
	}
	what, do := s.d.advice(err)
	if what == "" {
		return err
	}
	if what == damaged {
		s.spoil()
	}
	return problem{where: s.name, what: what, do: do, err: err}
}

// explainIn is explain for an error that came when ctx may have been over.
func (s *Store) explainIn(ctx context.Context, err error) error {
	if err == nil || !errors.Is(context.Cause(ctx), errImpatient) {
		return s.explain(err)
	}
	return problem{
		where: s.name, what: "no answer within " + s.limit.String(), err: err,
		do: "look whether its disk, its server or the network is stuck",
	}
}

// Passing reports whether what kept a database from being opened may pass by
// itself: a full disk, a server that is away or has too much to do.
func Passing(err error) bool {
	if lite, ok := errors.AsType[*driver.Error](err); ok {
		kind := lite.Code() & 0xff
		return kind == code.SQLITE_FULL || kind == code.SQLITE_IOERR // what lies in memory of the file finds no room either
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return slices.Contains([]string{"53100", "53300", "57P01", "57P02", "57P03"}, pg.Code)
	}
	_, away := errors.AsType[*pgconn.ConnectError](err)
	return away
}
