package store

import (
	"errors"
	"time"

	"github.com/holdless/holdless/callback"
)

// Pace implements [callback.Paces].
func (t *tx) Pace(name string) (time.Time, error) {
	if err := t.lockName("pace " + name); err != nil {
		return time.Time{}, err
	}
	until, err := first(t, func(at *time.Time) []any { return []any{moment{at}} }, `SELECT until FROM pace WHERE name = $1`, name)
	if errors.Is(err, callback.ErrNotFound) {
		return time.Time{}, nil
	}
	return until, err
}

// PutPace implements [callback.Paces].
func (t *tx) PutPace(name string, until time.Time) error {
	_, err := t.exec(`INSERT INTO pace (name, until) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET until = excluded.until`, name, until)
	return err
}
