package store

import "github.com/holdless/holdless/internal/accounts"

const feedCols = `id, hash, agent, label, made_by, made_at, used_at, until, ended_at, ended_by`

func feedInto(f *accounts.Feed) []any {
	return []any{
		&f.ID, &f.Hash, &f.Agent, &f.Label, &f.By,
		moment{&f.MadeAt},
		moment{&f.UsedAt},
		moment{&f.Until},
		moment{&f.EndedAt},
		&f.EndedBy,
	}
}

// Feed implements [accounts.FeedTx].
func (t *tx) Feed(hash string) (accounts.Feed, error) {
	return first(t, feedInto, `SELECT `+feedCols+` FROM account_feed WHERE hash = $1`, hash)
}

// Feeds implements [accounts.FeedTx].
func (t *tx) Feeds(agent string) ([]accounts.Feed, error) {
	var w where
	w.add(agent != "", `agent = %s`, agent)
	return list(t, feedInto, `SELECT `+feedCols+` FROM account_feed`+w.text()+` ORDER BY made_at, id`+t.lock, w.args...)
}

// AddFeed implements [accounts.FeedTx].
func (t *tx) AddFeed(f accounts.Feed) error {
	return t.add(`INSERT INTO account_feed (`+feedCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		f.ID, f.Hash, f.Agent, f.Label, f.By, f.MadeAt, f.UsedAt, f.Until, f.EndedAt, f.EndedBy)
}

// PutFeed implements [accounts.FeedTx]. A link that was taken back stays so.
func (t *tx) PutFeed(f accounts.Feed) error {
	return t.put(`UPDATE account_feed SET used_at = $2, ended_by = CASE WHEN ended_at = 0 THEN $4 ELSE ended_by END,
		ended_at = CASE WHEN ended_at = 0 THEN $3 ELSE ended_at END WHERE id = $1`,
		f.ID, f.UsedAt, f.EndedAt, f.EndedBy)
}
