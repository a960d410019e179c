package store

import (
	"errors"
	"time"

	"github.com/holdless/holdless/callback"
)

// Partial indexes serve only queries with the very same words, so the states
// stand in the text and are never arguments.
const (
	waiting = `state IN ('booked', 'retry_wait')`
	isOpen  = `state NOT IN ('held', 'done', 'expired', 'cancelled', 'failed')`
)

const callbackCols = `id, queue, phone, name, topic, lang, note, owner, agent, talk, state, at, wall, zone,
	hold_until, due_at, until, attempts, boot, version, idem_key, created_at, updated_at, caller, moves, place`

func callbackInto(c *callback.Callback) []any {
	return []any{
		&c.ID, &c.Queue, &c.Phone, &c.Name, &c.Topic, &c.Lang, &c.Note, &c.Owner, &c.Agent, &c.Talk,
		&c.State,
		moment{&c.At},
		&c.Wall, &c.Zone,
		moment{&c.HoldUntil},
		moment{&c.DueAt},
		moment{&c.Until},
		&c.Attempts, &c.Boot, &c.Version, &c.Key,
		moment{&c.CreatedAt},
		moment{&c.UpdatedAt},
		&c.Caller, &c.Moves,
		moment{&c.Place},
	}
}

func callbackArgs(c callback.Callback) []any {
	return []any{
		c.ID, c.Queue, c.Phone, c.Name, c.Topic, c.Lang, c.Note, c.Owner, c.Agent, c.Talk,
		c.State, c.At, c.Wall, c.Zone, c.HoldUntil, c.DueAt, c.Until,
		c.Attempts, c.Boot, c.Version, c.Key, c.CreatedAt, c.UpdatedAt, c.Caller, c.Moves, c.Place,
	}
}

// Callback implements [callback.Callbacks].
func (t *tx) Callback(id string) (callback.Callback, error) {
	return first(t, callbackInto, `SELECT `+callbackCols+` FROM callback WHERE id = $1`+t.lock, id)
}

const openCallback = `SELECT ` + callbackCols + ` FROM callback
	WHERE queue = $1 AND phone = $2 AND ` + isOpen

// OpenCallback implements [callback.Callbacks].
func (t *tx) OpenCallback(queue string, phone callback.Phone) (callback.Callback, error) {
	return first(t, callbackInto, openCallback+t.lock, queue, phone)
}

