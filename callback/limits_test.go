package callback_test

import (
	"errors"
	"fmt"
	"strings"
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

// Limits to all calls together hold the callbacks back until there is room.
func TestLimitsToAllCalls(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		limit func(*callback.Limits)
		after time.Duration
	}{
		{"per_minute", func(l *callback.Limits) { l.PerMinute = 3 }, time.Minute},
		{"per_day", func(l *callback.Limits) { l.PerDay = 3 }, 24 * time.Hour},
		{"per_caller_id", func(l *callback.Limits) { l.PerCallerID = 3 }, 24 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) {
				tt.limit(&c.Limits)
				for i := range 4 {
					name := fmt.Sprint("agent", i)
					c.Agents[name] = callback.Agent{Phone: "sip:" + name + "@127.0.0.1"}
					q := c.Queues["billing"]
					q.Agents = append(q.Agents, name)
					c.Queues["billing"] = q
				}
			})
			w.planted(6)
			all, err := w.Claim(t.Context(), 10)
			if err != nil || len(all) < 3 {
				t.Fatalf("%d rings, %v", len(all), err)
			}
			dialled := 0
			for _, r := range all {
				if w.party(r.Talk).presses("1").turn.Connect != nil {
					dialled++
				}
			}
			if dialled != 3 {
				t.Errorf("%d customers were dialled, want 3", dialled)
			}
			w.rings(0)
			if got := w.dialing().Waits; got != "limits."+tt.name {
				t.Errorf("waits for %q", got)
			}
			w.pass(tt.after + limitPause)
			if got := w.dialing().Waits; got != "" {
				t.Errorf("still waits for %q", got)
			}
		})
	}
}

// limitPause is longer than a callback waits that a limit held back.
const limitPause = time.Minute

// A day's limit tells customers that we are late, and no time that nobody knows.
func TestLateByLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Limits.PerDay, c.Survey.Kind = 1, "off" })
	w.planted(2)
	w.places(time.Minute)
	w.texts()
	w.pass(15 * time.Minute)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantTexts("text_halted")
}

// A minute's limit is over soon: whoever is late meanwhile is told another time.
func TestLateWithinAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Limits.PerMinute = 1 })
	w.planted(2)
	w.pass(15*time.Minute - 10*time.Second)
	w.dials(w.next())
	w.pass(10 * time.Second)
	if got := w.dialing().Waits; got != "limits.per_minute" {
		t.Errorf("waits for %q", got)
	}
	w.sweep()
	w.wantTexts("text_late Mon 12:30")
}

// wishes lets a caller ask for a callback to another number than his own.
func (w *world) wishes(from, other callback.Phone) *party {
	w.Helper()
	p := w.calls(from).presses("1", "1")
	if from != "" {
		p.presses("2")
	}
	p.presses("0" + strings.TrimPrefix(string(other), "+358"))
	if p.turn.Connect == nil {
		p.presses("1")
	}
	return p
}

// What callers can have promised is bounded, and beyond it they get a person.
func TestLimitsToCallers(t *testing.T) {
	t.Parallel()
	block := func(i int) callback.Phone { return callback.Phone(fmt.Sprintf("+3584055512%02d", i)) }
	tests := []struct {
		name  string
		limit string
		ok    int                          // so many are promised
		ask   func(w *world, i int) *party // the i-th
		edit  func(*callback.Limits)
	}{
		{"another number", "others", 1, func(w *world, i int) *party { return w.wishes(aino, mobile(i)) }, func(*callback.Limits) {}},
		{"no other number", "others", 0, func(w *world, i int) *party { return w.wishes(aino, mobile(i)) }, func(l *callback.Limits) { l.Others = 0 }},
		{
			"many others", "per_caller", 3, func(w *world, i int) *party { return w.wishes(aino, mobile(i)) },
			func(l *callback.Limits) { l.Others, l.PerCaller = 10, 3 },
		},
		{"withheld", "withheld", 3, func(w *world, i int) *party { return w.wishes("", mobile(i)) }, func(l *callback.Limits) { l.Withheld = 3 }},
		{
			"neighbours of few callers", "neighbours", 5,
			func(w *world, i int) *party { return w.wishes(mobile(i/3), block(i)) }, func(l *callback.Limits) { l.Others = 10 },
		},
		{"neighbours of the withheld", "neighbours", 5, func(w *world, i int) *party { return w.wishes("", block(i)) }, func(*callback.Limits) {}},
		{"a company that calls in", "", 8, func(w *world, i int) *party { return w.calls(block(i)).presses("1", "1", "1") }, func(*callback.Limits) {}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) { tt.edit(&c.Limits) })
			for i := range tt.ok {
				tt.ask(w, i).hears("booked")
			}
			if tt.limit == "" {
				return
			}
			p := tt.ask(w, tt.ok).hears("connecting")
			if to := p.connect().Addr; to != "sip:anna@127.0.0.1" {
				t.Errorf("rings %s", to)
			}
			if n := w.journalled("limit.reached", tt.limit); n != 1 {
				t.Errorf("limit %s was reached %d times", tt.limit, n)
			}
		})
	}
}

