package store

import (
	"time"

	"github.com/holdless/holdless/callback"
)

// LockSlot implements [callback.Slots]. Counting without it oversells on
// PostgreSQL, whatever the counting statement looks like.
func (t *tx) LockSlot(queue string, at time.Time, capacity int) (int, error) {
	err := t.one(`INSERT INTO slot (queue, starts_at, capacity, touched) VALUES ($1, $2, $3, 1)
		ON CONFLICT (queue, starts_at) DO UPDATE SET touched = slot.touched + 1
		RETURNING capacity`, []any{queue, at, capacity}, &capacity)
	return capacity, err
}

const countSlots = `SELECT at, COUNT(*) FROM callback
	WHERE queue = $1 AND at >= $2 AND at < $3
		AND state NOT IN ('cancelled', 'expired') AND (state <> 'held' OR hold_until > $4)
	GROUP BY at`

// CountSlots implements [callback.Slots].
func (t *tx) CountSlots(queue string, from, to, now time.Time) (map[int64]int, error) {
	type count struct {
		at int64
		n  int
	}
	counts, err := list(t, func(c *count) []any { return []any{&c.at, &c.n} }, countSlots, queue, from, to, now)
	all := make(map[int64]int, len(counts))
	for _, c := range counts {
		all[c.at] = c.n
	}
	return all, err
}

// Block implements [callback.Blocks].
func (t *tx) Block(phone callback.Phone, kind callback.BlockKind, until time.Time) error {
	if _, err := t.exec(`DELETE FROM block WHERE phone = $1 AND kind = $2`, hashed(phone), kind); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO block (phone, kind, until) VALUES ($1, $2, $3)
		ON CONFLICT (phone, kind) DO UPDATE SET until = excluded.until`, phone, kind, until)
	return err
}

// Blocked implements [callback.Blocks].
func (t *tx) Blocked(phone callback.Phone, kind callback.BlockKind, now time.Time) (bool, error) {
	var n int
	err := t.one(`SELECT COUNT(*) FROM block
		WHERE phone IN ($1, $2) AND kind = $3 AND (until = 0 OR until > $4)`, []any{phone, hashed(phone), kind, now}, &n)
	return n > 0, err
}
