package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

func TestMenus(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		v := callback.MenuVersion{Menu: "main", Version: "v1", Source: "start: ä\n", UsedAt: noon}
		live := callback.LiveMenu{Menu: "main", Version: "v1", Trial: "v2", Share: 10, InFile: true}
		must(t, s, func(tx callback.Tx) error {
			_, none := tx.MenuVersion("main", "v1")
			wantErr(t, none, callback.ErrNotFound)
			_, none = tx.LiveMenu("main")
			wantErr(t, none, callback.ErrNotFound)
			return errors.Join(tx.KeepMenu(v), tx.KeepMenu(v), tx.PutLiveMenu(live), tx.LeaveMenu("main", "", noon))
		})
		live.Trial, live.Share = "", 0
		v.UsedAt = noon.Add(time.Hour)
		must(t, s, func(tx callback.Tx) error {
			err := errors.Join(tx.PutLiveMenu(live), tx.LeaveMenu("main", "v1", v.UsedAt))
			gotLive, err2 := tx.LiveMenu("main")
			same(t, gotLive, live)
			got, err3 := tx.MenuVersion("main", "v1")
			same(t, got, v)
			return errors.Join(err, err2, err3)
		})
	})
}

// A version that is live, or that an open talk is held in, is never purged.
func TestPurgeKeepsVersionsInUse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Now() // talks that nobody ends are purged by age
		must(t, s, func(tx callback.Tx) error {
			var errs []error
			for _, v := range []string{"live", "trial", "held", "old"} {
				errs = append(errs, tx.KeepMenu(callback.MenuVersion{Menu: "main", Version: v, UsedAt: noon}))
			}
			talk := callback.Talk{ID: "t1", Menu: "main", Version: "held", BeganAt: now}
			return errors.Join(append(errs, tx.PutTalk(talk),
				tx.PutLiveMenu(callback.LiveMenu{Menu: "main", Version: "live", Trial: "trial", Share: 5}))...)
		})
		if _, err := s.Purge(t.Context(), noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		look(t, s, func(tx callback.Tx) error {
			for _, v := range []string{"live", "trial", "held"} {
				if _, err := tx.MenuVersion("main", v); err != nil {
					t.Errorf("%s: %v", v, err)
				}
			}
			_, gone := tx.MenuVersion("main", "old")
			wantErr(t, gone, callback.ErrNotFound)
			return nil
		})
	})
}

func TestTallies(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := func(version string, at time.Time, way string) walk.Tally {
			return walk.Tally{Menu: "main", Version: version, Hour: at.Truncate(time.Hour), Node: "pick", Way: way, N: 2, Time: 3 * time.Second}
		}
		for range 2 {
			must(t, s, func(tx callback.Tx) error {
				return errors.Join(tx.Count([]walk.Tally{one("v1", noon, "in"), one("v1", noon.Add(time.Hour), "in")}),
					tx.Count([]walk.Tally{one("v2", noon, "key 1")}))
			})
		}
		tests := []struct {
			name   string
			filter walk.Filter
			n      []int
		}{
			{"all", walk.Filter{Menu: "main"}, []int{8, 4}},
			{"one version", walk.Filter{Menu: "main", Version: "v2"}, []int{4}},
			{"since", walk.Filter{Version: "v1", From: noon.Add(time.Hour)}, []int{4}},
			{"until", walk.Filter{Version: "v1", To: noon}, []int{4}},
			{"another menu", walk.Filter{Menu: "agent"}, nil},
		}
		look(t, s, func(tx callback.Tx) error {
			for _, tt := range tests {
				all, err := tx.Tallies(tt.filter)
				if err != nil {
					return err
				}
				var got []int
				for _, c := range all {
					got = append(got, c.N)
				}
				same(t, got, tt.n)
			}
			return nil
		})
	})
}

func TestWalked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		steps := []walk.Step{{Kind: "begin", Facts: "o"}, {At: 1200, Kind: "heard", Text: "1", To: []string{"bye"}}}
		must(t, s, func(tx callback.Tx) error {
			var errs []error
			for _, k := range []callback.Talk{
				{ID: "old", Menu: "main", Closed: true, BeganAt: noon.Add(-time.Hour), Walk: steps},
				{ID: "open", Menu: "main", BeganAt: noon, Walk: steps},
				{ID: "other", Menu: "agent", Closed: true, BeganAt: noon, Walk: steps},
				{ID: "still", Menu: "main", Closed: true, BeganAt: noon},
				{ID: "one", Menu: "main", Closed: true, BeganAt: noon, Walk: steps},
				{ID: "two", Menu: "main", Closed: true, BeganAt: noon.Add(time.Minute), Walk: steps},
			} {
				errs = append(errs, tx.PutTalk(k))
			}
			return errors.Join(errs...)
		})
		look(t, s, func(tx callback.Tx) error {
			all, err := tx.Walked("main", noon, 10)
			if len(all) != 2 || all[0].ID != "two" || all[1].ID != "one" {
				t.Errorf("got %+v, want two and one", all)
			} else {
				same(t, all[0].Walk, steps)
			}
			return err
		})
	})
}

func TestMenuEntries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		must(t, s, func(tx callback.Tx) error {
			for _, kind := range []string{"menu.live", "talk.note", "menu.trial", "menus", "menu.live"} {
				if err := tx.Record(callback.Entry{At: noon, Kind: kind}); err != nil {
					return err
				}
			}
			all, err := tx.MenuEntries(2)
			var kinds []string
			for _, e := range all {
				kinds = append(kinds, e.Kind)
			}
			same(t, kinds, []string{"menu.live", "menu.trial"})
			return err
		})
	})
}
