package callback_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

// mobile is the i-th of numbers that lie far apart.
func mobile(i int) callback.Phone { return callback.Phone(fmt.Sprintf("+35840%03d1234", 100+i)) }

// planted promises callbacks that are due now, to numbers that lie far apart.
func (w *world) planted(n int) {
	w.Helper()
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		for i := range n {
			c := callback.Callback{
				ID: fmt.Sprint("planted", i), Queue: "billing", Phone: mobile(i), Lang: "en", State: callback.BookedState,
				At: w.now, DueAt: w.now, Until: w.now.Add(15 * time.Minute), Zone: "Europe/Helsinki", CreatedAt: w.now, UpdatedAt: w.now,
			}
			if err := tx.AddCallback(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

// next claims the callback that is due next.
func (w *world) next() callback.Ring {
	w.Helper()
	all, err := w.Claim(w.Context(), 1)
	if err != nil || len(all) != 1 {
		w.Fatalf("%d rings, want 1, and %v", len(all), err)
	}
	return all[0]
}

// places calls the next customer who is due, and ends that call after so long;
// 0 is for nobody answers.
func (w *world) places(talked time.Duration) {
	w.Helper()
	agent, dial := w.dials(w.next())
	end := ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}
	if talked > 0 {
		w.party(dial.Talk).presses("1")
		end = ivr.Event{Kind: ivr.Spoke}
	}
	w.pass(talked)
	agent.event(end).event(ivr.Event{Kind: ivr.Gone})
	w.pass(time.Minute)
	if err := w.Sweep(w.Context()); err != nil {
		w.Fatal(err)
	}
}

func (w *world) dialing() callback.Dialing {
	w.Helper()
	now, err := w.Dialing(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return now
}

// What was stopped stays so in another process. Promises are not lost: their
// customers are told once that we are late, and no time that nobody knows.
func TestStopDialing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.texts()
	if err := w.StopDialing(t.Context(), "operator", "trunk is being changed"); err != nil {
		t.Fatal(err)
	}
	w.now = c.At
	w = worldOn(t, w.Store, "boot-2", func(*callback.Config) {})
	w.now = c.At
	w.rings(0)
	if got := w.dialing(); !got.Stopped || got.Why != "trunk is being changed" || got.Actor != "operator" {
		t.Errorf("dialing is %+v", got)
	}
	for range 4 * 50 { // more than a day after which it would be given up
		w.pass(15 * time.Minute)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.wantTexts() // the one text that says we are late has lost its meaning by now
	if n := w.journalled("promise.broken", "dialling was stopped"); n != 1 {
		t.Errorf("the promise was broken %d times", n)
	}
	w.at("12:00")
	w.state(c.ID, callback.BookedState)
	if err := w.StartDialing(t.Context(), "operator"); err != nil {
		t.Fatal(err)
	}
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.rings(1)
}

// A customer is told that we are late, but no new time.
func TestLateWhileStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.texts()
	if err := w.StopDialing(t.Context(), "operator", ""); err != nil {
		t.Fatal(err)
	}
	w.now = c.Until
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantTexts("text_halted")
}

// Who waits for another try does not lose it while nobody can try.
func TestRetryWhileStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	w.places(0)
	w.state(c.ID, callback.RetryWait)
	if err := w.StopDialing(t.Context(), "operator", ""); err != nil {
		t.Fatal(err)
	}
	w.pass(5 * 24 * time.Hour)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.state(c.ID, callback.RetryWait)
}

// A customer who is about to be dialled is not, when dialling is stopped while
// the agent's telephone rings.
func TestStopBeforeTheCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	r := w.rings(1)[0]
	if err := w.StopDialing(t.Context(), "operator", ""); err != nil {
		t.Fatal(err)
	}
	agent := w.party(r.Talk).hears("callback_due").presses("1")
	if agent.turn.Connect != nil {
		t.Fatalf("rings %s", agent.turn.Connect.Addr)
	}
	w.state(c.ID, callback.BookedState)
	if n := w.journalled("callback.customer_dialing", ""); n != 0 {
		t.Errorf("%d customers were dialled", n)
	}
}