// AddCallback implements [callback.Callbacks].
func (t *tx) AddCallback(c callback.Callback) error {
	err := t.add(`INSERT INTO callback (`+callbackCols+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
		ON CONFLICT DO NOTHING`, callbackArgs(c)...)
	if !errors.Is(err, callback.ErrKnown) {
		return err
	}
	var n int
	err = t.one(`SELECT COUNT(*) FROM callback WHERE id = $1 OR (idem_key = $2 AND idem_key <> '')`, []any{c.ID, c.Key}, &n)
	if err == nil && n > 0 {
		return callback.ErrKnown
	}
	return errors.Join(err, callback.ErrBooked)
}

// MoveCallback implements [callback.Callbacks]. The unique index would find a
// second open callback too, but end the transaction with it.
func (t *tx) MoveCallback(c callback.Callback, from callback.State) error {
	err := t.must(callback.ErrMoved, `UPDATE callback SET
			queue = $2, phone = $3, name = $4, topic = $5, lang = $6, note = $7, owner = $8, agent = $9, talk = $10,
			state = $11, at = $12, wall = $13, zone = $14, hold_until = $15, due_at = $16, until = $17,
			attempts = $18, boot = $19, version = $20 + 1, idem_key = $21, created_at = $22, updated_at = $23, caller = $24,
			moves = $25, place = $26
		WHERE id = $1 AND state = $27 AND version = $20
			AND ($11 IN ('held', 'done', 'expired', 'cancelled', 'failed') OR NOT EXISTS (
				SELECT 1 FROM callback AS other
				WHERE other.queue = $2 AND other.phone = $3 AND other.id <> $1
					AND other.state NOT IN ('held', 'done', 'expired', 'cancelled', 'failed')))`,
		append(callbackArgs(c), from)...)
	if !errors.Is(err, callback.ErrMoved) {
		return err
	}
	var n int
	err = t.one(`SELECT COUNT(*) FROM callback WHERE id = $1 AND state = $2 AND version = $3`, []any{c.ID, from, c.Version}, &n)
	if err == nil && n > 0 {
		return callback.ErrBooked
	}
	return errors.Join(err, callback.ErrMoved)
}

func (d *dialect) dueCallbacks() string {
	return `SELECT ` + callbackCols + ` FROM callback` + d.index("callback_due") + `
		WHERE ` + waiting + ` AND due_at <= $1
		ORDER BY due_at, id LIMIT $2` + kept
}

// DueCallbacks implements [callback.Callbacks].
func (t *tx) DueCallbacks(now time.Time, most int) ([]callback.Callback, error) {
	return list(t, callbackInto, t.d.dueCallbacks()+t.claim, now, most)
}

// nextDue is a few steps into indexes. A message that is leased is due when its
// lease is over.
func (d *dialect) nextDue() string {
	return `SELECT COALESCE(MIN(due), 0) FROM (
			SELECT MIN(due_at) AS due FROM callback` + d.index("callback_due") + ` WHERE ` + waiting + ` AND due_at > $1
			UNION ALL SELECT MIN(due_at) FROM outbox` + d.index("outbox_due") + ` WHERE done_at = 0 AND lease = 0 AND due_at > $1
			UNION ALL SELECT MIN(CASE WHEN lease > due_at THEN lease ELSE due_at END)
				FROM outbox` + d.index("outbox_leased") + ` WHERE done_at = 0 AND lease > 0 AND (lease > $1 OR due_at > $1)
		) AS all_due`
}

// NextDue implements [callback.Callbacks].
func (t *tx) NextDue(after time.Time) (time.Time, error) {
	var ms int64
	err := t.one(t.d.nextDue(), []any{after}, &ms)
	return instant(ms), err
}

// FindCallbacks implements [callback.Callbacks].
func (t *tx) FindCallbacks(f callback.Filter) ([]callback.Callback, error) {
	query, args := findCallbacks(f)
	return list(t, callbackInto, query, args...)
}

// afterDigits follows every digit: a number that begins with a prefix lies
// between the prefix and the prefix with this behind it.
const afterDigits = ":"

func findCallbacks(f callback.Filter) (query string, args []any) {
	var w where
	w.add(f.Queue != "", `queue = %s`, f.Queue)
	w.add(f.Phone != "", `phone = %s`, f.Phone)
	w.add(f.Short != "", `substr(id, 1, 8) = %s`, f.Short)
	w.add(f.Prefix != "", `phone >= %s`, f.Prefix)
	w.add(f.Prefix != "", `phone < %s`, f.Prefix+afterDigits)
	w.add(f.Caller != "", `caller = %s AND caller <> ''`, f.Caller)
	w.add(f.Agent != "", `(owner = %[1]s OR agent = %[1]s)`, f.Agent)
	w.add(f.Boot != "", `boot = %s AND boot <> ''`, f.Boot)
	w.add(!f.From.IsZero(), `at >= %s`, f.From)
	w.add(!f.To.IsZero(), `at < %s`, f.To)
	w.add(!f.Since.IsZero() && f.Prefix == "", `created_at >= %s`, f.Since)
	w.add(!f.Since.IsZero() && f.Prefix != "", `+created_at >= %s`, f.Since) // by the prefix: few begin with it, and many are new
	w.add(!f.Moved.IsZero(), `updated_at >= %s`, f.Moved)
	order := `due_at`
	if f.Made {
		order = `created_at`
	}
	if f.After.ID != "" {
		w.add(true, `(`+order+`, id) > (`+w.arg(f.After.At)+`, %s)`, f.After.ID)
	}
	w.oneOf(`state`, f.States)
	most := f.Max
	if most == 0 {
		most = 1000
	}
	query = `SELECT ` + callbackCols + ` FROM callback` + w.text() + ` ORDER BY ` + order + `, id LIMIT ` + w.arg(most) + kept
	return query, w.args
}
