package callback

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// asksWithin is how long the call of a person who was put through may take until it
// asks what it does now.
const asksWithin = 10 * time.Second

// Adrift returns the talks with persons who were put through, and whose calls have
// not asked to whom: whoever was to have them ask has died, or was not heard.
func (d *Desk) Adrift(ctx context.Context) ([]Talk, error) {
	var all []Talk
	err := d.Store.View(ctx, func(tx Tx) error {
		all = all[:0]
		team, err := tx.Statuses()
		for _, s := range team {
			t, err := d.adrift(tx, s)
			if err != nil {
				return fmt.Errorf("agent %s: %w", s.Agent, err)
			}
			known := slices.ContainsFunc(all, func(o Talk) bool { return o.ID == t.ID })
			if t.ID != "" && !known {
				all = append(all, t)
			}
		}
		return err
	})
	return all, err
}

// adrift is such a talk in which an agent is, or was last.
func (d *Desk) adrift(tx Tx, s Status) (Talk, error) {
	t, err := tx.Talk(s.Ref)
	if c := t.Last.Connect; err == nil && t.Menu == agentMenu && c != nil {
		t, err = tx.Talk(c.Talk)
	}
	if c := t.Last.Connect; err != nil || t.Closed || !sentOn(c) {
		return Talk{}, missing(err)
	}
	a, err := tx.Attempt(t.Last.Connect.Ref)
	if err != nil || !a.SentAt.IsZero() || !a.EndedAt.IsZero() || d.Now().Sub(a.IntentAt) < asksWithin {
		return Talk{}, err
	}
	return t, nil
}
