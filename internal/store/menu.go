package store

import (
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/walk"
)

// KeepMenu implements [callback.Menus].
func (t *tx) KeepMenu(v callback.MenuVersion) error {
	_, err := t.exec(`INSERT INTO menu_version (menu, version, source, used_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (menu, version) DO UPDATE SET used_at = excluded.used_at`, v.Menu, v.Version, v.Source, v.UsedAt)
	return err
}

// LeaveMenu implements [callback.Menus].
func (t *tx) LeaveMenu(menu, version string, at time.Time) error {
	_, err := t.exec(`UPDATE menu_version SET used_at = $3 WHERE menu = $1 AND version = $2`, menu, version, at)
	return err
}

// MenuVersion implements [callback.Menus].
func (t *tx) MenuVersion(menu, version string) (callback.MenuVersion, error) {
	return first(t, func(v *callback.MenuVersion) []any {
		return []any{&v.Menu, &v.Version, &v.Source, moment{&v.UsedAt}}
	}, `SELECT menu, version, source, used_at FROM menu_version WHERE menu = $1 AND version = $2`, menu, version)
}

// LiveMenu implements [callback.Menus].
func (t *tx) LiveMenu(menu string) (callback.LiveMenu, error) {
	return first(t, func(l *callback.LiveMenu) []any {
		return []any{&l.Menu, &l.Version, &l.Trial, &l.Share, &l.InFile}
	}, `SELECT menu, version, trial, share, in_file FROM menu_live WHERE menu = $1`+t.lock, menu)
}

// PutLiveMenu implements [callback.Menus].
func (t *tx) PutLiveMenu(l callback.LiveMenu) error {
	_, err := t.exec(`INSERT INTO menu_live (menu, version, trial, share, in_file) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (menu) DO UPDATE SET version = excluded.version, trial = excluded.trial, share = excluded.share, in_file = excluded.in_file`,
		l.Menu, l.Version, l.Trial, l.Share, l.InFile)
	return err
}

const menuEntries = `SELECT seq, ` + entryCols + ` FROM journal
	WHERE kind >= 'menu.' AND kind < 'menu/' ORDER BY seq DESC LIMIT $1`

// MenuEntries implements [callback.Menus].
func (t *tx) MenuEntries(most int) ([]callback.Entry, error) {
	if err := t.flush(); err != nil {
		return nil, err
	}
	return list(t, entryInto, menuEntries, most)
}

// Count implements [callback.Menus]. It is written with the journal: all calls
// add to the same few rows, and would wait for each other.
func (t *tx) Count(all []walk.Tally) error {
	t.tallies = append(t.tallies, all...)
	return nil
}

func (t *tx) count(all []walk.Tally) error {
	for _, c := range all {
		_, err := t.exec(`INSERT INTO tally (menu, version, hour, node, way, n, ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (menu, version, hour, node, way) DO UPDATE SET n = tally.n + excluded.n, ms = tally.ms + excluded.ms`,
			c.Menu, c.Version, c.Hour, c.Node, c.Way, c.N, c.Time.Milliseconds())
		if err != nil {
			return err
		}
	}
	return nil
}

// Walked implements [callback.Menus].
func (t *tx) Walked(menu string, since time.Time, most int) ([]callback.Talk, error) {
	return list(t, talkInto, `SELECT `+talkCols+` FROM talk
		WHERE closed = 1 AND began_at >= $2 AND menu = $1 AND walk <> 'null' ORDER BY began_at DESC LIMIT $3`, menu, since, most)
}

// Tallies implements [callback.Menus].
func (t *tx) Tallies(f walk.Filter) ([]walk.Tally, error) {
	var w where
	w.add(f.Menu != "", `menu = %s`, f.Menu)
	w.add(f.Version != "", `version = %s`, f.Version)
	w.add(!f.From.IsZero(), `hour >= %s`, f.From.Truncate(time.Hour))
	w.add(!f.To.IsZero(), `hour < %s`, f.To)
	return list(t, func(c *walk.Tally) []any {
		return []any{&c.Menu, &c.Version, &c.Node, &c.Way, &c.N, span{&c.Time}}
	}, `SELECT menu, version, node, way, CAST(SUM(n) AS BIGINT), CAST(SUM(ms) AS BIGINT) FROM tally`+w.text()+`
		GROUP BY menu, version, node, way ORDER BY menu, version, node, way`, w.args...)
}
