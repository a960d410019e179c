package callback_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

// crowded is a desk whose queue has so many open callbacks in its horizon.
func crowded(b *testing.B, s *store.Store, open int) *callback.Desk {
	b.Helper()
	c := config()
	q := c.Queues["billing"]
	q.Capacity = 1_000_000
	c.Queues["billing"] = q
	d, err := callback.New(c)
	if err != nil {
		b.Fatal(err)
	}
	d.Store, d.Boot, d.Log = s, "boot", slog.New(slog.DiscardHandler)
	noon, err := opening.FromWall("2026-06-01T12:00", helsinki(b))
	if err != nil {
		b.Fatal(err)
	}
	d.Now = func() time.Time { return noon }
	d.Menus = map[string]*ivr.Menu{}
	if d.Menus["main"], err = ivr.Default("main"); err != nil {
		b.Fatal(err)
	}
	times := d.Queues["billing"].Times(noon)
	for from := 0; from < open; from += 1000 {
		err := s.Update(b.Context(), func(tx callback.Tx) error {
			for i := from; i < min(open, from+1000); i++ {
				at := times[i%len(times)]
				err := tx.AddCallback(callback.Callback{
					ID: rand.Text(), Queue: "billing", Phone: callback.Phone(fmt.Sprintf("+35850%07d", i)),
					State: callback.BookedState, At: at, DueAt: at, Until: at, CreatedAt: noon, UpdatedAt: noon,
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return d
}

// The first turn of a call, and the one that reads out free times, with few
// and with many promises in the horizon.
func BenchmarkTurn(b *testing.B) {
	for _, open := range []int{100, 10_000} {
		b.Run(fmt.Sprint(open), func(b *testing.B) {
			storetest.EachBench(b, func(b *testing.B, s *store.Store) {
				d := crowded(b, s, open)
				b.ResetTimer()
				for b.Loop() {
					id := rand.Text()
					turn, err := d.Answer(b.Context(), callback.Inbound{Talk: id, Line: "test", From: aino, To: service})
					if err != nil {
						b.Fatal(err)
					}
					if _, err = d.Next(b.Context(), id, turn.No, ivr.Event{Kind: ivr.Heard, Text: "1"}); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
