package simulation

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/scheduler"
)

// BenchmarkLateness measures how long after its due time a callback is handed
// to the line, with 100,000 more that wait for tomorrow.
func BenchmarkLateness(b *testing.B) {
	storetest.EachBench(b, func(b *testing.B, s *store.Store) {
		const pending, due = 100_000, 200
		fill(b, s, pending)
		for b.Loop() {
			late := punctual(b, s, due)
			slices.Sort(late)
			b.ReportMetric(float64(late[due/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(late[due*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(late[due-1].Microseconds())/1000, "max-ms")
		}
	})
}

// fill promises callbacks for tomorrow.
func fill(b *testing.B, s *store.Store, n int) {
	b.Helper()
	tomorrow := time.Now().Add(24 * time.Hour)
	for from := 0; from < n; from += 5000 {
		err := s.Update(b.Context(), func(tx callback.Tx) error {
			for i := from; i < from+5000; i++ {
				c := promised(i, tomorrow.Add(time.Duration(i)*time.Millisecond))
				c.ID, c.Phone = "p"+c.ID, callback.Phone(fmt.Sprintf("+44%09d", i))
				if err := tx.AddCallback(c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// A stopwatch is a dialer that looks at the time.
type stopwatch struct {
	mu   sync.Mutex
	due  map[string]time.Time
	late []time.Duration
	all  chan struct{}
	n    int
}

// Dial implements [scheduler.Dialer].
func (w *stopwatch) Dial(_ context.Context, r callback.Ring) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late = append(w.late, time.Since(w.due[r.Callback]))
	if len(w.late) == w.n {
		close(w.all)
	}
	return nil
}

// Text implements [scheduler.Texter].
func (w *stopwatch) Text(context.Context, callback.Message) error { return nil }

// crowd has an agent for each of so many calls: none of them ends.
func crowd(n int) callback.Config {
	c := around()
	q := c.Queues["q"]
	for i := len(q.Agents); i < n; i++ {
		name := fmt.Sprintf("a%d", i)
		c.Agents[name] = callback.Agent{Phone: "sip:" + name + "@example.com"}
		q.Agents = append(q.Agents, name)
	}
	c.Queues["q"] = q
	return c
}

// punctual runs a scheduler until n callbacks, due over four seconds, are
// dialled.
func punctual(b *testing.B, s *store.Store, n int) []time.Duration {
	b.Helper()
	d, err := newDesk(s, crowd(n), fmt.Sprint(time.Now().UnixNano()))
	if err != nil {
		b.Fatal(err)
	}
	w := &stopwatch{due: map[string]time.Time{}, all: make(chan struct{}), n: n}
	first := time.Now().Add(time.Second)
	err = s.Update(b.Context(), func(tx callback.Tx) error {
		for i := range n {
			c := promised(i, first.Add(time.Duration(i)*20*time.Millisecond))
			c.ID = fmt.Sprintf("%d-%s", first.UnixNano(), c.ID)
			c.Phone = callback.Phone(fmt.Sprintf("+35840%07d", (first.UnixMilli()+int64(i))%10_000_000))
			w.due[c.ID] = c.DueAt
			if err := tx.AddCallback(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	sched := &scheduler.Scheduler{
		Desk: d, Dialer: w, Texter: w, Config: scheduler.DefaultConfig(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	ctx, stop := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = sched.Run(ctx) })
	select {
	case <-w.all:
	case <-time.After(time.Minute):
		b.Fatalf("%d of %d dialled in a minute", len(w.late), n)
	}
	stop()
	wg.Wait()
	return w.late
}
