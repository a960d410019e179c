package callback_test

import (
	"crypto/rand"
	"errors"
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

// BenchmarkDecision is one look whether a callback that is due is dialled, while so
// many customers are being rung without an agent kept for them, who need the one that
// is free.
func BenchmarkDecision(b *testing.B) {
	for _, rung := range []int{1, 200} {
		b.Run(fmt.Sprint(rung), func(b *testing.B) {
			storetest.EachBench(b, func(b *testing.B, s *store.Store) {
				d := crowded(b, s, 0)
				for _, q := range d.Queues {
					q.Order = callback.Adaptive
				}
				err := s.Update(b.Context(), func(tx callback.Tx) error { return ringing(tx, d, rung) })
				if err != nil {
					b.Fatal(err)
				}
				b.ResetTimer()
				for b.Loop() {
					if rings, err := d.Claim(b.Context(), 1); len(rings) > 0 || err != nil {
						b.Fatalf("%d calls, %v", len(rings), err)
					}
				}
			})
		})
	}
}

// ringing has so many customers rung, all agents but one speak, and one callback be due.
func ringing(tx callback.Tx, d *callback.Desk, rung int) error {
	all := []error{tx.PutStatus(callback.Status{Agent: "anna", State: callback.OnCall, Ref: "anna", Since: d.Now()})}
	for i := range rung + 1 {
		c := callback.Callback{
			ID: fmt.Sprint(i), Queue: "billing", Phone: callback.Phone(fmt.Sprintf("+35850%07d", i)), State: callback.CustomerDialing, Boot: d.Boot,
			At: d.Now(), DueAt: d.Now(), Until: d.Now().Add(time.Hour), CreatedAt: d.Now(), UpdatedAt: d.Now(),
		}
		if i == rung {
			c.State, c.Boot = callback.BookedState, ""
		} else {
			all = append(all, tx.PutTalk(callback.Talk{ID: c.ID, Line: "sip", Phone: c.Phone, Menu: "customer", Callback: c.ID, BeganAt: d.Now()}))
		}
		all = append(all, tx.AddCallback(c))
	}
	return errors.Join(all...)
}

// BenchmarkTeam looks who of so many agents is free, as each decision of the
// dispatcher does, and tells a caller of them how long he waits.
func BenchmarkTeam(b *testing.B) {
	for _, agents := range []int{10, 100, 1000} {
		d := crewed(b, agents)
		b.Run(fmt.Sprint("claim/", agents), func(b *testing.B) {
			for b.Loop() {
				if _, err := d.Claim(b.Context(), 1); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprint("outlook/", agents), func(b *testing.B) {
			for b.Loop() {
				if o, err := d.Outlook(b.Context(), "billing"); err != nil || o.Idle != agents {
					b.Fatal(o, err)
				}
			}
		})
	}
}

// crewed is a desk with so many agents, all of whom work for ten queues.
func crewed(b *testing.B, agents int) *callback.Desk {
	b.Helper()
	c := config()
	q := c.Queues["billing"]
	q.Agents, c.Agents = nil, map[string]callback.Agent{}
	for i := range agents {
		name := fmt.Sprintf("agent%04d", i)
		c.Agents[name] = callback.Agent{Phone: "sip:" + name + "@127.0.0.1"}
		q.Agents = append(q.Agents, name)
	}
	for i := range 9 {
		c.Queues[fmt.Sprint("queue", i)] = q
	}
	c.Queues["billing"] = q
	d, err := callback.New(c)
	if err != nil {
		b.Fatal(err)
	}
	d.Store, d.Boot, d.Log, d.Now = storetest.New(b), "boot", slog.New(slog.DiscardHandler), time.Now
	err = d.Store.Update(b.Context(), func(tx callback.Tx) error {
		for name := range c.Agents {
			if err := tx.PutStatus(callback.Status{Agent: name, State: callback.Available, Since: time.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return d
}
