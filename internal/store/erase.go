package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

// An erasure is one statement about a person: {phone} is the number, {as} what
// stands for it from now on, {like} a pattern of the number as people write it.
type erasure struct{ table, statement string }

// bound returns the statement with the arguments that it has.
func (e erasure) bound(args map[string]any) (string, []any) {
	query, used := e.statement, []any{}
	for _, name := range []string{"{phone}", "{as}", "{like}"} {
		if strings.Contains(query, name) {
			used = append(used, args[name])
			query = strings.ReplaceAll(query, name, fmt.Sprintf("$%d", len(used)))
		}
	}
	return query, used
}

// theirs are the callbacks that are about the person, or that he asked for.
const theirs = `(SELECT id FROM callback WHERE phone = {phone} OR caller = {phone})`

// erasures take a person out of all tables. What figures are made of stays,
// under another name: callbacks, calls, surveys, scores and the journal. The
// callbacks come last: the others are found by them.
var erasures = []erasure{
	{"talk", `DELETE FROM talk WHERE phone = {phone} OR callback IN ` + theirs + ` OR state LIKE {like} OR last LIKE {like}`},
	{"outbox", `DELETE FROM outbox WHERE addr = {phone} OR callback IN ` + theirs + ` OR body LIKE {like} OR err LIKE {like}`},
	{"undo", `DELETE FROM undo WHERE callback IN ` + theirs},
	{"inbox", `DELETE FROM inbox WHERE sender = {phone} OR body LIKE {like}`},
	{"score", `UPDATE score SET words = '' WHERE talk IN (SELECT talk FROM survey WHERE phone = {phone})`},
	{"api_answer", `DELETE FROM api_answer WHERE body LIKE {like}`},
	{"hook_delivery", `DELETE FROM hook_delivery WHERE phone = {phone} OR callback IN ` + theirs + ` OR body LIKE {like}`},
	{"survey", `UPDATE survey SET phone = {as} WHERE phone = {phone}`},
	{"contact", `UPDATE contact SET phone = {as} WHERE phone = {phone}`},
	{"consent", `DELETE FROM consent WHERE phone = {phone}`},
	{"speaker", `DELETE FROM speaker WHERE phone = {phone}`},
	{"journal", `UPDATE journal SET phone = {as}, value = CASE WHEN
			kind LIKE 'callback.%' OR kind LIKE 'promise.%' OR kind = 'survey.score' OR length(value) <= 2 THEN value ELSE '' END
		WHERE phone = {phone} OR callback IN ` + theirs + ` OR value LIKE {like} OR name LIKE {like}`},
	{"attempt", `UPDATE attempt SET phone = CASE WHEN phone = '' THEN '' ELSE {as} END, provider = '' WHERE phone = {phone} OR callback IN ` + theirs},
	{"note", `UPDATE callback SET note = '' WHERE note LIKE {like}`},
	{"pulse_word", `DELETE FROM pulse_word WHERE words LIKE {like}`},
	{"errand", `UPDATE errand SET place = '' WHERE place LIKE {like}`},
	{"part", `DELETE FROM part WHERE value LIKE {like}`},
	{"topic", `UPDATE callback SET topic = '' WHERE topic LIKE {like}`},
	{"caller", `UPDATE callback SET caller = {as} WHERE caller = {phone}`},
	{"callback", `UPDATE callback SET phone = {as}, name = '', note = '', idem_key = '' WHERE phone = {phone}`},
}

// Erase implements [callback.Erasure].
func (t *tx) Erase(p callback.Phone, as, like string) (callback.Erased, error) {
	if err := t.forgetConsent(p); err != nil {
		return callback.Erased{}, err
	}
	all := map[string]int64{}
	values := map[string]any{"{phone}": p, "{as}": as, "{like}": "%" + like + "%"}
	for _, e := range erasures {
		query, args := e.bound(values)
		n, err := t.exec(query, args...)
		if err != nil {
			return callback.Erased{}, fmt.Errorf("erase from %s: %w", e.table, err)
		}
		all[e.table] = n
	}
	kept, err := t.exec(`UPDATE block SET phone = $2 WHERE phone = $1`, p, hashed(p))
	return callback.Erased{
		Callbacks: int(all["callback"]), Talks: int(all["talk"]), Texts: int(all["outbox"] + all["inbox"]), Blocks: int(kept),
	}, err
}

// forgetConsent keeps of a no that the person is not asked again.
func (t *tx) forgetConsent(p callback.Phone) error {
	c, err := t.Consent(p)
	if errors.Is(err, callback.ErrNotFound) || err == nil && c.Given {
		return nil
	}
	if err != nil {
		return err
	}
	return t.Block(p, callback.NoSurveys, time.Time{})
}

// hashed stands for the number of a person who was erased, and who is to be left
// alone all the same.
func hashed(p callback.Phone) string {
	sum := sha256.Sum256([]byte("holdless block " + string(p)))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Scrub makes what was erased unreadable in the files too, where a deleted row
// stays until its place is needed. It holds writers up for as long as it takes
// to write the database anew.
func (s *Store) Scrub(ctx context.Context) error {
	if _, err := s.write.ExecContext(ctx, `VACUUM`); err != nil {
		return s.explain(err)
	}
	if s.d != &sqlite {
		return nil
	}
	for range tries {
		var busy, pages, folded int
		err := s.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &folded)
		if err != nil || busy == 0 {
			return s.explain(err)
		}
		select { // somebody reads
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return problem{where: s.name, what: "its log is being read and cannot be emptied", do: "run erase again"}
}
