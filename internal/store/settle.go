package store

import (
	"time"

	"github.com/holdless/holdless/callback"
)

// repeatAfter is how long a matter must rest to count as solved. It stands in
// the queries in milliseconds.
const repeatAfter = 7 * 24 * time.Hour

// calledAgain is true of a callback that was kept, called kept, after which the
// same person came back about the same matter.
const calledAgain = `EXISTS (
			SELECT 1 FROM callback AS again
			WHERE again.phone = kept.phone AND again.topic = kept.topic AND again.id <> kept.id
				AND again.state NOT IN ('held', 'expired')
				AND again.created_at > kept.created_at AND again.created_at <= kept.updated_at + 604800000
		) OR EXISTS (
			SELECT 1 FROM contact
			WHERE contact.phone = kept.phone AND contact.queue IN ('', kept.queue)
				AND (contact.topic IN ('', kept.topic) OR kept.topic = '')
				AND contact.at <= kept.updated_at + 604800000
				AND contact.at > COALESCE((SELECT MAX(ended_at) FROM attempt
					WHERE attempt.callback = kept.id AND attempt.leg = 'customer'), kept.at)
		)`

// cameAgain is the same of a call that somebody answered at once.
const cameAgain = `(EXISTS (
			SELECT 1 FROM callback AS again
			WHERE again.phone = kept.phone AND (again.topic = kept.topic OR kept.topic = '' AND again.queue = kept.queue)
				AND again.state NOT IN ('held', 'expired')
				AND again.created_at > kept.spoke_at AND again.created_at <= kept.spoke_at + 604800000
		) OR EXISTS (
			SELECT 1 FROM contact AS again
			WHERE again.phone = kept.phone AND again.id <> kept.id AND again.queue IN ('', kept.queue)
				AND (again.topic IN ('', kept.topic) OR kept.topic = '')
				AND again.at > kept.at AND again.at <= kept.spoke_at + 604800000
		))`

const (
	unsettledCallbacks = `SELECT id, 1, queue, topic, lang, agent, at, CASE WHEN ` + calledAgain + ` THEN 1 ELSE 0 END
		FROM callback AS kept WHERE state = 'done' AND settled = 0 AND updated_at <= $1 ORDER BY updated_at LIMIT $2` + kept
	unsettledContacts = `SELECT id, 0, queue, topic, '', agent, at, CASE WHEN ` + cameAgain + ` THEN 1 ELSE 0 END
		FROM contact AS kept WHERE spoke_at > 0 AND settled = 0 AND spoke_at <= $1 ORDER BY spoke_at LIMIT $2` + kept
)

// Unsettled implements [callback.Surveys].
func (t *tx) Unsettled(before time.Time, most int) ([]callback.Contented, error) {
	var all []callback.Contented
	for _, query := range []string{unsettledCallbacks, unsettledContacts} {
		found, err := list(t, func(c *callback.Contented) []any {
			return []any{&c.ID, &c.Callback, &c.Queue, &c.Topic, &c.Lang, &c.Agent, moment{&c.At}, &c.Again}
		}, query, before, most)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// Settle implements [callback.Surveys].
func (t *tx) Settle(all []callback.Contented) error {
	for _, c := range all {
		how, statement := 1, `UPDATE contact SET settled = $2 WHERE id = $1`
		if c.Again {
			how = 2
		}
		if c.Callback {
			statement = `UPDATE callback SET settled = $2 WHERE id = $1`
		}
		if err := t.put(statement, c.ID, how); err != nil {
			return err
		}
	}
	return nil
}

// Score implements [callback.Surveys].
func (t *tx) Score(talk, question string) (callback.Score, error) {
	return first(t, func(s *callback.Score) []any {
		return []any{&s.Talk, &s.Question, &s.Value, &s.Words, &s.Queue, &s.Agent, moment{&s.At}}
	}, `SELECT talk, question, value, words, queue, agent, at FROM score WHERE talk = $1 AND question = $2`+t.lock, talk, question)
}
