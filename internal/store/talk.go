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

// CallbacksOf implements [callback.Talks]. It reads the rows that are named, and no
// others: talks that never began stay open for a week.
func (t *tx) CallbacksOf(menu string, talks []string) (map[string]string, error) {
	if len(talks) == 0 {
		return nil, nil
	}
	query, args := callbacksOf(menu, talks)
	found, err := list(t, func(k *callback.Talk) []any { return []any{&k.ID, &k.Callback} }, query, args...)
	all := make(map[string]string, len(found))
	for _, k := range found {
		all[k.ID] = k.Callback
	}
	return all, err
}

func callbacksOf(menu string, talks []string) (query string, args []any) {
	var w where
	w.add(menu != "", `menu = %s`, menu)
	w.conds = append(w.conds, `closed = 0`, `id IN (`+among(&w, talks)+`)`)
	return `SELECT id, callback FROM talk` + w.text(), w.args
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
