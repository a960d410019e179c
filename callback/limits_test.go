package callback_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

// reason returns why a number was refused.
func reason(err error) string {
	if r, ok := errors.AsType[*number.RefusalError](err); ok {
		return r.Reason
	}
	return fmt.Sprint(err)
}

// A number is promised so many calls a day, and then its caller gets a person.
func TestBookingsADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		c := w.books(aino)
		if err := w.Cancel(t.Context(), c.ID, "operator"); err != nil {
			t.Fatal(err)
		}
	}
	caller := w.calls(aino).presses("1", "1", "1").hears("connecting")
	if to := caller.connect().Addr; to != "sip:anna@127.0.0.1" {
		t.Errorf("rings %s", to)
	}
	_, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino})
	if got := reason(err); got != "too_many" {
		t.Errorf("refused for %q", got)
	}
	w.books(eero)
	w.pass(24*time.Hour + time.Minute)
	c := w.books(aino)
	w.calls(aino).presses("2", "1").hears("moved") // which is no further one
	w.state(c.ID, callback.BookedState)
}

// A number is called so often a day. Then no agent is rung for it, and a
// person decides.
func TestDialsADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	for w.now = c.At; ; w.now = w.state(c.ID, callback.RetryWait).DueAt {
		rings, err := w.Claim(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(rings) == 0 {
			break
		}
		agent, dial := w.dials(rings[0])
		w.party(dial.Talk).presses("2") // in fifteen minutes
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Later)})
		w.texts()
	}
	w.state(c.ID, callback.Failed)
	if n := w.journalled("callback.customer_dialing", ""); n != 6 {
		t.Errorf("called %d times", n)
	}
	if n := w.journalled("task", "number refused: too_many"); n != 1 {
		t.Errorf("%d tasks", n)
	}
	w.wantTexts("text_unreached")
	w.agent("anna", callback.Available)
}

// What carriers did not take is no call to the number.
func TestFailedDialsDoNotCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	for range 7 {
		w.tries(ivr.Carrier)
		w.now = w.state(c.ID, callback.RetryWait).DueAt
	}
	w.rings(1)
}

// A number that is refused by the time its call is due rings no agent.
func TestRefusedBeforeTheAgentRings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.Rules.Deny[aino] = true
	w.now = c.At
	w.rings(0)
	w.state(c.ID, callback.Failed)
	if n := w.journalled("task", "number refused: denied"); n != 1 {
		t.Errorf("%d tasks", n)
	}
}

// Bookings for one number in many queues at once are counted together.
func TestBookingsADayAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, bookingsADay)
}

func bookingsADay(t *testing.T, s *store.Store) {
	w := worldOn(t, s, "boot", func(c *callback.Config) {
		for i := range 8 {
			c.Queues[fmt.Sprintf("queue%d", i)] = c.Queues["billing"]
		}
	})
	var crew sync.WaitGroup
	for i := range 8 {
		crew.Go(func() {
			_, err := w.Book(t.Context(), callback.Request{Queue: fmt.Sprintf("queue%d", i), Phone: aino})
			if err != nil && reason(err) != "too_many" {
				t.Error(err)
			}
		})
	}
	crew.Wait()
	if n := w.journalled("callback.booked", ""); n != 3 {
		t.Errorf("%d bookings", n)
	}
}
