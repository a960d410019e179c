package store

import (
	"errors"
	"time"

	"github.com/holdless/holdless/callback"
)

// rang are the calls to customers that may have reached a telephone.
const rang = `leg = 'customer' AND outcome NOT IN ('unsent', 'carrier')`

// Dialled implements [callback.Ledger].
func (t *tx) Dialled(f callback.DialFilter) (int, error) {
	query, args := dialled(f)
	var n int
	err := t.one(query, args, &n)
	return n, err
}

func dialled(f callback.DialFilter) (query string, args []any) {
	var w where
	w.add(true, rang+` AND intent_at >= %s`, f.Since)
	w.add(!f.Until.IsZero(), `intent_at < %s`, f.Until)
	w.add(f.Prefix != "", `phone >= %s`, f.Prefix)
	w.add(f.Prefix != "", `phone < %s`, f.Prefix+afterDigits)
	w.add(f.Shown != "", `shown = %s`, f.Shown)
	return `SELECT COUNT(*) FROM attempt` + w.text(), w.args
}

// over are calls that keep promises, and have ended: nobody can make us place
// others.
const over = rang + ` AND callback IS NOT NULL AND outcome <> 'interrupted' AND intent_at >= $1 AND ended_at > 0`

const ended = `SELECT ` + attemptCols + ` FROM attempt WHERE ` + over + ` ORDER BY intent_at DESC LIMIT $2`

const forsaken = `SELECT COALESCE(SUM(CASE WHEN outcome = 'abandoned' THEN 1 ELSE 0 END), 0), COUNT(*) FROM attempt
	WHERE ` + over + ` AND answered_at > 0 AND outcome <> 'machine'`

// Ended implements [callback.Ledger].
func (t *tx) Ended(since time.Time, most int) ([]callback.Attempt, error) {
	return list(t, attemptInto, ended, since, most)
}

// Forsaken implements [callback.Ledger].
func (t *tx) Forsaken(since time.Time) (left, answered int, err error) {
	err = t.one(forsaken, []any{since}, &left, &answered)
	return left, answered, err
}

// Dialing implements [callback.Ledger].
func (t *tx) Dialing() (callback.Dialing, error) {
	var d callback.Dialing
	err := t.one(`SELECT stopped, why, actor, at, resumes_at FROM dialing WHERE id = 1`, nil, &d.Stopped, &d.Why, &d.Actor, moment{&d.At}, moment{&d.Until})
	if errors.Is(err, callback.ErrNotFound) {
		return callback.Dialing{}, nil
	}
	return d, err
}

// PutDialing implements [callback.Ledger].
func (t *tx) PutDialing(d callback.Dialing) error {
	_, err := t.exec(`INSERT INTO dialing (id, stopped, why, actor, at, resumes_at) VALUES (1, $1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET stopped = $1, why = $2, actor = $3, at = $4, resumes_at = $5`, d.Stopped, d.Why, d.Actor, d.At, d.Until)
	return err
}
