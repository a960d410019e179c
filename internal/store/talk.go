package store

import (
	"encoding/json"
	"errors"

	"github.com/holdless/holdless/callback"
)

const talkCols = `id, line, phone, dialled, menu, queue, callback, attempt, agent, closed, state, last, began_at, ended_at, version, walk`

func talkInto(k *callback.Talk) []any {
	return []any{
		&k.ID, &k.Line, &k.Phone, &k.Dialled, &k.Menu, &k.Queue, &k.Callback, &k.Attempt, &k.Agent, &k.Closed,
		doc{&k.State},
		doc{&k.Last},
		moment{&k.BeganAt},
		moment{&k.EndedAt},
		&k.Version,
		doc{&k.Walk},
	}
}

// Talk implements [callback.Talks]. In an Update others wait for the talk, so
// that an event which comes twice at once is taken one after the other. So do
// those who ask for one that is not there yet.
func (t *tx) Talk(id string) (callback.Talk, error) {
	query := `SELECT ` + talkCols + ` FROM talk WHERE id = $1` + t.lock
	k, err := first(t, talkInto, query, id)
	if !errors.Is(err, callback.ErrNotFound) || t.lock == "" {
		return k, err
	}
	if err := t.lockName("talk " + id); err != nil {
		return k, err
	}
	return first(t, talkInto, query, id)
}

// lockName makes others who lock the same name wait for the end of the
// transaction.
func (t *tx) lockName(name string) error {
	if t.d.name == "" {
		return nil // one writer at a time anyway
	}
	_, err := t.exec(t.d.name, name)
	return err
}

const openTalk = `SELECT ` + talkCols + ` FROM talk
	WHERE line = $1 AND phone = $2 AND closed = 0
	ORDER BY seq DESC LIMIT 1`

// OpenTalk implements [callback.Talks].
func (t *tx) OpenTalk(line string, phone callback.Phone) (callback.Talk, error) {
	return first(t, talkInto, openTalk+t.lock, line, phone)
}

const liveTalks = `SELECT ` + talkCols + ` FROM talk
	WHERE phone = $1 AND closed = 0 AND line <> 'text'`

// LiveTalks implements [callback.Talks].
func (t *tx) LiveTalks(phone callback.Phone) ([]callback.Talk, error) {
	return list(t, talkInto, liveTalks, phone)
}

// talksIn looks at nothing but talks: joined with callbacks in a state that few have,
// and then two hundred, PostgreSQL compares each with each.
func (d *dialect) talksIn() string {
	return `SELECT id, callback FROM talk` + d.index("talk_live") + ` WHERE menu = $1 AND closed = 0 AND line <> 'text'`
}

// TalksIn implements [callback.Talks].
func (t *tx) TalksIn(menu string) (map[string]string, error) {
	talks, err := list(t, func(k *callback.Talk) []any { return []any{&k.ID, &k.Callback} }, t.d.talksIn(), menu)
	all := make(map[string]string, len(talks))
	for _, k := range talks {
		all[k.ID] = k.Callback
	}
	return all, err
}

// PutTalk implements [callback.Talks].
func (t *tx) PutTalk(k callback.Talk) error {
	state, err := json.Marshal(k.State)
	if err != nil {
		return err
	}
	last, err := json.Marshal(k.Last)
	if err != nil {
		return err
	}
	walk, err := json.Marshal(k.Walk)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO talk (`+talkCols+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (id) DO UPDATE SET line = excluded.line, phone = excluded.phone, dialled = excluded.dialled,
			menu = excluded.menu, queue = excluded.queue, callback = excluded.callback,
			attempt = excluded.attempt, agent = excluded.agent, closed = excluded.closed,
			state = excluded.state, last = excluded.last,
			began_at = excluded.began_at, ended_at = excluded.ended_at,
			version = excluded.version, walk = excluded.walk`,
		k.ID, k.Line, k.Phone, k.Dialled, k.Menu, k.Queue, k.Callback, k.Attempt, k.Agent, k.Closed,
		string(state), string(last), k.BeganAt, k.EndedAt, k.Version, string(walk))
	return err
}
