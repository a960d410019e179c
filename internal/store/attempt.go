package store

import (
	"time"

	"github.com/holdless/holdless/callback"
)

const attemptCols = `COALESCE(callback, ''), no, leg, agent, boot, ref, provider,
	intent_at, sent_at, answered_at, ended_at, outcome, phone, shown, first`

func attemptInto(a *callback.Attempt) []any {
	return []any{
		&a.Callback, &a.No, &a.Leg, &a.Agent, &a.Boot, &a.Ref, &a.Provider,
		moment{&a.IntentAt},
		moment{&a.SentAt},
		moment{&a.AnsweredAt},
		moment{&a.EndedAt},
		&a.Outcome, &a.Phone, &a.Shown, &a.First,
	}
}

func attemptArgs(a callback.Attempt) []any {
	return []any{
		a.Callback, a.No, a.Leg, a.Agent, a.Boot, a.Ref, a.Provider,
		a.IntentAt, a.SentAt, a.AnsweredAt, a.EndedAt, a.Outcome, a.Phone, a.Shown, a.First,
	}
}

// AddAttempt implements [callback.Attempts]. An attempt without a callback, a
// caller's way to an agent, is found by its ref only.
func (t *tx) AddAttempt(a callback.Attempt) error {
	return t.add(`INSERT INTO attempt (callback, no, leg, agent, boot, ref, provider,
			intent_at, sent_at, answered_at, ended_at, outcome, phone, shown, first)
		VALUES (NULLIF($1, ''), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT DO NOTHING`, attemptArgs(a)...)
}

// PutAttempt implements [callback.Attempts].
func (t *tx) PutAttempt(a callback.Attempt) error {
	return t.put(`UPDATE attempt SET callback = NULLIF($1, ''), no = $2, leg = $3, agent = $4, boot = $5,
			provider = $7, intent_at = $8, sent_at = $9, answered_at = $10, ended_at = $11, outcome = $12, phone = $13, shown = $14, first = $15
		WHERE ref = $6`, attemptArgs(a)...)
}

// Attempt implements [callback.Attempts].
func (t *tx) Attempt(ref string) (callback.Attempt, error) {
	return first(t, attemptInto, `SELECT `+attemptCols+` FROM attempt WHERE ref = $1`+t.lock, ref)
}

// AttemptsOf implements [callback.Attempts].
func (t *tx) AttemptsOf(id string) ([]callback.Attempt, error) {
	return list(t, attemptInto, `SELECT `+attemptCols+` FROM attempt
		WHERE callback = $1 ORDER BY no, leg`, id)
}

const attemptAs = `SELECT ` + attemptCols + ` FROM attempt WHERE provider = $1 AND provider <> ''`

// AttemptAs implements [callback.Attempts].
func (t *tx) AttemptAs(provider string) (callback.Attempt, error) {
	return first(t, attemptInto, attemptAs, provider)
}

const dials = `SELECT COUNT(*) FROM attempt WHERE phone = $1 AND intent_at >= $2 AND ` + rang

// Dials implements [callback.Attempts].
func (t *tx) Dials(p callback.Phone, since time.Time) (int, error) {
	var n int
	err := t.one(dials, []any{p, since}, &n)
	return n, err
}

// LockPhone implements [callback.Attempts].
func (t *tx) LockPhone(p callback.Phone) error { return t.lockName("phone " + string(p)) }
