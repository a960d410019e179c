package store_test

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

// BenchmarkDispatch measures how late calls leave, while 100,000 promises wait
// for another day: store, desk and scheduler, one call due every 10 ms. Run it
// with -benchtime 500x.
func BenchmarkDispatch(b *testing.B) {
	storetest.EachBench(b, func(b *testing.B, s *store.Store) {
		if b.N == 1 {
			return // the try run of the testing package would fill a store in vain
		}
		pending(b, s, 100_000)
		d := desk(b, s, "boot", b.N)
		ready(b, s, d, b.N)
		start := time.Now().Add(time.Second)
		due := map[string]time.Time{}
		must(b, s, func(tx callback.Tx) error {
			for i := range b.N {
				c := dueAt(fmt.Sprint("due", i), number(i), start.Add(time.Duration(i)*10*time.Millisecond))
				due[c.ID] = c.DueAt
				if err := tx.AddCallback(c); err != nil {
					return err
				}
			}
			return nil
		})
		late := lateness(b, d, due)
		slices.Sort(late)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(late[len(late)/2], "p50-ms")
		b.ReportMetric(late[len(late)*99/100], "p99-ms")
		b.ReportMetric(late[len(late)-1], "max-ms")
	})
}

// lateness runs the scheduler until all that is due was dialled, and returns
// by how many milliseconds each was late.
func lateness(b *testing.B, d *callback.Desk, due map[string]time.Time) []float64 {
	b.Helper()
	ctx, stop := context.WithTimeout(b.Context(), time.Minute)
	defer stop()
	line := &stopwatch{due: due, all: stop}
	sched := &scheduler.Scheduler{
		Desk: d, Dialer: line, Texter: line, Config: scheduler.DefaultConfig(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	if err := sched.Run(ctx); err != nil {
		b.Fatal(err)
	}
	if len(line.late) != len(due) {
		b.Fatalf("%d of %d were dialled", len(line.late), len(due))
	}
	return line.late
}

// A stopwatch is a line on which nobody answers.
type stopwatch struct {
	due map[string]time.Time
	all func() // when all that is due was dialled

	mu   sync.Mutex
	late []float64 // milliseconds
}

// Dial implements [scheduler.Dialer].
func (w *stopwatch) Dial(_ context.Context, r callback.Ring) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late = append(w.late, float64(time.Since(w.due[r.Callback]).Microseconds())/1000)
	if len(w.late) == len(w.due) {
		w.all()
	}
	return nil
}

// Text implements [scheduler.Texter].
func (w *stopwatch) Text(context.Context, callback.Message) error { return nil }
