package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
		if f.By != "" && !f.Daily {
			return []any{&p.Of, &p.Name, sums{&p.Count}}
		}
		return []any{&p.Of, &p.Name, moment{&p.Since}, &p.N, span{&p.Time}}
	}, query, args...)
}

// Sums scans how often and how long, which the database wrote into one text.
type sums struct{ c *figures.Count }

// Scan implements [sql.Scanner].
func (s sums) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("sums are a %T", src)
	}
	n, took, _ := strings.Cut(text, " ")
	often, err := strconv.Atoi(n)
	ms, wrong := strconv.ParseInt(took, 10, 64)
	s.c.N, s.c.Time = often, time.Duration(ms)*time.Millisecond
	return errors.Join(err, wrong)
}

// FirstPart implements [callback.Measures]. Answers of before are counted by
// agent too, and tell nothing of the rest.
func (t *tx) FirstPart(by string) (time.Time, error) {
	return first(t, func(at *time.Time) []any { return []any{moment{at}} },
		`SELECT since FROM part WHERE kind = $1 AND name NOT LIKE 'said %' ORDER BY since LIMIT 1`, by)
}

func parts(f callback.PartFilter) (query string, args []any) {
	var w where
	switch {
	case f.By == "" && f.Together:
		return grouped(&w, f, "''", "measure"), w.args
	case f.By == "":
		return grouped(&w, f, "queue", "measure"), w.args
	case f.Daily:
		w.add(true, `kind = %s`, f.By)
		w.conds = append(w.conds, `value IN (SELECT value FROM v)`)
		return `WITH RECURSIVE ` + values + ` ` + grouped(&w, f, "value", "part"), w.args
	}
	return apart(&w, f), w.args
}

// grouped adds up rows by a column and the name of what was counted.
func grouped(w *where, f callback.PartFilter, of, table string) string {
	w.within(f)
	day, group := "0", ""
	if f.Daily {
		day, group = "since", ", since"
	}
	return `SELECT ` + of + ` AS of_what, name, CAST(` + day + ` AS BIGINT), CAST(SUM(n) AS BIGINT), CAST(SUM(ms) AS BIGINT)
		FROM ` + table + w.text() + ` GROUP BY of_what, name` + group
}

// within chooses counts by when and where they were made, and by name.
func (w *where) within(f callback.PartFilter) {
	w.add(!f.From.IsZero(), `since >= %s`, f.From)
	w.add(!f.To.IsZero(), `since < %s`, f.To)
	w.add(f.Queue != "", `queue = %s`, f.Queue)
	if len(f.Names) == 0 {
		return
	}
	places := make([]string, len(f.Names))
	for i, name := range f.Names {
		places[i] = w.arg(name)
	}
	w.conds = append(w.conds, `name IN (`+strings.Join(places, ", ")+`)`)
}

// values are all that something is counted by, and pairs what was counted of
// each. Neither database skips from one to the next in an index by itself: it
// would read each row of all years.
const (
	values = `v (value) AS (
		SELECT MIN(value) FROM part WHERE kind = $1 UNION ALL
		SELECT (SELECT MIN(value) FROM part WHERE kind = $1 AND value > v.value) FROM v WHERE v.value IS NOT NULL)`
	pairs = `p (value, name) AS (
		SELECT value, (SELECT MIN(name) FROM part WHERE kind = $1 AND value = v.value) FROM v WHERE value IS NOT NULL UNION ALL
		SELECT value, (SELECT MIN(name) FROM part WHERE kind = $1 AND value = p.value AND name > p.name) FROM p WHERE p.name IS NOT NULL)`
)

// apart adds up the rows of each pair by itself, in the order of the index.
// Sorting them all first takes six times as long. The sums are one text, so that
// the rows are read once; what is not materialized, SQLite works out once to see
// whether it is there, and again to tell it.
func apart(w *where, f callback.PartFilter) string {
	w.add(true, `kind = %s`, f.By)
	w.conds = append(w.conds, `value = p.value`, `name = p.name`)
	w.within(f)
	return `WITH RECURSIVE ` + values + `, ` + pairs + `, s (value, name, sums) AS MATERIALIZED (
		SELECT value, name, (SELECT CAST(SUM(n) AS TEXT) || ' ' || CAST(SUM(ms) AS TEXT) FROM part` + w.text() + `)
		FROM p WHERE name IS NOT NULL)
		SELECT value, name, sums FROM s WHERE sums IS NOT NULL`
}
