package store

import (
	"fmt"

	"github.com/holdless/holdless/callback"
)

// Missed implements [callback.Histories].
func (t *tx) Missed(f callback.MissedFilter) ([]callback.Entry, error) {
	query, args := missed(f)
	return list(t, entryInto, query, args...)
}

func missed(f callback.MissedFilter) (query string, args []any) {
	var w where
	w.add(true, `at >= %s`, f.From)
	w.add(true, `at < %s`, f.To)
	w.add(f.Queue != "", `queue = %s`, f.Queue)
	if !f.After.At.IsZero() {
		at := w.arg(f.After.At)
		w.conds = append(w.conds, `at <= `+at+` AND (at < `+at+` OR seq < `+w.arg(f.After.Seq)+`)`)
	}
	most := w.arg(f.Max)
	return `SELECT seq, ` + entryCols + ` FROM journal` + w.text() + ` AND kind = 'promise.missed'
		ORDER BY at DESC, seq DESC LIMIT ` + most + kept, w.args
}

// people is true of what somebody changed, in the very words of an index.
const people = `actor NOT IN ('', 'caller', 'customer', 'desk', 'scheduler', 'carrier', 'webhooks') AND kind NOT LIKE 'talk.%'`

// Changes implements [callback.Histories]. What an agent's keys on the telephone
// make of a callback is its course, and no change; what he promises at the desk is.
func (t *tx) Changes(f callback.ChangeFilter) ([]callback.Entry, error) {
	query, args := changes(f)
	return list(t, entryInto, query, args...)
}

func changes(f callback.ChangeFilter) (query string, args []any) {
	var w where
	w.add(!f.From.IsZero(), `at >= %s`, f.From)
	w.add(!f.To.IsZero(), `at < %s`, f.To)
	w.add(f.Who != "", `actor = %s`, f.Who)
	if f.What != "" {
		w.conds = append(w.conds, fmt.Sprintf(`kind >= %s AND kind < %s`, w.arg(f.What+"."), w.arg(f.What+"/")))
	}
	w.add(f.Before > 0, `seq < %s`, f.Before)
	w.conds = append(w.conds, people, `NOT (kind LIKE 'callback.%' AND actor LIKE 'agent:%' AND name <> 'request')`)
	most := w.arg(f.Max)
	return `SELECT seq, ` + entryCols + ` FROM journal` + w.text() + ` ORDER BY seq DESC LIMIT ` + most + kept, w.args
}
