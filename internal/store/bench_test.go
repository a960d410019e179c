package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// pending fills the store with n promises that are not due for days.
func pending(b *testing.B, s *store.Store, n int) {
	b.Helper()
	for done := 0; done < n; {
		must(b, s, func(tx callback.Tx) error {
			for range min(5000, n-done) {
				c := booked(fmt.Sprintf("p%07d", done))
				c.DueAt = noon.Add(24*time.Hour + time.Duration(done)*time.Second)
				c.At, c.Wall, c.Zone = c.DueAt.Truncate(15*time.Minute), "", ""
				if err := tx.AddCallback(c); err != nil {
					return err
				}
				done++
			}
			return nil
		})
	}
}

// BenchmarkBook is what the desk writes for a booking: slot, count, promise,
// talk, message and journal.
func BenchmarkBook(b *testing.B) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			storetest.EachBench(b, func(b *testing.B, s *store.Store) {
				var n atomic.Int64
				b.SetParallelism(callers)
				book := func() {
					i := n.Add(1)
					must(b, s, func(tx callback.Tx) error { return bookLikeTheDesk(tx, i) })
				}
				if callers == 1 {
					for b.Loop() {
						book()
					}
					return
				}
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						book()
					}
				})
			})
		})
	}
}

func bookLikeTheDesk(tx callback.Tx, n int64) error {
	id := fmt.Sprint(n)
	c := booked(id)
	c.At = noon.Add(time.Duration(n%1000) * 15 * time.Minute)
	if _, err := tx.LockSlot(c.Queue, c.At, 1_000_000); err != nil {
		return err
	}
	if _, err := tx.CountSlots(c.Queue, c.At, c.At.Add(time.Millisecond), noon); err != nil {
		return err
	}
	if err := tx.AddCallback(c); err != nil {
		return err
	}
	if err := tx.PutTalk(callback.Talk{ID: id, Callback: id}); err != nil {
		return err
	}
	if err := tx.AddMessage(callback.Message{ID: id, DueAt: noon}); err != nil {
		return err
	}
	return tx.Record(callback.Entry{Kind: "callback.booked", Callback: id})
}

// BenchmarkDue is what the scheduler asks at every wake-up, while 100,000
// promises wait for another day.
func BenchmarkDue(b *testing.B) {
	storetest.EachBench(b, func(b *testing.B, s *store.Store) {
		pending(b, s, 100_000)
		b.ResetTimer()
		for b.Loop() {
			look(b, s, func(tx callback.Tx) error {
				if _, err := tx.NextDue(time.Time{}); err != nil {
					return err
				}
				due, err := tx.DueCallbacks(noon, 10)
				if len(due) != 0 {
					b.Fatalf("%d are due", len(due))
				}
				return err
			})
		}
	})
}

// BenchmarkClaim takes one due promise in hand, while 100,000 wait.
func BenchmarkClaim(b *testing.B) {
	storetest.EachBench(b, func(b *testing.B, s *store.Store) {
		pending(b, s, 100_000)
		n := 0
		for b.Loop() {
			b.StopTimer()
			n++
			must(b, s, func(tx callback.Tx) error { return tx.AddCallback(booked(fmt.Sprint(n))) })
			b.StartTimer()
			must(b, s, func(tx callback.Tx) error {
				due, err := tx.DueCallbacks(noon, 1)
				if err != nil || len(due) != 1 {
					return fmt.Errorf("%d due, %w", len(due), err)
				}
				c := due[0]
				c.State, c.Boot, c.Agent = callback.Claimed, "b1", "anna"
				if err := tx.MoveCallback(c, callback.BookedState); err != nil {
					return err
				}
				return tx.AddAttempt(callback.Attempt{Callback: c.ID, No: 1, Leg: callback.AgentLeg, Ref: c.ID, IntentAt: noon})
			})
		}
	})
}

// BenchmarkOpen is a restart of the service with 100,000 promises.
func BenchmarkOpen(b *testing.B) {
	cfg := store.Config{Dir: b.TempDir()}
	s, err := store.Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	pending(b, s, 100_000)
	for b.Loop() {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		if s, err = store.Open(b.Context(), cfg); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkTraffic asks what callers did in one version of a menu, of some
// 500,000 counts that a million events, and as many stays, have left in a
// quarter of a year.
func BenchmarkTraffic(b *testing.B) {
	storetest.EachBench(b, func(b *testing.B, s *store.Store) {
		const fill = `INSERT INTO tally (menu, version, hour, node, way, n, ms)
			WITH RECURSIVE h (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM h WHERE i < 2159),
				v (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM v WHERE v < 3),
				k (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM k WHERE k < 79)
			SELECT 'main', 'v' || CAST(v AS TEXT), CAST(i AS BIGINT) * 3600000, 'node' || CAST(k / 10 AS TEXT),
				CASE WHEN k % 10 < 4 THEN 'key ' ELSE 'took ' END || CAST(k % 10 AS TEXT), CASE WHEN k % 10 < 4 THEN 5 ELSE 3 END, 9000
			FROM h, v, k`
		if err := s.Exec(b.Context(), fill); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			look(b, s, func(tx callback.Tx) error {
				all, err := tx.Tallies(walk.Filter{Menu: "main", Version: "v2"})
				if len(all) != 80 || all[0].N != 5*2160 {
					b.Fatalf("got %d counts, the first %+v", len(all), all)
				}
				return err
			})
		}
	})
}

// BenchmarkMeasures adds up a year of three queues, in which a million calls and
// 100,000 callbacks were counted under 60 names
// each day, and callers by the quarter of an hour.
func BenchmarkMeasures(b *testing.B) {
	storetest.EachBench(b, func(b *testing.B, s *store.Store) {
		const fill = `INSERT INTO measure (queue, name, since, n, ms)
			WITH RECURSIVE h (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM h WHERE i < 259),
				q (q) AS (SELECT 1 UNION ALL SELECT q + 1 FROM q WHERE q < 3),
				k (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM k WHERE k < 59)
			SELECT 'queue' || CAST(q AS TEXT), 'name' || CAST(k AS TEXT), CAST(i AS BIGINT) * 86400000, 1300, 9000
			FROM h, q, k`
		const quarters = `INSERT INTO measure (queue, name, since, n, ms)
			WITH RECURSIVE h (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM h WHERE i < 8319),
				q (q) AS (SELECT 1 UNION ALL SELECT q + 1 FROM q WHERE q < 3)
			SELECT 'queue' || CAST(q AS TEXT), 'coming', CAST(i AS BIGINT) * 900000, 40, 0 FROM h, q`
		for _, statement := range []string{fill, quarters} {
			if err := s.Exec(b.Context(), statement); err != nil {
				b.Fatal(err)
			}
		}
		for b.Loop() {
			look(b, s, func(tx callback.Tx) error {
				all, err := tx.Measures(callback.MeasureFilter{})
				if len(all) != 183 || all[1].N != 1300*260 {
					b.Fatalf("got %d counts, the first %+v", len(all), all)
				}
				return err
			})
		}
	})
}
