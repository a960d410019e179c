package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// sessionLimits keep one stopped process from stopping the others: what it has
// locked is given back.
var sessionLimits = map[string]string{
	"application_name":                    "holdless",
	"lock_timeout":                        "10s",
	"idle_in_transaction_session_timeout": "10s",
}

func openPostgres(ctx context.Context, address string) (*Store, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, problem{
			where: "address", what: "it is not understood", err: err, // pgx hides the password
			do: "write postgres://user@host:5432/name",
		}
	}
	for k, v := range sessionLimits {
		if cfg.RuntimeParams[k] == "" {
			cfg.RuntimeParams[k] = v
		}
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 5 * time.Second
	}
	if cfg.ValidateConnect == nil {
		cfg.ValidateConnect = writable
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	name := net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))) + "/" + cfg.Database
	s := &Store{write: db, read: db, d: &postgres, name: name}
	if err := s.fits(ctx); err != nil {
		return nil, errors.Join(s.explain(err), s.Close())
	}
	return s, nil
}

// writable refuses a connection to a standby, with the SQLSTATE of a write to it: of
// several hosts the next one is tried, and what a pool keeps is of the primary.
func writable(ctx context.Context, c *pgconn.PgConn) error {
	r := c.ExecParams(ctx, "SHOW transaction_read_only", nil, nil, nil, nil).Read()
	if r.Err == nil && string(r.Rows[0][0]) == "on" {
		return &pgconn.PgError{Severity: "FATAL", Code: "25006", Message: "a standby"}
	}
	return r.Err
}

// fits refuses a server on which promises could be lost or names garbled.
func (s *Store) fits(ctx context.Context) error {
	var version int
	var encoding, commit string
	row := s.write.QueryRowContext(ctx, `SELECT CAST(current_setting('server_version_num') AS INTEGER),
		current_setting('server_encoding'), current_setting('synchronous_commit')`)
	if err := row.Scan(&version, &encoding, &commit); err != nil {
		return err
	}
	switch {
	case version < 150000:
		return problem{where: s.name, what: fmt.Sprintf("PostgreSQL is version %d", version/10000), do: "upgrade it to 15 or later"}
	case encoding != "UTF8":
		return problem{where: s.name, what: "its encoding is " + encoding, do: "create it with ENCODING 'UTF8'"}
	case commit == "off":
		return problem{where: s.name, what: "synchronous_commit is off, so a crash would lose promises", do: "ALTER DATABASE ... SET synchronous_commit = on"}
	}
	return nil
}

// postgresAdvice tells what to do about an error of PostgreSQL.
func postgresAdvice(err error) (what, do string) {
	if errors.As(err, new(problem)) {
		return "", ""
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return serverAdvice(pg)
	}
	var refused *pgconn.ConnectError
	var broken net.Error
	if errors.As(err, &refused) || errors.As(err, &broken) && !errors.Is(err, context.DeadlineExceeded) {
		return "PostgreSQL cannot be reached", "start it, or correct the address"
	}
	return "", ""
}

// serverAdvice goes by the SQLSTATE codes in PostgreSQL's appendix A.
func serverAdvice(pg *pgconn.PgError) (what, do string) {
	switch pg.Code {
	case "28000", "28P01":
		return "PostgreSQL refuses the user", "correct user and password, or pg_hba.conf"
	case "3D000":
		return "there is no such database", "make it with createdb, or correct the address"
	case "42501":
		return "the user has too few rights", "GRANT CREATE, USAGE ON SCHEMA public to that user"
	case "53100":
		return "the disk is full", "free some space on PostgreSQL's disk; the service goes on by itself, or starts with the next try"
	case "53300":
		return "PostgreSQL has no connection left", "raise max_connections, or end other programs"
	case "55P03":
		return "another process keeps a row locked", "look at pg_stat_activity"
	case "57P01", "57P02", "57P03":
		return "PostgreSQL is starting or stopping", "wait; the service goes on by itself"
	case "25006":
		return "PostgreSQL is read-only", "connect to the primary, not to a standby"
	}
	return "", ""
}