// Numbers that begin alike share a budget of calls; what is promised beyond it
// is left to a person.
func TestPrefixBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Limits.PerPrefix, c.Limits.Neighbours = 1, 0 })
	c, late := w.books(aino), w.books("+358401234111")
	w.now = c.At
	w.places(time.Minute)
	w.now = late.DueAt
	w.rings(0)
	if n := w.journalled("callback.failed", ""); n != 1 {
		t.Errorf("%d are left to a person, want 1", n)
	}
	if n := w.journalled("task", "number refused: too_many"); n != 1 {
		t.Errorf("%d tasks", n)
	}
	_, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: "+358401234222"})
	if got := reason(err); got != "too_many" {
		t.Errorf("refused for %q", got)
	}
	w.books(eero)
}

// Limits hold on both databases, also when everybody dials at once.
func TestLimitAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const agents, limit = 12, 5
		many := func(c *callback.Config) {
			c.Limits.PerMinute = limit
			q := c.Queues["billing"]
			for i := range agents {
				name := fmt.Sprint("agent", i)
				c.Agents[name] = callback.Agent{Phone: "sip:" + name + "@127.0.0.1"}
				q.Agents = append(q.Agents, name)
			}
			c.Queues["billing"] = q
		}
		w := worldOn(t, s, "boot-1", many)
		w.planted(agents)
		w.Limits.PerMinute = 0 // so that all agents are rung
		rings := w.rings(10)
		w.Limits.PerMinute = limit
		dialled := make(chan bool, len(rings))
		for _, r := range rings {
			go func() {
				turn, err := w.Next(t.Context(), r.Talk, 0, ivr.Event{Kind: ivr.Begin})
				if err == nil {
					turn, err = w.Next(t.Context(), r.Talk, turn.No, ivr.Event{Kind: ivr.Heard, Text: "1"})
				}
				if err != nil {
					t.Error(err)
				}
				dialled <- turn.Connect != nil
			}()
		}
		n := 0
		for range rings {
			if <-dialled {
				n++
			}
		}
		if n != limit {
			t.Errorf("%d customers were dialled, want %d", n, limit)
		}
	})
}

// Limits and judgement hold for customers who are rung before an agent too.
func TestLimitsToCustomersFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, customerFirst, func(c *callback.Config) { c.Limits.PerMinute, c.Limits.Over = 1, 2 })
	w.planted(3)
	for i := range 2 {
		r := w.next()
		w.rings(0) // though an agent is free
		if got := w.dialing().Waits; got != "limits.per_minute" {
			t.Errorf("call %d: waits for %q", i+1, got)
		}
		p := &party{w: w, talk: r.Talk}
		p.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		w.pass(2 * time.Minute)
	}
	if now := w.dialing(); !now.Stopped || now.Actor != "desk" {
		t.Errorf("dialing is %+v", now)
	}
	w.rings(0)
}

// So does the limit to how often one number is shown, with agents free and calls due.
func TestCallerIDOfCustomersFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, customerFirst, func(c *callback.Config) { c.Limits.PerCallerID = 1 })
	w.planted(3)
	w.rings(1)
	w.rings(0)
	if got := w.dialing().Waits; got != "limits.per_caller_id" {
		t.Errorf("waits for %q", got)
	}
	w.pass(24*time.Hour - time.Second)
	w.rings(0)
}

// Agents are not rung for more customers than may be called by then.
func TestLimitsCountCallsUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Limits.PerMinute = 1 })
	w.planted(2)
	w.rings(1)
	w.rings(0)
}
