package store

import (
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
)

const askedCols = `talk, callback, call, queue, agent, topic, phone, menu, version,
	asked_at, sent_at, delivered_at, answered_at, stopped_at`

func askedInto(a *callback.Asked) []any {
	return []any{
		&a.Talk, &a.Callback, &a.Call, &a.Queue, &a.Agent, &a.Topic, &a.Phone, &a.Menu, &a.Version,
		moment{&a.At},
		moment{&a.SentAt},
		moment{&a.DeliveredAt},
		moment{&a.AnsweredAt},
		moment{&a.StoppedAt},
	}
}

// PutAsked implements [callback.Surveys].
func (t *tx) PutAsked(a callback.Asked) error {
	_, err := t.exec(`INSERT INTO survey (`+askedCols+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (talk) DO UPDATE SET sent_at = excluded.sent_at, delivered_at = excluded.delivered_at,
			answered_at = excluded.answered_at, stopped_at = excluded.stopped_at`,
		a.Talk, a.Callback, a.Call, a.Queue, a.Agent, a.Topic, a.Phone, a.Menu, a.Version,
		a.At, a.SentAt, a.DeliveredAt, a.AnsweredAt, a.StoppedAt)
	return err
}

// Asked implements [callback.Surveys].
func (t *tx) Asked(talk string) (callback.Asked, error) {
	return first(t, askedInto, `SELECT `+askedCols+` FROM survey WHERE talk = $1`+t.lock, talk)
}

// LastAsked implements [callback.Surveys].
func (t *tx) LastAsked(phone callback.Phone) (callback.Asked, error) {
	return first(t, askedInto, `SELECT `+askedCols+` FROM survey
		WHERE phone = $1 ORDER BY asked_at DESC LIMIT 1`+t.lock, phone)
}

// PutScore implements [callback.Surveys].
func (t *tx) PutScore(s callback.Score) error {
	_, err := t.exec(`INSERT INTO score (talk, question, value, words, queue, agent, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (talk, question) DO UPDATE SET value = excluded.value, words = excluded.words, at = excluded.at`,
		s.Talk, s.Question, s.Value, s.Words, s.Queue, s.Agent, s.At)
	return err
}

// PutConsent implements [callback.Surveys].
func (t *tx) PutConsent(c callback.Consent) error {
	_, err := t.exec(`INSERT INTO consent (phone, given, at, talk, line, version)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (phone) DO UPDATE SET given = excluded.given, at = excluded.at, talk = excluded.talk,
			line = excluded.line, version = excluded.version`,
		c.Phone, c.Given, c.At, c.Talk, c.Line, c.Version)
	return err
}

// PutLanguage implements [callback.Languages].
func (t *tx) PutLanguage(phone callback.Phone, lang string, at time.Time) error {
	_, err := t.exec(`INSERT INTO speaker (phone, lang, at) VALUES ($1, $2, $3)
		ON CONFLICT (phone) DO UPDATE SET lang = excluded.lang, at = excluded.at`, phone, lang, at)
	return err
}

// Language implements [callback.Languages].
func (t *tx) Language(phone callback.Phone) (string, error) {
	return first(t, func(lang *string) []any { return []any{lang} }, `SELECT lang FROM speaker WHERE phone = $1`, phone)
}

// Consent implements [callback.Surveys].
func (t *tx) Consent(phone callback.Phone) (callback.Consent, error) {
	return first(t, func(c *callback.Consent) []any {
		return []any{&c.Phone, &c.Given, moment{&c.At}, &c.Talk, &c.Line, &c.Version}
	}, `SELECT phone, given, at, talk, line, version FROM consent WHERE phone = $1`, phone)
}

// AddContact implements [callback.Surveys].
func (t *tx) AddContact(c callback.Contact) error {
	return t.add(`INSERT INTO contact (id, phone, queue, topic, at, agent, spoke_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT DO NOTHING`, c.ID, c.Phone, c.Queue, c.Topic, c.At, c.Agent, c.SpokeAt)
}

// Figures implements [callback.Surveys].
func (t *tx) Figures(f callback.FigureFilter) (feedback.Figures, error) {
	all, err := t.Surveyed(f)
	if err != nil {
		return all, err
	}
	all.Scores = map[string]map[int]int{}
	if err := t.scores(f, all.Scores); err != nil {
		return all, err
	}
	for _, count := range []func(callback.FigureFilter) (kept, repeated int, err error){t.kept, t.answered} {
		kept, repeated, err := count(f)
		if err != nil {
			return all, err
		}
		all.Kept, all.Repeated = all.Kept+kept, all.Repeated+repeated
	}
	return all, nil
}

// Surveyed implements [callback.Surveys].
func (t *tx) Surveyed(f callback.FigureFilter) (all feedback.Figures, err error) {
	var w where
	w.add(true, `asked_at >= %s`, f.From)
	w.add(true, `asked_at < %s`, f.To)
	w.add(f.Queue != "", `queue = %s`, f.Queue)
	w.add(f.Agent != "", `agent = %s`, f.Agent)
	err = t.one(`SELECT COUNT(*), COUNT(CASE WHEN sent_at > 0 THEN 1 END), COUNT(CASE WHEN delivered_at > 0 THEN 1 END),
		COUNT(CASE WHEN answered_at > 0 THEN 1 END), COUNT(CASE WHEN stopped_at > 0 THEN 1 END)
		FROM survey`+w.text(), w.args, &all.Asked, &all.Sent, &all.Delivered, &all.Answered, &all.Stopped)
	return all, err
}

// scores counts the answers to each question, by value.
func (t *tx) scores(f callback.FigureFilter, all map[string]map[int]int) error {
	type count struct {
		question string
		value, n int
	}
	var w where
	w.add(true, `at >= %s`, f.From)
	w.add(true, `at < %s`, f.To)
	w.add(f.Queue != "", `queue = %s`, f.Queue)
	w.add(f.Agent != "", `agent = %s`, f.Agent)
	counts, err := list(t, func(c *count) []any { return []any{&c.question, &c.value, &c.n} },
		`SELECT question, value, COUNT(*) FROM score`+w.text()+` GROUP BY question, value`, w.args...)
	for _, c := range counts {
		if all[c.question] == nil {
			all[c.question] = map[int]int{}
		}
		all[c.question][c.value] = c.n
	}
	return err
}

// kept counts the callbacks that were kept, and after how many of them the same
// person came back about the same matter: by another booking, by a call or by a
// text. One of which the matter is not known may be about this one. Those that
// are too fresh to know are left out.
func (t *tx) kept(f callback.FigureFilter) (kept, repeated int, err error) {
	w := spoken(f, `kept.updated_at <= %s`)
	w.add(true, `kept.state = %s`, callback.Done)
	err = t.one(`SELECT COUNT(*), COUNT(CASE WHEN (CASE kept.settled WHEN 1 THEN FALSE WHEN 2 THEN TRUE ELSE (`+calledAgain+`) END)
		THEN 1 END) FROM callback AS kept`+w.text(), w.args, &kept, &repeated)
	return kept, repeated, err
}

// answered counts the calls that somebody answered at once, and those after
// which the same person came back, as kept does for callbacks. Most of them
// were counted before.
func (t *tx) answered(f callback.FigureFilter) (kept, repeated int, err error) {
	w := spoken(f, `kept.spoke_at <= %s`)
	err = t.one(`SELECT COUNT(*), COUNT(CASE WHEN kept.settled = 2 THEN 1 END) FROM contact AS kept`+w.text()+`
		AND kept.settled > 0`, w.args, &kept, &repeated)
	if err != nil {
		return kept, repeated, err
	}
	var fresh, again int
	w = spoken(f, `kept.spoke_at <= %s`)
	err = t.one(`SELECT COUNT(*), COUNT(CASE WHEN `+cameAgain+` THEN 1 END) FROM contact AS kept`+w.text()+`
		AND kept.spoke_at > 0 AND kept.settled = 0`, w.args, &fresh, &again)
	return kept + fresh, repeated + again, err
}

// spoken chooses whom somebody spoke with, and not too lately.
func spoken(f callback.FigureFilter, ended string) where {
	var w where
	w.add(true, `kept.at >= %s`, f.From)
	w.add(true, `kept.at < %s`, f.To)
	w.add(true, ended, f.Now.Add(-repeatAfter))
	w.add(f.Queue != "", `kept.queue = %s`, f.Queue)
	w.add(f.Agent != "", `kept.agent = %s`, f.Agent)
	return w
}
