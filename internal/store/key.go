package store

import (
	"encoding/json"
	"time"

	"github.com/holdless/holdless/internal/accounts"
)

const keyCols = `id, name, hash, scopes, made_by, made_at, used_at, revoked_at`

func keyInto(k *accounts.Key) []any {
	return []any{&k.ID, &k.Name, &k.Hash, doc{&k.Scopes}, &k.By, moment{&k.MadeAt}, moment{&k.UsedAt}, moment{&k.RevokedAt}}
}

// Key implements [accounts.KeyTx].
func (t *tx) Key(hash string) (accounts.Key, error) {
	return first(t, keyInto, `SELECT `+keyCols+` FROM api_key WHERE hash = $1`, hash)
}

// Keys implements [accounts.KeyTx].
func (t *tx) Keys() ([]accounts.Key, error) {
	return list(t, keyInto, `SELECT `+keyCols+` FROM api_key ORDER BY made_at, id`+t.lock)
}

// AddKey implements [accounts.KeyTx].
func (t *tx) AddKey(k accounts.Key) error {
	scopes, err := json.Marshal(k.Scopes)
	if err != nil {
		return err
	}
	return t.add(`INSERT INTO api_key (`+keyCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.ID, k.Name, k.Hash, string(scopes), k.By, k.MadeAt, k.UsedAt, k.RevokedAt)
}

// PutKey implements [accounts.KeyTx].
func (t *tx) PutKey(k accounts.Key) error {
	return t.put(`UPDATE api_key SET used_at = $2, revoked_at = CASE WHEN revoked_at = 0 THEN $3 ELSE revoked_at END WHERE id = $1`,
		k.ID, k.UsedAt, millis(k.RevokedAt))
}

// Answer implements [accounts.KeyTx].
func (t *tx) Answer(owner, key string) (accounts.Answer, error) {
	return first(t, func(a *accounts.Answer) []any {
		return []any{&a.Owner, &a.Key, &a.Digest, &a.Status, &a.Type, &a.Body, moment{&a.At}}
	}, `SELECT owner, idem, digest, status, type, body, at FROM api_answer WHERE owner = $1 AND idem = $2`, owner, key)
}

// AddAnswer implements [accounts.KeyTx].
func (t *tx) AddAnswer(a accounts.Answer) error {
	return t.add(`INSERT INTO api_answer (owner, idem, digest, status, type, body, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT DO NOTHING`, a.Owner, a.Key, a.Digest, a.Status, a.Type, a.Body, a.At)
}

// DropAnswers implements [accounts.KeyTx].
func (t *tx) DropAnswers(before time.Time) error {
	_, err := t.exec(`DELETE FROM api_answer WHERE at < $1`, before)
	return err
}
