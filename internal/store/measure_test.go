package store_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	counted "github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// TestMeasures holds that what is measured adds up, and moves what is known of
// the queue on, whatever the database.
func TestMeasures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		day := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		measure := func(since time.Time, name string, took time.Duration) {
			err := s.Update(t.Context(), func(tx callback.Tx) error {
				m := callback.Measure{Queue: "billing", Since: since, Count: counted.Count{Name: name, N: 1, Time: took}}
				return errors.Join(tx.Measure(m), tx.Measure(m))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		measure(day, counted.Talking, 3*time.Minute)
		measure(day, counted.Talking, 3*time.Minute)
		measure(day.AddDate(0, 0, 1), counted.Abandoned, time.Minute)
		err := s.View(t.Context(), func(tx callback.Tx) error {
			all, err := tx.Measures(callback.MeasureFilter{Queue: "billing", To: day.AddDate(0, 0, 1)})
			if err != nil {
				return err
			}
			if len(all) != 1 || all[0].N != 4 || all[0].Time != 12*time.Minute {
				t.Errorf("four calls of three minutes are %+v", all)
			}
			course, err := tx.Course(callback.MeasureFilter{Queue: "billing", Name: counted.Abandoned, From: day, To: day.AddDate(0, 0, 9)})
			if err != nil {
				return err
			}
			if len(course) != 1 || !course[0].Since.Equal(day.AddDate(0, 0, 1)) || course[0].N != 2 {
				t.Errorf("two who hung up are %+v", course)
			}
			r, err := tx.Running("billing")
			if r.Talk.Calls != 4 || r.Talk.Mean >= 5*time.Minute || r.Gives.Up < 2.9 || r.Gives.Up > 3 {
				t.Errorf("the queue is known as %+v", r)
			}
			if _, err := tx.Running("sales"); !errors.Is(err, callback.ErrNotFound) {
				t.Errorf("a queue of which nothing was measured: %v", err)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestTold holds that what was told comes back as it was, and can be replaced.
func TestTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
		want := callback.Told{ID: "a", Queue: "billing", At: at, Ahead: 3, Mean: time.Minute, Bound: 2 * time.Minute}
		for _, how := range []string{"", counted.Answered} {
			want.How = how
			if how != "" {
				want.EndedAt = at.Add(90 * time.Second)
			}
			var got callback.Told
			err := s.Update(t.Context(), func(tx callback.Tx) (err error) {
				if err = tx.PutTold(want); err == nil {
					got, err = tx.Told("a")
				}
				return err
			})
			if err != nil || got != want {
				t.Errorf("got %+v, %v\nwant %+v", got, err, want)
			}
		}
	})
}

// TestPlaced holds that a place counts in line before those who came later, only
// while its callback is due soon, and not while who keeps it stands in line.
func TestPlaced(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
		err := s.Update(t.Context(), func(tx callback.Tx) error {
			for i, due := range []time.Time{now, now.Add(time.Hour)} {
				c := dueAt("c"+strconv.Itoa(i), number(i), due)
				c.Place = now.Add(-time.Minute)
				if err := tx.AddCallback(c); err != nil {
					return err
				}
			}
			there := dueAt("there", number(2), now)
			there.Place = now.Add(-time.Minute)
			elsewhere := callback.Waiter{Talk: "t1", Queue: "sales", Phone: number(0), Place: now, Came: now, Seen: now}
			inLine := callback.Waiter{Talk: "t2", Queue: there.Queue, Phone: there.Phone, Place: there.Place, Came: now, Seen: now}
			return errors.Join(tx.AddCallback(there), tx.PutWaiter(inLine), tx.PutWaiter(elsewhere))
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			before, due time.Time
			want        int
		}{
			{now, now, 1},
			{now, now.Add(time.Hour), 2},
			{now, now.Add(-time.Second), 0},
			{now.Add(-time.Minute), now.Add(time.Hour), 0},
		} {
			err := s.View(t.Context(), func(tx callback.Tx) error {
				n, err := tx.Placed("billing", tt.before, tt.due)
				if n != tt.want {
					t.Errorf("%d before %s and due by %s, want %d", n, tt.before, tt.due, tt.want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
