package store

import (
	"encoding/json"

	"github.com/holdless/holdless/callback"
)

const entriesOf = `SELECT seq, ` + entryCols + ` FROM journal
	WHERE callback = $1 AND callback <> '' ORDER BY seq LIMIT $2` + kept

// EntriesOf implements [callback.Histories].
func (t *tx) EntriesOf(id string, most int) ([]callback.Entry, error) {
	if err := t.flush(); err != nil {
		return nil, err
	}
	return list(t, entryInto, entriesOf, id, most)
}

const talksWith = `SELECT ` + talkCols + ` FROM talk
	WHERE phone = $1 AND phone <> '' ORDER BY seq DESC LIMIT $2` + kept

// TalksWith implements [callback.Histories].
func (t *tx) TalksWith(p callback.Phone, most int) ([]callback.Talk, error) {
	return list(t, talkInto, talksWith, p, most)
}

// Ratings implements [callback.Histories].
func (t *tx) Ratings(people []callback.Phone) ([]callback.Rating, error) {
	if len(people) == 0 {
		return nil, nil
	}
	query, args := ratings(people)
	return list(t, func(r *callback.Rating) []any {
		return []any{&r.Phone, &r.Talk, &r.Question, &r.Value, &r.Words, &r.Queue, &r.Agent, moment{&r.At}}
	}, query, args...)
}

func ratings(people []callback.Phone) (query string, args []any) {
	var w where
	return `SELECT survey.phone, score.talk, score.question, score.value, score.words, score.queue, score.agent, score.at
		FROM survey JOIN score ON score.talk = survey.talk
		WHERE survey.phone IN (` + among(&w, people) + `) ORDER BY score.at DESC`, w.args
}

const textsFrom = `SELECT body, at FROM inbox WHERE sender = $1 ORDER BY seq DESC LIMIT $2` + kept

// TextsFrom implements [callback.Histories].
func (t *tx) TextsFrom(p callback.Phone, most int) ([]callback.Text, error) {
	return list(t, func(in *callback.Text) []any { return []any{&in.Body, moment{&in.At}} }, textsFrom, p, most)
}

// Undo implements [callback.Histories].
func (t *tx) Undo(id string) (callback.Undo, error) {
	return first(t, func(u *callback.Undo) []any {
		return []any{&u.Callback, &u.Mark, &u.Do, &u.Actor, &u.Version, &u.Back, moment{&u.At}, doc{&u.Was}, doc{&u.Messages}}
	}, `SELECT callback, mark, deed, actor, version, back, at, was, messages FROM undo WHERE callback = $1`+t.lock, id)
}

// PutUndo implements [callback.Histories].
func (t *tx) PutUndo(u callback.Undo) error {
	was, err := json.Marshal(u.Was)
	if err != nil {
		return err
	}
	messages, err := json.Marshal(u.Messages)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO undo (callback, mark, deed, actor, version, back, at, was, messages)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (callback) DO UPDATE SET mark = excluded.mark, deed = excluded.deed, actor = excluded.actor,
			version = excluded.version, back = excluded.back, at = excluded.at, was = excluded.was, messages = excluded.messages`,
		u.Callback, u.Mark, u.Do, u.Actor, u.Version, u.Back, u.At, string(was), string(messages))
	return err
}

const tasks = `SELECT seq, ` + entryCols + ` FROM journal
	WHERE kind = 'task' AND name = $1 AND at >= $2 AND (at > $2 OR seq > $3) ORDER BY at, seq LIMIT $4` + kept

// Tasks implements [callback.Histories].
func (t *tx) Tasks(name string, after callback.EntryMark, most int) ([]callback.Entry, error) {
	return list(t, entryInto, tasks, name, after.At, after.Seq, most)
}

// LastEntry implements [callback.Histories].
func (t *tx) LastEntry() (seq int64, err error) {
	err = t.one(`SELECT COALESCE(MAX(seq), 0) FROM journal`, nil, &seq)
	return seq, err
}
