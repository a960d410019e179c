package store

import (
	"context"
	"database/sql"
	"sync/atomic"
)

// How often what was committed is copied from the log of SQLite into the
// database file. Whoever commits next would have to wait for that, a caller as
// a rule; so it is done beside the writer, after so many commits. The log can
// begin anew only at a moment at which all of it was copied. When no such
// moment comes, the writer sees to it at so many pages, and has little left to
// copy.
const (
	checkpointCommits = 64
	checkpointPages   = "wal_autocheckpoint(4000)"
)

// A checkpointer copies the log beside the writer.
type checkpointer struct {
	db      *sql.DB
	commits atomic.Uint64
	due     chan struct{}
	stop    context.CancelFunc
	over    chan struct{} // closed when it has stopped
}

func newCheckpointer(db *sql.DB) *checkpointer {
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{db: db, due: make(chan struct{}, 1), stop: stop, over: make(chan struct{})}
	go c.run(ctx)
	return c
}

func (c *checkpointer) run(ctx context.Context) {
	defer close(c.over)
	for {
		select {
		case <-c.due:
			// To copy less than all is no fault, and what fails is tried again.
			_, _ = c.db.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`)
		case <-ctx.Done():
			return
		}
	}
}

// committed counts a commit.
func (c *checkpointer) committed() {
	if c.commits.Add(1)%checkpointCommits != 0 {
		return
	}
	select {
	case c.due <- struct{}{}:
	default: // one is due already
	}
}

func (c *checkpointer) close() error {
	c.stop()
	<-c.over
	return c.db.Close()
}
