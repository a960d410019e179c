package store

import (
	"cmp"
	"errors"
	"slices"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/wait"
)

// million is how finely people who gave up are counted: what is known of them
// fades.
const million = 1e6

const runningCols = `queue, talk, talks, writing, writes, waited, gave_up`

// Running implements [callback.Measures].
func (t *tx) Running(queue string) (wait.Running, error) {
	var r wait.Running
	var up int64
	err := t.one(`SELECT `+runningCols+` FROM running WHERE queue = $1`, []any{queue},
		&r.Queue, span{&r.Talk.Mean}, &r.Talk.Calls, span{&r.Write.Mean}, &r.Write.Calls, span{&r.Gives.Waited}, &up)
	r.Gives.Up = float64(up) / million
	return r, err
}

func (t *tx) putRunning(r wait.Running) error {
	_, err := t.exec(`INSERT INTO running (`+runningCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (queue) DO UPDATE SET talk = $2, talks = $3, writing = $4, writes = $5, waited = $6, gave_up = $7`,
		r.Queue, r.Talk.Mean.Milliseconds(), r.Talk.Calls, r.Write.Mean.Milliseconds(), r.Write.Calls,
		r.Gives.Waited.Milliseconds(), int64(r.Gives.Up*million))
	return err
}

// Measure implements [callback.Measures]. Like what is counted in menus, it is
// written with the journal: all calls add to the same few rows.
func (t *tx) Measure(m callback.Measure) error {
	t.measures = append(t.measures, m)
	return nil
}

// gauge writes what was measured, under the lock of the journal.
func (t *tx) gauge(all []callback.Measure) error {
	if err := t.run(all); err != nil {
		return err
	}
	for _, m := range summed(all) {
		_, err := t.exec(`INSERT INTO measure (queue, name, since, n, ms) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (queue, name, since) DO UPDATE SET n = measure.n + excluded.n, ms = measure.ms + excluded.ms`,
			m.Queue, m.Name, m.Since, m.N, m.Time.Milliseconds())
		if err != nil {
			return err
		}
	}
	return t.parts(all)
}

// run moves the running estimates on.
func (t *tx) run(all []callback.Measure) error {
	changed := map[string]wait.Running{}
	for _, m := range all {
		r, known := changed[m.Queue]
		if !known {
			var err error
			r, err = t.Running(m.Queue)
			if errors.Is(err, callback.ErrNotFound) {
				r, err = wait.Unmeasured(m.Queue), nil
			}
			if err != nil {
				return err
			}
		}
		if next, ok := r.Add(m.Count); ok {
			changed[m.Queue] = next
		}
	}
	for _, r := range changed {
		if err := t.putRunning(r); err != nil {
			return err
		}
	}
	return nil
}

// summed adds up measures that belong into one row.
func summed(all []callback.Measure) []callback.Measure {
	same := func(a, b callback.Measure) int {
		return cmp.Or(cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Name, b.Name), a.Since.Compare(b.Since))
	}
	all = slices.SortedFunc(slices.Values(all), same)
	var sums []callback.Measure
	for _, m := range all {
		if n := len(sums); n > 0 && same(sums[n-1], m) == 0 {
			sums[n-1].N += m.N
			sums[n-1].Time += m.Time
			continue
		}
		sums = append(sums, m)
	}
	return sums
}

// Measures implements [callback.Measures].
func (t *tx) Measures(f callback.MeasureFilter) ([]callback.Measure, error) {
	var w where
	w.add(!f.From.IsZero(), `since >= %s`, f.From)
	w.add(!f.To.IsZero(), `since < %s`, f.To)
	w.add(f.Queue != "", `queue = %s`, f.Queue)
	w.add(f.Name != "", `name = %s`, f.Name)
	return list(t, func(m *callback.Measure) []any {
		return []any{&m.Queue, &m.Name, &m.N, span{&m.Time}}
	}, `SELECT queue, name, CAST(SUM(n) AS BIGINT), CAST(SUM(ms) AS BIGINT) FROM measure`+w.text()+`
		GROUP BY queue, name ORDER BY queue, name`, w.args...)
}

// Course implements [callback.Measures].
func (t *tx) Course(f callback.MeasureFilter) ([]callback.Measure, error) {
	return list(t, func(m *callback.Measure) []any {
		return []any{&m.Queue, &m.Name, moment{&m.Since}, &m.N, span{&m.Time}}
	}, `SELECT queue, name, since, n, ms FROM measure
		WHERE queue = $1 AND name = $2 AND since >= $3 AND since < $4 ORDER BY since`, f.Queue, f.Name, f.From, f.To)
}

const toldCols = `id, queue, at, ahead, mean, bound, until, ended_at, how`

// PutTold implements [callback.Measures].
func (t *tx) PutTold(v callback.Told) error {
	_, err := t.exec(`INSERT INTO told (`+toldCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET queue = $2, at = $3, ahead = $4, mean = $5, bound = $6, until = $7, ended_at = $8, how = $9`,
		v.ID, v.Queue, v.At, v.Ahead, v.Mean.Milliseconds(), v.Bound.Milliseconds(), v.Until, v.EndedAt, v.How)
	return err
}

// Told implements [callback.Measures].
func (t *tx) Told(id string) (callback.Told, error) {
	return first(t, func(v *callback.Told) []any {
		return []any{
			&v.ID, &v.Queue,
			moment{&v.At},
			&v.Ahead,
			span{&v.Mean},
			span{&v.Bound},
			moment{&v.Until},
			moment{&v.EndedAt},
			&v.How,
		}
	}, `SELECT `+toldCols+` FROM told WHERE id = $1`, id)
}
