package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/limits"
)

// Limits returns the book of what strangers may do how often. Processes on one
// PostgreSQL share it. On SQLite a process is alone, and asks its memory.
func (s *Store) Limits() limits.Book {
	if s.d.goose == sqlite.goose {
		return &limits.Memory{}
	}
	return &shared{store: s}
}

// shared is the book of several processes. Where their clocks differ, it goes by
// the fastest: nobody gets more than one process alone would give him.
type shared struct {
	store *Store
	swept atomic.Int64 // when, in microseconds
}

var (
	_ limits.Book = (*limits.Memory)(nil)
	_ limits.Book = (*shared)(nil)
)

// errNoneLeft ends the transaction in which one limit had nothing left.
var errNoneLeft = errors.New("none left")

// Take implements [limits.Book].
func (b *shared) Take(ctx context.Context, now time.Time, all ...limits.Limit) (limits.Left, error) {
	var left limits.Left
	now = now.Truncate(time.Microsecond)
	when := asked{now, time.Now()}
	err := b.store.Update(ctx, func(t callback.Tx) (err error) {
		left, err = t.(*tx).takeAll(when, inOrder(all))
		return err
	})
	if errors.Is(err, errNoneLeft) {
		err = nil
	}
	b.sweep(ctx, now)
	return left, err
}

// inOrder sorts limits, so that those who take several never wait for each other
// in a circle.
func inOrder(all []limits.Limit) []limits.Limit {
	return slices.SortedFunc(slices.Values(all), func(a, b limits.Limit) int { return strings.Compare(a.Name(), b.Name()) })
}

// asked is when somebody asked, by the clock that he named and by our own.
type asked struct{ now, began time.Time }

// takeAll takes one from each limit. When one of them has none it is
// errNoneLeft, with how long it is until all have.
func (t *tx) takeAll(when asked, all []limits.Limit) (left limits.Left, err error) {
	for i, l := range all {
		one, err := t.take(when, l)
		if err != nil && !errors.Is(err, errNoneLeft) {
			return left, err
		}
		if i > 0 {
			one = left.And(one)
		}
		left = one
	}
	if left.Wait > 0 {
		return left, errNoneLeft
	}
	return left, nil
}

// take takes one from a limit. Who has waited for the database until there was
// one is not refused: what others took meanwhile, they took at a later time than
// he asked at. The row is his by then, and he waits no more.
func (t *tx) take(when asked, l limits.Limit) (limits.Left, error) {
	left, err := t.takeAt(when.now, l)
	if waited := time.Since(when.began); errors.Is(err, errNoneLeft) && waited >= left.Wait {
		return t.takeAt(when.now.Add(waited), l)
	}
	return left, err
}

// takeAt takes one in one statement: two who take the last one queue on its row,
// and the second finds nothing.
func (t *tx) takeAt(now time.Time, l limits.Limit) (limits.Left, error) {
	var full int64
	err := t.one(`INSERT INTO allowance (name, full_at) VALUES ($1, CAST($2 AS BIGINT) + $3)
		ON CONFLICT (name) DO UPDATE SET full_at = GREATEST(allowance.full_at, $2) + $3
		WHERE allowance.full_at <= CAST($2 AS BIGINT) + $4 RETURNING full_at`,
		[]any{l.Name(), now.UnixMicro(), l.Every.Microseconds(), l.Room().Microseconds()}, &full)
	if err == nil {
		return l.After(time.UnixMicro(full).Sub(now)), nil
	}
	if !errors.Is(err, callback.ErrNotFound) {
		return limits.Left{}, err
	}
	if err := t.one(`SELECT full_at FROM allowance WHERE name = $1`, []any{l.Name()}, &full); err != nil {
		return limits.Left{}, err
	}
	_, left := l.Take(time.UnixMicro(full), now)
	return left, errNoneLeft
}

// Give implements [limits.Book].
func (b *shared) Give(ctx context.Context, _ time.Time, all ...limits.Limit) error {
	return b.store.Update(ctx, func(t callback.Tx) error {
		for _, l := range inOrder(all) {
			_, err := t.(*tx).exec(`UPDATE allowance SET full_at = full_at - $2 WHERE name = $1`, l.Name(), l.Every.Microseconds())
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// sweepEvery is how often full limits are forgotten, and sweepMost how many of
// them at once.
const (
	sweepEvery = time.Minute
	sweepMost  = 5000
)

// sweep forgets limits that are full, which nobody needs. What it cannot do now
// it does in a minute.
func (b *shared) sweep(ctx context.Context, now time.Time) {
	last := b.swept.Load()
	if now.Sub(time.UnixMicro(last)) < sweepEvery || !b.swept.CompareAndSwap(last, now.UnixMicro()) {
		return
	}
	_ = b.store.Update(ctx, func(t callback.Tx) error {
		_, err := t.(*tx).exec(`DELETE FROM allowance WHERE name IN
			(SELECT name FROM allowance WHERE full_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
			now.Add(-sweepEvery).UnixMicro(), sweepMost)
		return err
	})
}
