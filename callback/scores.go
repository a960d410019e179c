package callback

import (
	"context"
	"errors"
	"time"

	"github.com/holdless/holdless/callback/figures"
)

// score keeps an answer, and counts it in the place of an earlier one of the
// same person to the same question.
func (d *Desk) score(tx Tx, t *Talk, a Asked, s Score) error {
	about := scope{queue: s.Queue, topic: a.Topic, lang: t.State.Lang, agent: s.Agent}
	old, err := tx.Score(s.Talk, s.Question)
	switch {
	case err == nil:
		err = tx.Measure(d.counted(about, old.At, figures.Count{Name: figures.Said(old.Question, old.Value), N: -1}))
	case errors.Is(err, ErrNotFound):
		err = nil
	}
	return errors.Join(err, tx.PutScore(s), tx.Measure(d.counted(about, s.At, figures.Count{Name: figures.Said(s.Question, s.Value), N: 1})))
}

// A Contented is somebody whom we spoke with a week ago, and whether he has
// come back about the same matter since.
type Contented struct {
	ID       string // of the callback, or of the contact
	Callback bool
	Queue    string
	Topic    string
	Lang     string
	Agent    string
	At       time.Time
	Again    bool
}

// rested is how long a matter must rest to count as solved.
const rested = 7 * day1

// settleBatch bounds a transaction, so that callers do not wait for it.
const settleBatch = 200

// Settle counts the matters that have rested long enough, each one once: what
// was counted stays when callbacks and contacts are deleted. It is done every
// hour, and before anything is deleted.
func (d *Desk) Settle(ctx context.Context) error {
	for done := false; !done; {
		err := d.Store.Update(ctx, func(tx Tx) error {
			all, err := tx.Unsettled(d.Now().Add(-rested), settleBatch)
			done = len(all) == 0
			if err != nil {
				return err
			}
			return errors.Join(tx.Settle(all), d.settleAll(tx, all))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) settleAll(tx Tx, all []Contented) error {
	var errs []error
	for _, c := range all {
		about := scope{queue: c.Queue, topic: c.Topic, lang: c.Lang, agent: c.Agent}
		errs = append(errs, tx.Measure(d.counted(about, c.At, figures.Count{Name: figures.Resolved, N: 1})))
		if c.Again {
			errs = append(errs, tx.Measure(d.counted(about, c.At, figures.Count{Name: figures.Repeated, N: 1})))
		}
	}
	return errors.Join(errs...)
}

// FiguresOf are what customers said and did, from what was counted.
func FiguresOf(c figures.Counts) Figures {
	return Figures{Scores: c.Scores(), Kept: c[figures.Resolved].N, Repeated: c[figures.Repeated].N}
}
