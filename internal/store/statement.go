package store

import (
	"context"
	"database/sql/driver"
	"errors"
)

// sqliteConn is what the driver's connections can do and database/sql uses.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// A reader makes connections that read each statement once: half of the time
// of a turn would go into reading the same few statements again.
type reader struct{ driver.Connector }

// Connect implements [driver.Connector].
func (r reader) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := c.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver lacks what transactions need"), c.Close())
	}
	return &wellRead{sqliteConn: conn, known: map[string]statement{}}, nil
}

// kept ends a LIMIT. SQLite looks at a bare argument there when it plans, and
// reads the whole statement again whenever one is bound: half of the time of
// a look for what is due.
const kept = ` + 0`

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// mostKnown bounds how many statements a connection remembers. All that the
// service uses fit, but a search may be put together in thousands of ways.
const mostKnown = 256

// wellRead is a connection that remembers statements. Nobody may run one again
// while its rows are being read; here they are always read to their end.
type wellRead struct {
	sqliteConn
	known map[string]statement
}

func (c *wellRead) statement(ctx context.Context, query string) (statement, error) {
	if s, ok := c.known[query]; ok {
		return s, nil
	}
	if len(c.known) >= mostKnown {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := made.(statement)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver's statements take no context"), made.Close())
	}
	c.known[query] = s
	return s, nil
}

func (c *wellRead) forget() error {
	var all []error
	for query, s := range c.known {
		all = append(all, s.Close())
		delete(c.known, query)
	}
	return errors.Join(all...)
}

// ExecContext implements [driver.ExecerContext].
func (c *wellRead) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args)
}

// QueryContext implements [driver.QueryerContext].
func (c *wellRead) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args)
}

// Close implements [driver.Conn]. SQLite keeps a file open for as long as it
// has a statement.
func (c *wellRead) Close() error {
	return errors.Join(c.forget(), c.sqliteConn.Close())
}
