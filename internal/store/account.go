package store

import (
	"context"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
)

var (
	_ accounts.Store = (*Store)(nil)
	_ accounts.Tx    = (*tx)(nil)
)

// UpdateAccounts implements [accounts.Store].
func (s *Store) UpdateAccounts(ctx context.Context, fn func(accounts.Tx) error) error {
	return s.Update(ctx, func(t callback.Tx) error { return fn(t.(*tx)) })
}

// ViewAccounts implements [accounts.Store].
func (s *Store) ViewAccounts(ctx context.Context, fn func(accounts.Tx) error) error {
	return s.View(ctx, func(t callback.Tx) error { return fn(t.(*tx)) })
}

const accountCols = `name, role, agent, hash, off, created_at, changed_at`

func accountInto(a *accounts.Account) []any {
	return []any{&a.Name, &a.Role, &a.Agent, &a.Hash, &a.Off, moment{&a.CreatedAt}, moment{&a.ChangedAt}}
}

// Account implements [accounts.Tx].
func (t *tx) Account(name string) (accounts.Account, error) {
	return first(t, accountInto, `SELECT `+accountCols+` FROM account WHERE name = $1`+t.lock, name)
}

// Accounts implements [accounts.Tx].
func (t *tx) Accounts() ([]accounts.Account, error) {
	return list(t, accountInto, `SELECT `+accountCols+` FROM account ORDER BY name`+t.lock)
}

// PutAccount implements [accounts.Tx].
func (t *tx) PutAccount(a accounts.Account) error {
	_, err := t.exec(`INSERT INTO account (`+accountCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (name) DO UPDATE SET role = excluded.role, agent = excluded.agent, hash = excluded.hash,
			off = excluded.off, changed_at = excluded.changed_at`,
		a.Name, a.Role, a.Agent, a.Hash, a.Off, a.CreatedAt, a.ChangedAt)
	return err
}

// DropAccount implements [accounts.Tx]. Sessions, links and proofs go with it.
func (t *tx) DropAccount(name string) error {
	return t.put(`DELETE FROM account WHERE name = $1`, name)
}

const sessionCols = `hash, account, began_at, seen_at, origin`

func sessionInto(s *accounts.Session) []any {
	return []any{&s.Hash, &s.User, moment{&s.BeganAt}, moment{&s.SeenAt}, &s.From}
}

// Session implements [accounts.Tx].
func (t *tx) Session(hash string) (accounts.Session, error) {
	return first(t, sessionInto, `SELECT `+sessionCols+` FROM account_session WHERE hash = $1`, hash)
}

// SessionsOf implements [accounts.Tx].
func (t *tx) SessionsOf(user string) ([]accounts.Session, error) {
	return list(t, sessionInto, `SELECT `+sessionCols+` FROM account_session WHERE account = $1 ORDER BY began_at DESC, hash`, user)
}

// PutSession implements [accounts.Tx].
func (t *tx) PutSession(s accounts.Session) error {
	_, err := t.exec(`INSERT INTO account_session (`+sessionCols+`) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (hash) DO UPDATE SET seen_at = excluded.seen_at`, s.Hash, s.User, s.BeganAt, s.SeenAt, s.From)
	return err
}

// DropSession implements [accounts.Tx].
func (t *tx) DropSession(hash string) error {
	_, err := t.exec(`DELETE FROM account_session WHERE hash = $1`, hash)
	return err
}

// DropSessions implements [accounts.Tx].
func (t *tx) DropSessions(began, seen time.Time) error {
	_, err := t.exec(`DELETE FROM account_session WHERE began_at < $1 OR seen_at < $2`, began, seen)
	return err
}

// Link implements [accounts.Tx].
func (t *tx) Link(hash string) (accounts.Link, error) {
	return first(t, func(l *accounts.Link) []any { return []any{&l.Hash, &l.User, moment{&l.Until}} },
		`SELECT hash, account, until FROM account_link WHERE hash = $1`+t.lock, hash)
}

// PutLink implements [accounts.Tx].
func (t *tx) PutLink(l accounts.Link) error {
	return t.add(`INSERT INTO account_link (hash, account, until) VALUES ($1, $2, $3)`, l.Hash, l.User, l.Until)
}

// DropLinks implements [accounts.Tx].
func (t *tx) DropLinks(user string, until time.Time) error {
	_, err := t.exec(`DELETE FROM account_link WHERE account = $1 OR until < $2`, user, until)
	return err
}
