package store

import (
	"context"
	"fmt"
	"time"
)

// purges say what is over and old, in the order in which it goes.
var purges = []struct{ table, key, old string }{
	{"talk", "seq", `closed = 1 AND began_at < $1 AND ended_at < $1`},
	{"talk", "seq", `closed = 0 AND began_at + 604800000 < $1`},                                   // a week: a text nobody answered, a call lost in a crash
	{"callback", "id", `state IN ('done', 'expired', 'cancelled', 'failed') AND updated_at < $1`}, // and its attempts
	{"attempt", "ref", `callback IS NULL AND intent_at < $1`},
	{"outbox", "seq", `done_at > 0 AND done_at < $1`},
	{"inbox", "seq", `at < $1`},
	{"journal", "seq", `at < $1`},
	{"survey", "talk", `asked_at < $1`},
	{"speaker", "phone", `at < $1`},
	{"score", "talk", `at < $1`},
	{"contact", "id", `at < $1`},
	{"told", "id", `at < $1`},
	{"api_answer", "at", `at < $1`},
	{"hook_delivery", "id", `made_at < $1`},
	{"undo", "callback", `at < $1`},
	{"errand", "id", `at < $1`},
}

// leftovers are few, and go at once.
var leftovers = []string{
	`DELETE FROM slot WHERE starts_at < $1 AND NOT EXISTS (
		SELECT 1 FROM callback WHERE callback.queue = slot.queue AND callback.at = slot.starts_at)`,
	`DELETE FROM block WHERE until > 0 AND until < $1`,
	`DELETE FROM node WHERE dead_at > 0 AND dead_at < $1`,
	`DELETE FROM tally WHERE hour < $1`,
	`DELETE FROM pulse_word WHERE week < $1`,
	`DELETE FROM menu_version WHERE used_at < $1 AND NOT EXISTS (
		SELECT 1 FROM menu_live WHERE menu_live.menu = menu_version.menu
			AND menu_version.version IN (menu_live.version, menu_live.trial)) AND NOT EXISTS (
		SELECT 1 FROM talk WHERE talk.closed = 0 AND talk.menu = menu_version.menu AND talk.version = menu_version.version)`,
	// The last run of each job stays: it says what was missed.
	`DELETE FROM cron_run WHERE started_at < $1 AND started_at < (
		SELECT MAX(last.started_at) FROM cron_run AS last WHERE last.job = cron_run.job)`,
}

// purgeBatch bounds a transaction, so that callers do not wait for a purge.
const purgeBatch = 500

// Purge deletes what was over before an instant: talks, callbacks at an
// end with their attempts, messages sent and received, and the journal. It
// returns how many rows went.
func (s *Store) Purge(ctx context.Context, before time.Time) (int64, error) {
	var all int64
	for _, p := range purges {
		statement := fmt.Sprintf(`DELETE FROM %[1]s WHERE %[2]s IN (SELECT %[2]s FROM %[1]s WHERE %[3]s LIMIT $2)`,
			p.table, p.key, p.old)
		for {
			n, err := s.purge(ctx, statement, before, purgeBatch)
			all += n
			if err != nil {
				return all, fmt.Errorf("purge %s: %w", p.table, err)
			}
			if n < purgeBatch {
				break
			}
		}
	}
	for _, statement := range leftovers {
		n, err := s.purge(ctx, statement, before)
		all += n
		if err != nil {
			return all, fmt.Errorf("purge: %w", err)
		}
	}
	return all, nil
}

func (s *Store) purge(ctx context.Context, statement string, args ...any) (int64, error) {
	res, err := s.write.ExecContext(ctx, statement, bind(args)...)
	if err != nil {
		return 0, s.explain(err)
	}
	return res.RowsAffected()
}
