// Package store keeps what must survive a restart, in SQLite or PostgreSQL.
//
// Every query is one text for both databases; what differs is in dialect.go.
// Times are kept as Unix milliseconds in UTC, and the zero time as 0, so a
// time that is read back has lost its microseconds and its zone. Text loses
// NUL and broken UTF-8, which PostgreSQL does not take.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/holdless/holdless/callback"
)

// Config says where the database is.
type Config struct {
	Database string // "" for SQLite in Dir, or postgres://user@host/db
	Dir      string // directory of holdless.db; made when it is not there
	Beside   string // directory of files that are backed up and restored with SQLite, such as recordings; "" for none
	// Patience is how long a transaction may take, its wait for others
	// included; 0 for DefaultPatience.
	Patience time.Duration
}

// DefaultPatience is about as long as somebody on the line waits for an answer.
// Lines take the cancel off their context, so nothing else would end a wait.
const DefaultPatience = 5 * time.Second

// Store implements [callback.Store].
type Store struct {
	write *sql.DB
	read  *sql.DB
	d     *dialect
	name  string // the database in words, without a password
	limit time.Duration

	// Of SQLite; nil on PostgreSQL.
	beside  string   // see [Config]
	lock    *os.File // keeps a second process out
	copies  *checkpointer
	looked  time.Time   // when its file was looked through; zero when it was not
	spoiled atomic.Bool // it was found to be damaged since
}

var _ callback.Store = (*Store)(nil)

// Open opens the database, makes it when there is none, and brings its tables
// up to date. Its errors are one line that says what to do.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s.limit, s.beside = cmp.Or(cfg.Patience, DefaultPatience), cfg.Beside
	for _, step := range []func(context.Context) error{s.bindsByNumber, s.migrate} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(s.explain(err), s.Close())
		}
	}
	return s, nil
}

func open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Database == "" {
		return openSQLite(ctx, cfg.Dir)
	}
	if strings.HasPrefix(cfg.Database, "postgres://") || strings.HasPrefix(cfg.Database, "postgresql://") {
		return openPostgres(ctx, cfg.Database)
	}
	return nil, problem{
		where: "address", what: "it begins neither with postgres:// nor is it empty",
		do: `write postgres://user@host/name, or "" for SQLite in the data directory`,
	}
}

// Close ends all connections and lets another process in.
func (s *Store) Close() error {
	var err error
	if s.copies != nil {
		err = s.copies.close()
	}
	err = errors.Join(err, s.read.Close())
	if s.write != s.read {
		err = errors.Join(err, s.write.Close())
	}
	if s.lock != nil {
		err = errors.Join(err, s.rest(), unlockFile(s.lock), s.lock.Close())
	}
	return err
}

var errImpatient = errors.New("no answer in time")

// tries bounds how often Update begins again when transactions collided.
const tries = 12

// Update implements [callback.Store].
func (s *Store) Update(ctx context.Context, fn func(callback.Tx) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.limit, errImpatient)
	defer cancel()
	for try := 1; ; try++ {
		again, err := s.update(ctx, fn)
		if err == nil && s.copies != nil {
			s.copies.committed()
		}
		if err == nil || !again || try == tries {
			return s.explainIn(ctx, err)
		}
		// Those who collided must not meet again at the same moment.
		wait := time.NewTimer(rand.N(time.Duration(try) * 5 * time.Millisecond)) //nolint:gosec // no secret
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return s.explainIn(ctx, err)
		}
	}
}

func (s *Store) update(ctx context.Context, fn func(callback.Tx) error) (again bool, err error) {
	dbtx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer dbtx.Rollback()
	t := &tx{ctx: ctx, sql: dbtx, d: s.d, lock: s.d.lock, claim: s.d.claim}
	if err = fn(t); err == nil {
		err = t.flush()
	}
	// What went wrong inside decides, even if fn made light of it: the
	// transaction is dead.
	if err == nil && t.broken == nil {
		err = dbtx.Commit()
	}
	if t.broken != nil {
		err = t.broken
	}
	return s.d.again(err), err
}

// View implements [callback.Store].
func (s *Store) View(ctx context.Context, fn func(callback.Tx) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.limit, errImpatient)
	defer cancel()
	dbtx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: s.d.snapshot})
	if err != nil {
		return s.explainIn(ctx, err)
	}
	defer dbtx.Rollback()
	return s.explainIn(ctx, fn(&tx{ctx: ctx, sql: dbtx, d: s.d}))
}

// Ping writes one row, so that a database that takes no writes is not ready.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.limit, errImpatient)
	defer cancel()
	_, err := s.write.ExecContext(ctx, `
		INSERT INTO probe (id, n) VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET n = probe.n + 1`)
	return s.explainIn(ctx, err)
}

// bindsByNumber makes sure that $2 is the second argument wherever it stands.
// All SQL here relies on it, and not every SQLite driver does it.
func (s *Store) bindsByNumber(ctx context.Context) error {
	var second, first int
	row := s.write.QueryRowContext(ctx, `SELECT CAST($2 AS INTEGER), CAST($1 AS INTEGER)`, 10, 20)
	if err := row.Scan(&second, &first); err != nil {
		return err
	}
	if second != 20 || first != 10 {
		return errors.New("driver binds arguments by place, not by number")
	}
	return nil
}
