package callback_test

import (
	"context"
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
		err := w.Store.Update(t.Context(), func(tx callback.Tx) error {
			for i := range 600 {
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
			t.Fatal(err)
		}
		count := &looks{Store: w.Store}
		w.Store = count
		w.rings(2)
		w.rings(0)
		if count.n > 20 {
			t.Errorf("%s: looked after %d customers for two agents", order, count.n)
		}
	}
}
