package store

import (
	"context"
	"math"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/hooks"
)

var (
	_ hooks.Store = (*Store)(nil)
	_ hooks.Tx    = (*tx)(nil)
)

// UpdateHooks implements [hooks.Store].
func (s *Store) UpdateHooks(ctx context.Context, fn func(hooks.Tx) error) error {
	return s.Update(ctx, func(t callback.Tx) error { return fn(t.(*tx)) })
}

// ViewHooks implements [hooks.Store].
func (s *Store) ViewHooks(ctx context.Context, fn func(hooks.Tx) error) error {
	return s.View(ctx, func(t callback.Tx) error { return fn(t.(*tx)) })
}

// Hook implements [hooks.Tx].
func (t *tx) Hook(name string) (hooks.Hook, error) {
	return first(t, func(h *hooks.Hook) []any {
		return []any{&h.Name, &h.Seq, moment{&h.FailingSince}, moment{&h.DisabledAt}}
	},
		`SELECT name, seq, failing_since, disabled_at FROM hook WHERE name = $1`+t.lock, name)
}

// PutHook implements [hooks.Tx].
func (t *tx) PutHook(h hooks.Hook) error {
	_, err := t.exec(`INSERT INTO hook (name, seq, failing_since, disabled_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, failing_since = excluded.failing_since, disabled_at = excluded.disabled_at`,
		h.Name, h.Seq, h.FailingSince, h.DisabledAt)
	return err
}

const deliveryCols = `id, hook, seq, kind, callback, phone, body, made_at, due_at, lease, tries, done_at, status, err`

func deliveryInto(d *hooks.Delivery) []any {
	return []any{
		&d.ID, &d.Hook, &d.Seq, &d.Kind, &d.Callback, &d.Phone, &d.Body,
		moment{&d.MadeAt},
		moment{&d.DueAt},
		moment{&d.Lease},
		&d.Tries,
		moment{&d.DoneAt},
		&d.Status, &d.Err,
	}
}

// Delivery implements [hooks.Tx].
func (t *tx) Delivery(id string) (hooks.Delivery, error) {
	return first(t, deliveryInto, `SELECT `+deliveryCols+` FROM hook_delivery WHERE id = $1`+t.lock, id)
}

// AddDelivery implements [hooks.Tx].
func (t *tx) AddDelivery(d hooks.Delivery) error {
	return t.add(`INSERT INTO hook_delivery (`+deliveryCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		d.ID, d.Hook, d.Seq, d.Kind, d.Callback, d.Phone, d.Body, d.MadeAt, d.DueAt, d.Lease, d.Tries, d.DoneAt, d.Status, d.Err)
}

// PutDelivery implements [hooks.Tx].
func (t *tx) PutDelivery(d hooks.Delivery) error {
	return t.put(`UPDATE hook_delivery SET due_at = $2, lease = $3, tries = $4, done_at = $5, status = $6, err = $7 WHERE id = $1`,
		d.ID, d.DueAt, d.Lease, d.Tries, d.DoneAt, d.Status, d.Err)
}

// DueDeliveries implements [hooks.Tx].
func (t *tx) DueDeliveries(hook string, now time.Time, most int) ([]hooks.Delivery, error) {
	return list(t, deliveryInto, `SELECT `+deliveryCols+` FROM hook_delivery
		WHERE done_at = 0 AND hook = $1 AND due_at <= $2 AND lease <= $2 ORDER BY due_at, seq LIMIT $3`+kept+t.claim, hook, now, most)
}

// Deliveries implements [hooks.Tx].
func (t *tx) Deliveries(hook string, before hooks.Mark, most int) ([]hooks.Delivery, error) {
	if before == (hooks.Mark{}) {
		before.Seq = math.MaxInt64
	}
	return list(t, deliveryInto, `SELECT `+deliveryCols+` FROM hook_delivery
		WHERE hook = $1 AND (seq, id) < ($2, $3) ORDER BY seq DESC, id DESC LIMIT $4`+kept, hook, before.Seq, before.ID, most)
}
