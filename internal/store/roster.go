package store

import "github.com/holdless/holdless/callback"

const statusCols = `agent, state, ref, boot, since, version`

func statusInto(s *callback.Status) []any {
	return []any{&s.Agent, &s.State, &s.Ref, &s.Boot, moment{&s.Since}, &s.Version}
}

// Status implements [callback.Roster].
func (t *tx) Status(agent string) (callback.Status, error) {
	return first(t, statusInto, `SELECT `+statusCols+` FROM status WHERE agent = $1`+t.lock, agent)
}

// Statuses implements [callback.Roster].
func (t *tx) Statuses() ([]callback.Status, error) {
	return list(t, statusInto, `SELECT `+statusCols+` FROM status ORDER BY agent`)
}

// PutStatus implements [callback.Roster].
func (t *tx) PutStatus(s callback.Status) error {
	if s.Version == 0 {
		return t.must(callback.ErrMoved, `INSERT INTO status (`+statusCols+`)
			VALUES ($1, $2, $3, $4, $5, 1) ON CONFLICT DO NOTHING`, s.Agent, s.State, s.Ref, s.Boot, s.Since)
	}
	return t.must(callback.ErrMoved, `UPDATE status
		SET state = $2, ref = $3, boot = $4, since = $5, version = $6 + 1
		WHERE agent = $1 AND version = $6`, s.Agent, s.State, s.Ref, s.Boot, s.Since, s.Version)
}
