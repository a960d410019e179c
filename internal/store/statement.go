package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"
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
	return &wellRead{sqliteConn: conn, known: map[string]*known{}}, nil
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

// slow is how long a statement may have run last and still be trusted to end
// by itself.
const slow = 20 * time.Millisecond

// A known is a statement that was read before. The driver begins a goroutine
// for each run of a statement that may be cut short, a twentieth of the time of
// a turn; so only one that was slow the last time may be.
type known struct {
	statement
	slow bool
}

// begin returns the context to run it in, and what to do when it has run.
func (k *known) begin(ctx context.Context) (context.Context, func()) {
	began := time.Now()
	if !k.slow {
		ctx = context.WithoutCancel(ctx)
	}
	return ctx, func() { k.slow = time.Since(began) > slow }
}

// mostKnown bounds how many statements a connection remembers. All that the
// service uses fit, but a search may be put together in thousands of ways.
const mostKnown = 256

// wellRead is a connection that remembers statements. Nobody may run one again
// while its rows are being read; here they are always read to their end.
type wellRead struct {
	sqliteConn
	known map[string]*known
}

func (c *wellRead) statement(ctx context.Context, query string) (*known, error) {
	if k, ok := c.known[query]; ok {
		return k, ctx.Err()
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
	k := &known{statement: s}
	c.known[query] = k
	return k, nil
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
	k, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	ctx, ran := k.begin(ctx)
	defer ran()
	return k.ExecContext(ctx, args)
}

// QueryContext implements [driver.QueryerContext].
func (c *wellRead) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	k, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	ctx, ran := k.begin(ctx)
	defer ran()
	return k.QueryContext(ctx, args)
}

// Close implements [driver.Conn]. SQLite keeps a file open for as long as it
// has a statement.
func (c *wellRead) Close() error {
	return errors.Join(c.forget(), c.sqliteConn.Close())
}
