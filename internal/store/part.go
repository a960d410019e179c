package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
)

// partKey is a row of parts.
type partKey struct {
	by, of, queue, name string
	since               int64
}

// partBatch is how many rows one statement writes.
const partBatch = 8

// parts writes by what was counted, under the lock of the journal. The rows
// are written in one order, whatever it was counted in.
func (t *tx) parts(all []callback.Measure) error {
	sums := map[partKey]figures.Count{}
	for _, m := range all {
		for by, of := range m.Parts {
			key := partKey{by, of, m.Queue, m.Name, millis(m.Since)}
			sum := sums[key]
			sums[key] = figures.Count{N: sum.N + m.N, Time: sum.Time + m.Time}
		}
	}
	keys := make([]partKey, 0, len(sums))
	for key := range sums {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b partKey) int {
		return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.of, b.of), cmp.Compare(a.queue, b.queue), cmp.Compare(a.name, b.name), cmp.Compare(a.since, b.since))
	})
	for len(keys) > 0 {
		n := 1
		if len(keys) >= partBatch {
			n = partBatch
		}
		if err := t.addParts(keys[:n], sums); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

func (t *tx) addParts(keys []partKey, sums map[partKey]figures.Count) error {
	var w where
	rows := make([]string, len(keys))
	for i, k := range keys {
		c := sums[k]
		rows[i] = fmt.Sprintf("(%s, %s, %s, %s, %s, %s, %s)",
			w.arg(k.by), w.arg(k.of), w.arg(k.queue), w.arg(k.name), w.arg(k.since), w.arg(c.N), w.arg(c.Time.Milliseconds()))
	}
	_, err := t.exec(`INSERT INTO part (kind, value, queue, name, since, n, ms) VALUES `+strings.Join(rows, ", ")+`
		ON CONFLICT (kind, value, queue, name, since) DO UPDATE SET n = part.n + excluded.n, ms = part.ms + excluded.ms`, w.args...)
	return err
}

// Parts implements [callback.Measures].
func (t *tx) Parts(f callback.PartFilter) ([]callback.Part, error) {
	query, args := parts(f)
	return list(t, func(p *callback.Part) []any {
		return []any{&p.Of, moment{&p.Since}, &p.Name, &p.N, span{&p.Time}}
	}, query, args...)
}

// FirstPart implements [callback.Measures]. Answers of before are counted by
// agent too, and tell nothing of the rest.
func (t *tx) FirstPart(by string) (time.Time, error) {
	return first(t, func(at *time.Time) []any { return []any{moment{at}} },
		`SELECT since FROM part WHERE kind = $1 AND name NOT LIKE 'said %' ORDER BY since LIMIT 1`, by)
}

func parts(f callback.PartFilter) (query string, args []any) {
	var w where
	table, of := "measure", "queue"
	if f.By != "" {
		table, of = "part", "value"
		w.add(true, `kind = %s`, f.By)
	}
	w.add(!f.From.IsZero(), `since >= %s`, f.From)
	w.add(!f.To.IsZero(), `since < %s`, f.To)
	w.add(f.Queue != "", `queue = %s`, f.Queue)
	if len(f.Names) > 0 {
		places := make([]string, len(f.Names))
		for i, name := range f.Names {
			places[i] = w.arg(name)
		}
		w.conds = append(w.conds, `name IN (`+strings.Join(places, ", ")+`)`)
	}
	day, group := "0", ""
	if f.Daily {
		day, group = "since", "since, "
	}
	return `SELECT ` + of + `, CAST(` + day + ` AS BIGINT), name, CAST(SUM(n) AS BIGINT), CAST(SUM(ms) AS BIGINT) FROM ` + table + w.text() + `
		GROUP BY ` + group + of + `, name ORDER BY ` + group + of + `, name`, w.args
}