// Dialling stops by itself when the last calls look as if somebody made us
// call, and what was dialled before a start does not count any more.
func TestStopsByItself(t *testing.T) {
	t.Parallel()
	const long, short, never = time.Minute, 3 * time.Second, 0
	tests := []struct {
		name  string
		calls []time.Duration // again and again
		why   string
	}{
		{"all is well", []time.Duration{long, long, never}, ""},
		{"one in five answers", []time.Duration{never, never, long, never, never}, ""},
		{"nobody answers", []time.Duration{never}, "0 of the last 20 calls were answered, fewer than 20 %"},
		{"few answer", []time.Duration{never, never, never, never, never, never, long}, "2 of the last 20 calls were answered, fewer than 20 %"},
		{"three in ten hang up at once", []time.Duration{short, long, long, short, long, long, short, long, long, long}, ""},
		{"they say a few words", []time.Duration{6 * time.Second, long}, ""},
		{"those who answer hang up at once", []time.Duration{short, long, never, short, long, never, long, never, never, never}, "4 of 10 answered calls were over in 6s, more than 30 %"},
		{"they hang up at once", []time.Duration{short, long}, "10 of 20 answered calls were over in 6s, more than 30 %"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) { c.Limits.Over, c.Callbacks.Attempts = 20, 1 })
			w.planted(45)
			for i := range 20 {
				if w.dialing().Stopped {
					t.Fatalf("stopped after %d calls", i)
				}
				w.places(tt.calls[i%len(tt.calls)])
			}
			now := w.dialing()
			if now.Why != tt.why || now.Stopped != (tt.why != "") {
				t.Fatalf("dialing is %+v, want %q", now, tt.why)
			}
			if tt.why == "" {
				return
			}
			w.rings(0)
			if n := w.journalled("dialing.stopped", ""); n != 1 || now.Actor != "desk" {
				t.Errorf("stopped %d times, by %q", n, now.Actor)
			}
			if err := w.StartDialing(t.Context(), "operator"); err != nil {
				t.Fatal(err)
			}
			w.places(never)
			if w.dialing().Stopped {
				t.Error("what was dialled before the start counts")
			}
		})
	}
}

// Calls of more than a day ago say nothing of who makes us call now.
func TestOldCallsAreNotJudged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Limits.Over, c.Callbacks.Attempts = 2, 1 })
	w.now = w.books(aino).At
	w.places(0)
	w.pass(24 * time.Hour)
	w.now = w.books(eero).At
	w.places(0)
	if now := w.dialing(); now.Stopped {
		t.Errorf("stopped: %s", now.Why)
	}
}

// Who asks by a key for another time expected us, however quick he was.
func TestQuickKeysAreNoShortCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Limits.Over = 5 })
	w.planted(5)
	for range 5 {
		agent, dial := w.dials(w.next())
		w.party(dial.Talk).presses("2") // in fifteen minutes
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Later)}).event(ivr.Event{Kind: ivr.Gone})
		w.pass(time.Minute)
	}
	if now := w.dialing(); now.Stopped {
		t.Errorf("stopped: %s", now.Why)
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

// While dialling is stopped no look is taken at all those who are due.
func TestNobodyIsLookedForInVain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.planted(2)
	read := &reading{Store: w.Store}
	w.Store = read
	if err := w.StopDialing(t.Context(), "operator", ""); err != nil {
		t.Fatal(err)
	}
	w.rings(0)
	if read.due > 0 {
		t.Errorf("looked %d times who is due", read.due)
	}
	if err := w.StartDialing(t.Context(), "operator"); err != nil {
		t.Fatal(err)
	}
	if w.rings(2); read.due == 0 {
		t.Error("nobody has looked who is due")
	}
}
