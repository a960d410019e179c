package callback_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// looks counts how often it is looked whether somebody is on the line with us.
type looks struct {
	callback.Store
	n int
}

func (l *looks) Update(ctx context.Context, fn func(callback.Tx) error) error {
	return l.Store.Update(ctx, func(tx callback.Tx) error { return fn(looked{tx, l}) })
}

type looked struct {
	callback.Tx
	by *looks
}

func (l looked) LiveTalks(p callback.Phone) ([]callback.Talk, error) {
	l.by.n++
	return l.Tx.LiveTalks(p)
}

// backlog has so many promises fall due at once, to people who speak English.
func (w *world) backlog(n int) {
	w.Helper()
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		for i := range n {
			phone := callback.Phone(fmt.Sprintf("+35840%07d", 2_000_000+137*i))
			if err := tx.AddCallback(callback.Callback{
				ID: fmt.Sprint("due", i), Queue: "billing", Phone: phone, Lang: "en", State: callback.BookedState, At: w.now, DueAt: w.now,
				Until: w.now.Add(15 * time.Minute), Zone: "Europe/Helsinki", CreatedAt: w.now, UpdatedAt: w.now,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

// However many promises are due, few are looked at once no agent is free: the call that
// is made must leave soon after it was decided upon.
func TestBacklogHoldsUpNoCall(t *testing.T) {
	t.Parallel()
	for _, order := range []callback.Order{callback.AgentFirst, callback.Adaptive} {
		w := newWorld(t, adaptive, func(c *callback.Config) {
			q := c.Queues["billing"]
			q.Dialing = order
			c.Queues["billing"] = q
		})
		w.backlog(600)
		count := &looks{Store: w.Store}
		w.Store = count
		w.rings(2)
		w.rings(0)
		if count.n > 20 {
			t.Errorf("%s: looked after %d customers for two agents", order, count.n)
		}
	}
}

// Nor are they looked at for an agent who speaks another language, whether or not
// somebody stands in line.
func TestBacklogOfAnotherLanguage(t *testing.T) {
	t.Parallel()
	for name, line := range map[string][]callback.Waiter{"nobody in line": nil, "a caller in line": {{Ready: true}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) {
				c.Agents["anna"] = callback.Agent{Name: "Anna", Phone: "sip:anna@127.0.0.1", Languages: []string{"en"}}
				c.Agents["bo"] = callback.Agent{Name: "Bo", Phone: "sip:bo@127.0.0.1", Languages: []string{"fi"}}
			})
			w.backlog(600)
			for _, one := range line {
				one.Talk, one.Queue, one.Boot, one.Place, one.Came, one.Seen = "caller", "billing", "other", w.now, w.now, w.now
				if err := w.Store.Update(t.Context(), func(tx callback.Tx) error { return tx.PutWaiter(one) }); err != nil {
					t.Fatal(err)
				}
			}
			count := &looks{Store: w.Store}
			w.Store = count
			if r := w.rings(1); r[0].Addr != "sip:anna@127.0.0.1" {
				t.Errorf("rings %s", r[0].Addr)
			}
			w.rings(0)
			if count.n > 20 {
				t.Errorf("looked after %d customers for one agent", count.n)
			}
		})
	}
}

// Nor in a queue whose number was shown as often as it may be.
func TestBacklogThatMustWait(t *testing.T) {
	t.Parallel()
	const other callback.Phone = "+358912345679"
	w := newWorld(t, func(c *callback.Config) {
		c.Limits.PerCallerID = 1
		q := c.Queues["billing"]
		q.Agents, q.CallerID = []string{"bo"}, other
		c.Queues["sales"] = q
	})
	w.backlog(600)
	err := w.Store.Update(t.Context(), func(tx callback.Tx) error {
		first, err := tx.Callback("due599")
		first.Queue, first.DueAt, first.Until = "sales", w.now.Add(-time.Minute), w.now.Add(14*time.Minute)
		return errors.Join(err, tx.MoveCallback(first, callback.BookedState), tx.AddAttempt(callback.Attempt{
			Callback: "due0", No: 1, Leg: callback.CustomerLeg, Ref: "shown", IntentAt: w.now, EndedAt: w.now, Outcome: "busy", Phone: eero, Shown: string(service),
		}))
	})
	if err != nil {
		t.Fatal(err)
	}
	count := &looks{Store: w.Store}
	w.Store = count
	if r := w.rings(1); r[0].Callback != "due599" || count.n > 20 {
		t.Errorf("looked after %d customers for one call, to %s", count.n, r[0].Callback)
	}
}
