package store

import (
	"time"

	"github.com/holdless/holdless/callback"
)

const errandCols = `id, boot, agent, talk, deed, place, at, state`

func errandInto(e *callback.Errand) []any {
	return []any{&e.ID, &e.Boot, &e.Agent, &e.Talk, &e.Do, &e.To, moment{&e.At}, &e.State}
}

// AddErrand implements [callback.Errands].
func (t *tx) AddErrand(e callback.Errand) error {
	at, err := t.clock(e.At)
	if err != nil {
		return err
	}
	return t.add(`INSERT INTO errand (`+errandCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		e.ID, e.Boot, e.Agent, e.Talk, e.Do, e.To, at, e.State)
}

// Errand implements [callback.Errands].
func (t *tx) Errand(id string) (callback.Errand, error) {
	return first(t, errandInto, `SELECT `+errandCols+` FROM errand WHERE id = $1`, id)
}

const takeErrands = `UPDATE errand SET state = $1 WHERE boot = $2 AND state = $3 AND at > $4 RETURNING ` + errandCols

// TakeErrands implements [callback.Errands]. Who withdraws one at the same time waits
// for its row, and finds it taken; or it is not taken.
func (t *tx) TakeErrands(boot string, now time.Time, within time.Duration) ([]callback.Errand, error) {
	now, err := t.clock(now)
	if err != nil {
		return nil, err
	}
	return list(t, errandInto, takeErrands, callback.ErrandTaken, boot, callback.ErrandAsked, now.Add(-within))
}

// MoveErrand implements [callback.Errands].
func (t *tx) MoveErrand(id string, from, to callback.ErrandState) error {
	return t.must(callback.ErrMoved, `UPDATE errand SET state = $3, place = '' WHERE id = $1 AND state = $2`, id, from, to)
}

// DropErrands implements [callback.Errands].
func (t *tx) DropErrands(from, to callback.ErrandState) error {
	_, err := t.exec(`UPDATE errand SET state = $2, place = ''
		WHERE state = $1 AND boot IN (SELECT boot FROM node WHERE dead_at > 0)`, from, to)
	return err
}
