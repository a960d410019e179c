package store

import (
	"slices"
	"strings"

	"github.com/holdless/holdless/callback"
)

const statusCols = `agent, state, ref, boot, since, version, reason, next`

func statusInto(s *callback.Status) []any {
	return []any{&s.Agent, &s.State, &s.Ref, &s.Boot, moment{&s.Since}, &s.Version, &s.Reason, &s.Next}
}

// Status implements [callback.Roster].
func (t *tx) Status(agent string) (callback.Status, error) {
	if t.roster == nil {
		return first(t, statusInto, `SELECT `+statusCols+` FROM status WHERE agent = $1`+t.lock, agent)
	}
	if i := t.onRoster(agent); i >= 0 {
		return t.roster[i], nil
	}
	return callback.Status{}, callback.ErrNotFound
}

func (t *tx) onRoster(agent string) int {
	return slices.IndexFunc(t.roster, func(s callback.Status) bool { return s.Agent == agent })
}

func byAgent(a, b callback.Status) int { return strings.Compare(a.Agent, b.Agent) }

// Statuses implements [callback.Roster]. Who was chosen from it stays as he was
// within the transaction, so that PutStatus finds out when another process has
// chosen him meanwhile. Locks on all agents would make all calls wait for each
// other.
func (t *tx) Statuses() ([]callback.Status, error) {
	if t.roster == nil {
		all, err := list(t, statusInto, `SELECT `+statusCols+` FROM status`)
		if err != nil {
			return nil, err
		}
		t.roster = append([]callback.Status{}, all...)
		slices.SortFunc(t.roster, byAgent) // databases order names in ways of their own
	}
	return slices.Clone(t.roster), nil
}

// PutStatus implements [callback.Roster].
func (t *tx) PutStatus(s callback.Status) error {
	if err := t.putStatus(s); err != nil {
		return err
	}
	s.Since = instant(millis(s.Since))
	s.Version++
	if i := t.onRoster(s.Agent); i >= 0 {
		t.roster[i] = s
	} else {
		t.roster = nil // to be read again, with him
	}
	return nil
}

func (t *tx) putStatus(s callback.Status) error {
	if s.Version == 0 {
		return t.must(callback.ErrMoved, `INSERT INTO status (`+statusCols+`)
			VALUES ($1, $2, $3, $4, $5, 1, $6, $7) ON CONFLICT DO NOTHING`,
			s.Agent, s.State, s.Ref, s.Boot, s.Since, s.Reason, s.Next)
	}
	return t.must(callback.ErrMoved, `UPDATE status
		SET state = $2, ref = $3, boot = $4, since = $5, version = $6 + 1, reason = $7, next = $8
		WHERE agent = $1 AND version = $6`, s.Agent, s.State, s.Ref, s.Boot, s.Since, s.Version, s.Reason, s.Next)
}
