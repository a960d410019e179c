package store

import (
	"time"

	"github.com/holdless/holdless/internal/accounts"
)

const proofCols = `kind, id, account, name, data, made_at, used_at`

func proofInto(p *accounts.Proof) []any {
	return []any{&p.Kind, &p.ID, &p.User, &p.Name, &p.Data, moment{&p.MadeAt}, moment{&p.UsedAt}}
}

// Proof implements [accounts.Tx].
func (t *tx) Proof(kind accounts.ProofKind, id string) (accounts.Proof, error) {
	return first(t, proofInto, `SELECT `+proofCols+` FROM account_proof WHERE kind = $1 AND id = $2`+t.lock, kind, id)
}

// ProofsOf implements [accounts.Tx].
func (t *tx) ProofsOf(user string, kind accounts.ProofKind) ([]accounts.Proof, error) {
	return list(t, proofInto, `SELECT `+proofCols+` FROM account_proof WHERE account = $1 AND kind = $2 ORDER BY made_at, id`, user, kind)
}

// PutProof implements [accounts.Tx]. Nobody's proof becomes another's.
func (t *tx) PutProof(p accounts.Proof) error {
	return t.add(`INSERT INTO account_proof (`+proofCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (kind, id) DO UPDATE SET data = excluded.data, used_at = excluded.used_at
			WHERE account_proof.account = excluded.account`, p.Kind, p.ID, p.User, p.Name, p.Data, p.MadeAt, p.UsedAt)
}

// DropProof implements [accounts.Tx].
func (t *tx) DropProof(kind accounts.ProofKind, id string) error {
	return t.put(`DELETE FROM account_proof WHERE kind = $1 AND id = $2`, kind, id)
}

// Try implements [accounts.Tx].
func (t *tx) Try(hash string) (accounts.Try, error) {
	return first(t, func(y *accounts.Try) []any { return []any{&y.Hash, &y.Data, moment{&y.Until}} },
		`SELECT hash, data, until FROM account_try WHERE hash = $1`+t.lock, hash)
}

// PutTry implements [accounts.Tx].
func (t *tx) PutTry(y accounts.Try) error {
	return t.add(`INSERT INTO account_try (hash, data, until) VALUES ($1, $2, $3)`, y.Hash, y.Data, y.Until)
}

// DropTry implements [accounts.Tx].
func (t *tx) DropTry(hash string) error {
	return t.put(`DELETE FROM account_try WHERE hash = $1`, hash)
}

// DropTries implements [accounts.Tx].
func (t *tx) DropTries(until time.Time) error {
	_, err := t.exec(`DELETE FROM account_try WHERE until < $1`, until)
	return err
}
