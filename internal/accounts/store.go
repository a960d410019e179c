package accounts

import (
	"context"
	"time"

	"github.com/holdless/holdless/callback"
)

// Store keeps accounts. What is asked for and is not there is
// [callback.ErrNotFound].
type Store interface {
	// UpdateAccounts runs fn in one transaction: all it does lands, or none. It
	// may run again, so it must not act on the world.
	UpdateAccounts(ctx context.Context, fn func(Tx) error) error
	ViewAccounts(ctx context.Context, fn func(Tx) error) error
}

// Tx is one transaction.
type Tx interface {
	Account(name string) (Account, error)
	Accounts() ([]Account, error) // by name
	PutAccount(Account) error     // adds or replaces
	DropAccount(name string) error

	Session(hash string) (Session, error)
	SessionsOf(user string) ([]Session, error) // the newest first
	PutSession(Session) error                  // adds or replaces
	DropSession(hash string) error
	// DropSessions deletes those that began or were seen before an instant.
	DropSessions(began, seen time.Time) error

	Link(hash string) (Link, error)
	PutLink(Link) error
	DropLinks(user string, until time.Time) error // of a user, and all that are over

	Proof(kind ProofKind, id string) (Proof, error)
	ProofsOf(user string, kind ProofKind) ([]Proof, error) // the oldest first
	PutProof(Proof) error                                  // adds or replaces
	DropProof(kind ProofKind, id string) error

	Try(hash string) (Try, error)
	PutTry(Try) error
	DropTry(hash string) error
	DropTries(until time.Time) error // those that are over

	Record(callback.Entry) error

	KeyTx
	FeedTx
}
