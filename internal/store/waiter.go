package store

import (
	"time"

	"github.com/holdless/holdless/callback"
)

var _ callback.Waiters = (*tx)(nil)

const waiterCols = `talk, queue, phone, place, came, seen, ready, called, boot`

func waiterInto(w *callback.Waiter) []any {
	return []any{&w.Talk, &w.Queue, &w.Phone, moment{&w.Place}, moment{&w.Came}, moment{&w.Seen}, &w.Ready, &w.Called, &w.Boot}
}

// Waiter implements [callback.Waiters].
func (t *tx) Waiter(talk string) (callback.Waiter, error) {
	return first(t, waiterInto, `SELECT `+waiterCols+` FROM waiter WHERE talk = $1`, talk)
}

// Waiters implements [callback.Waiters].
func (t *tx) Waiters(queue string) ([]callback.Waiter, error) {
	if queue == "" {
		return list(t, waiterInto, `SELECT `+waiterCols+` FROM waiter ORDER BY place, talk`)
	}
	return list(t, waiterInto, `SELECT `+waiterCols+` FROM waiter WHERE queue = $1 ORDER BY place, talk`, queue)
}

// PutWaiter implements [callback.Waiters].
func (t *tx) PutWaiter(w callback.Waiter) error {
	_, err := t.exec(`INSERT INTO waiter (`+waiterCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (talk) DO UPDATE SET queue = $2, phone = $3, place = $4, came = $5, seen = $6, ready = $7, called = $8, boot = $9`,
		w.Talk, w.Queue, w.Phone, w.Place, w.Came, w.Seen, w.Ready, w.Called, w.Boot)
	return err
}

// DropWaiter implements [callback.Waiters].
func (t *tx) DropWaiter(talk string) error {
	_, err := t.exec(`DELETE FROM waiter WHERE talk = $1`, talk)
	return err
}

// Placed implements [callback.Waiters].
func (t *tx) Placed(queue string, before, due time.Time) (int, error) {
	var n int
	err := t.one(`SELECT COUNT(*) FROM callback
		WHERE queue = $1 AND place > 0 AND place < $2 AND due_at <= $3 AND `+waiting+`
		AND NOT EXISTS (SELECT 1 FROM waiter w WHERE w.queue = callback.queue AND w.phone = callback.phone)`, []any{queue, before, due}, &n)
	return n, err
}
