package store

import (
	"time"

	"github.com/holdless/holdless/callback"
)

const nodeCols = `boot, host, started_at, seen_at, dead_at`

func nodeInto(n *callback.Node) []any {
	return []any{&n.Boot, &n.Host, moment{&n.StartedAt}, moment{&n.SeenAt}, moment{&n.DeadAt}}
}

// Beat implements [callback.Nodes].
func (t *tx) Beat(n callback.Node) error {
	if !n.DeadAt.IsZero() {
		return t.put(`UPDATE node SET dead_at = $2 WHERE boot = $1`, n.Boot, n.DeadAt)
	}
	seen, err := t.clock(n.SeenAt)
	if err != nil {
		return err
	}
	return t.must(callback.ErrMoved, `INSERT INTO node (`+nodeCols+`) VALUES ($1, $2, $3, $4, 0)
		ON CONFLICT (boot) DO UPDATE SET seen_at = excluded.seen_at WHERE node.dead_at = 0`,
		n.Boot, n.Host, n.StartedAt, seen)
}

// clock tells the database's time, so that processes whose clocks differ agree
// on who is alive. SQLite has one process, and its clock is the one.
func (t *tx) clock(ours time.Time) (time.Time, error) {
	if t.d.clock == "" {
		return ours, nil
	}
	var now time.Time
	err := t.one(t.d.clock, nil, moment{&now})
	return now, err
}

// Nodes implements [callback.Nodes].
func (t *tx) Nodes() ([]callback.Node, error) {
	return list(t, nodeInto, `SELECT `+nodeCols+` FROM node ORDER BY started_at, boot`)
}

// StartRun implements [callback.Nodes].
func (t *tx) StartRun(job, key, boot string, at time.Time) (bool, error) {
	n, err := t.exec(`INSERT INTO cron_run (job, run_key, boot, started_at, finished_at)
		VALUES ($1, $2, $3, $4, 0) ON CONFLICT (job, run_key) DO UPDATE SET boot = excluded.boot
		WHERE cron_run.finished_at = 0 AND cron_run.boot IN (SELECT boot FROM node WHERE dead_at > 0)`, job, key, boot, at)
	return n == 1, err
}

// FinishRun implements [callback.Nodes].
func (t *tx) FinishRun(job, key string, at time.Time) error {
	return t.put(`UPDATE cron_run SET finished_at = $3 WHERE job = $1 AND run_key = $2`, job, key, at)
}

// LastRun implements [callback.Nodes].
func (t *tx) LastRun(job string) (key string, at time.Time, err error) {
	err = t.one(`SELECT run_key, started_at FROM cron_run
		WHERE job = $1 ORDER BY started_at DESC, run_key DESC LIMIT 1`, []any{job}, &key, moment{&at})
	return key, at, err
}
