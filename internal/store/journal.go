package store

import (
	"errors"

	"github.com/holdless/holdless/callback"
)

const entryCols = `at, kind, talk, callback, queue, phone, actor, name, value`

func entryInto(e *callback.Entry) []any {
	return []any{
		&e.Seq, moment{&e.At}, &e.Kind, &e.Talk, &e.Callback, &e.Queue, &e.Phone, &e.Actor, &e.Name, &e.Value,
	}
}

// Record implements [callback.Journal]. Lines are written when the rest of the
// transaction is done, so that writers queue for the journal as briefly as can
// be, and never hold it while they wait for something else.
func (t *tx) Record(e callback.Entry) error {
	t.entries = append(t.entries, e)
	return nil
}

// flush writes the recorded lines. A sequence number is given under a lock
// that lasts until the commit: who reads number 7 will not meet a new 6.
func (t *tx) flush() error {
	if len(t.entries) == 0 && len(t.tallies) == 0 && len(t.measures) == 0 {
		return nil
	}
	if t.d.turn != "" {
		if _, err := t.exec(t.d.turn); err != nil {
			return err
		}
	}
	for _, e := range t.entries {
		_, err := t.exec(`INSERT INTO journal (`+entryCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			e.At, e.Kind, e.Talk, e.Callback, e.Queue, e.Phone, e.Actor, e.Name, e.Value)
		if err != nil {
			return err
		}
	}
	err := errors.Join(t.count(t.tallies), t.gauge(t.measures))
	t.entries, t.tallies, t.measures = nil, nil, nil
	return err
}

// Entries implements [callback.Journal].
func (t *tx) Entries(after int64, most int) ([]callback.Entry, error) {
	if err := t.flush(); err != nil {
		return nil, err
	}
	return list(t, entryInto, `SELECT seq, `+entryCols+` FROM journal
		WHERE seq > $1 ORDER BY seq LIMIT $2`+kept, after, most)
}
