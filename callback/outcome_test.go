package callback_test

import (
	"context"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/ivr"
)

// tries lets one call to the customer come to nothing.
func (w *world) tries(outcome ivr.Outcome) {
	w.Helper()
	agent, _ := w.dials(w.rings(1)[0])
	agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(outcome)}).hears("unreached")
	w.agent("anna", callback.Available)
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		outcome  ivr.Outcome
		state    callback.State
		wait     time.Duration
		attempts int
		texts    []string
		tasks    int
	}{
		{ivr.Busy, callback.RetryWait, 3 * time.Minute, 1, nil, 0},
		{ivr.Unanswered, callback.RetryWait, 10 * time.Minute, 1, nil, 0},
		{ivr.Machine, callback.RetryWait, 4 * time.Hour, 1, []string{"text_tried"}, 0},
		{ivr.Carrier, callback.RetryWait, time.Minute, 0, nil, 0},
		{ivr.Unsent, callback.BookedState, 10 * time.Second, 0, nil, 0},
		{ivr.Later, callback.RetryWait, 15 * time.Minute, 0, nil, 0},
		{ivr.Rejected, callback.Failed, 0, 1, []string{"text_unreached"}, 0},
		{ivr.BadNumber, callback.Failed, 0, 1, nil, 1},
		{ivr.Unknown, callback.Interrupted, 0, 1, []string{"text_cut_off Mon 12:30"}, 1},
		{"nonsense", callback.RetryWait, 10 * time.Minute, 1, nil, 0},
	} {
		t.Run(string(tt.outcome), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.books(aino)
			w.texts()
			w.at("12:15")
			w.tries(tt.outcome)
			got := w.state(c.ID, tt.state)
			if wait := got.DueAt.Sub(w.now); tt.wait > 0 && wait != tt.wait {
				t.Errorf("tried again in %s, want %s", wait, tt.wait)
			}
			if got.Attempts != tt.attempts {
				t.Errorf("%d tries count, want %d", got.Attempts, tt.attempts)
			}
			w.wantTexts(tt.texts...)
			if n := w.journalled("task", ""); n != tt.tasks {
				t.Errorf("%d tasks", n)
			}
			w.rings(0)
			if tt.wait > 0 {
				w.now = got.DueAt
				w.rings(1)
			}
		})
	}
}

// At most three tries in two days, the later ones at another hour, and never
// when the queue is closed.
func TestTriesEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.texts()
	var walls []string
	for w.now = c.At; ; w.now = w.state(c.ID, callback.RetryWait).DueAt {
		walls = append(walls, opening.Wall(w.now.In(helsinki(t)))[8:])
		w.tries(ivr.Unanswered)
		if got, _, _ := w.Show(t.Context(), c.ID); got.State.Over() {
			break
		}
		w.texts()
	}
	w.state(c.ID, callback.Failed)
	if len(walls) != 3 || walls[0] != "01T12:15" || walls[1] != "01T12:25" || walls[2] != "01T16:25" {
		t.Errorf("tried at %v", walls)
	}
	w.wantTexts("text_unreached")
	if n := w.journalled("task", "not reached"); n != 1 {
		t.Errorf("%d tasks", n)
	}
}

func TestCarrierIsTriedLessAndLess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	for _, want := range []time.Duration{1, 2, 4, 8} {
		w.tries(ivr.Carrier)
		got := w.state(c.ID, callback.RetryWait)
		if got.DueAt.Sub(w.now) != want*time.Minute || got.Attempts != 0 {
			t.Fatalf("tried again in %s", got.DueAt.Sub(w.now))
		}
		w.now = got.DueAt
	}
}

// Nobody is tried again more than two days after the promise: not next week, when
// the queue is at work one day of the week.
func TestTriesEndAfterTwoDays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		days  string
		state callback.State
	}{
		{"mon-wed", callback.RetryWait},
		{"mon", callback.Failed},
	} {
		t.Run(tt.days, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) {
				q := c.Queues["billing"]
				q.Hours = map[string]string{tt.days: "12:00-13:00"}
				c.Queues["billing"] = q
			})
			c := w.books(aino)
			w.now = c.At
			w.tries(ivr.Unanswered)
			w.now = w.state(c.ID, callback.RetryWait).DueAt
			w.tries(ivr.Unanswered)
			w.state(c.ID, tt.state)
		})
	}
}

func TestCustomerAnswers(t *testing.T) {
	t.Parallel()
	setUp := func(t *testing.T) (*world, callback.Callback, *party, *party) {
		w := newWorld(t)
		c := w.books(aino)
		w.texts()
		w.now = c.At
		agent, dial := w.dials(w.rings(1)[0])
		return w, c, agent, w.party(dial.Talk)
	}
	t.Run("later", func(t *testing.T) {
		w, c, agent, customer := setUp(t)
		customer.presses("2").hears("call_soon")
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}).hears("unreached")
		got := w.state(c.ID, callback.RetryWait)
		if got.DueAt.Sub(w.now) != 15*time.Minute || got.Attempts != 0 {
			t.Errorf("again in %s, %d tries", got.DueAt.Sub(w.now), got.Attempts)
		}
	})
	t.Run("another time", func(t *testing.T) {
		w, c, agent, customer := setUp(t)
		customer.presses("3").hears("offer").presses("2").hears("moved")
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		got := w.state(c.ID, callback.BookedState)
		if got.Wall != "2026-06-01T12:45" {
			t.Errorf("promised %s", got.Wall)
		}
		w.agent("anna", callback.Available)
		w.wantTexts("text_moved Mon 12:45")
	})
	t.Run("not me", func(t *testing.T) {
		w, c, agent, customer := setUp(t)
		customer.presses("9").hears("no_more_calls")
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		w.state(c.ID, callback.CancelledState)
		_, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino})
		if err == nil || err.Error() != "number may not be called: denied" {
			t.Errorf("booked again: %v", err)
		}
		w.pass(91 * 24 * time.Hour)
		if _, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino}); err == nil {
			t.Error("called again though nobody has allowed it")
		}
	})
	t.Run("machine", func(t *testing.T) {
		w, c, agent, customer := setUp(t)
		customer.event(ivr.Event{Kind: ivr.Silence}).event(ivr.Event{Kind: ivr.Silence})
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Machine)})
		w.state(c.ID, callback.RetryWait)
		w.wantTexts("text_tried")
	})
	t.Run("agent hangs up first", func(t *testing.T) {
		w, c, agent, customer := setUp(t)
		agent.event(ivr.Event{Kind: ivr.Gone})
		if !customer.presses("1").turn.End {
			t.Error("the customer waits for nobody")
		}
		got := w.state(c.ID, callback.RetryWait)
		if got.DueAt.Sub(w.now) != 30*time.Second || got.Attempts != 0 {
			t.Errorf("again in %s", got.DueAt.Sub(w.now))
		}
		w.agent("anna", callback.Available)
	})
}

func TestAgentAnswersNot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(*world, callback.Ring)
		wait time.Duration // until the other agent is rung
	}{
		{"no answer", func(w *world, r callback.Ring) {
			p := &party{w: w, talk: r.Talk}
			p.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		}, 0},
		{"passed on", func(w *world, r callback.Ring) { w.party(r.Talk).presses("2") }, 0},
		{"hung up", func(w *world, r callback.Ring) { w.party(r.Talk).event(ivr.Event{Kind: ivr.Gone}) }, 0},
		{"did nothing", func(w *world, r callback.Ring) {
			w.party(r.Talk).event(ivr.Event{Kind: ivr.Silence}).event(ivr.Event{Kind: ivr.Silence})
		}, 0},
		{"not sent", func(w *world, r callback.Ring) {
			for range 2 {
				if err := w.Unsent(w.Context(), r, context.DeadlineExceeded); err != nil {
					w.Error(err)
				}
			}
		}, 10 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.books(aino)
			w.now = c.At
			first := w.rings(1)[0]
			tt.do(w, first)
			got := w.state(c.ID, callback.BookedState)
			if got.DueAt.Sub(w.now) != tt.wait || got.Attempts != 0 {
				t.Errorf("next in %s, %d tries", got.DueAt.Sub(w.now), got.Attempts)
			}
			w.agent("anna", callback.Available)
			w.pass(tt.wait)
			if second := w.rings(1)[0]; second.Addr == first.Addr && tt.wait == 0 {
				t.Errorf("%s is rung again", second.Addr)
			}
		})
	}
}

// Alone, an agent who does not answer is not rung without a pause.
func TestAgentIsNotRungInALoop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.SetAgent(t.Context(), "bo", callback.OnBreak); err != nil {
		t.Fatal(err)
	}
	c := w.books(aino)
	w.now = c.At
	p := &party{w: w, talk: w.rings(1)[0].Talk}
	p.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
	w.rings(0)
	w.pass(30 * time.Second)
	w.rings(1)
}

// A promise cancelled while the agent's phone rings is not dialled.
func TestCancelledAtTheLastMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	r := w.rings(1)[0]
	agent := w.party(r.Talk)
	if err := w.Cancel(t.Context(), c.ID, "operator"); err != nil {
		t.Fatal(err)
	}
	agent.presses("1").hears("unreached")
	if agent.turn.Connect != nil {
		t.Error("the customer is dialled")
	}
	w.agent("anna", callback.Available)
}

// The last look at a number is immediately before it is dialled.
func TestLastLook(t *testing.T) {
	t.Parallel()
	t.Run("denied since", func(t *testing.T) {
		w := newWorld(t)
		c := w.books(aino)
		w.now = c.At
		agent := w.party(w.rings(1)[0].Talk)
		w.Rules.Deny[aino] = true
		agent.presses("1").hears("unreached")
		w.state(c.ID, callback.Failed)
	})
	t.Run("closed since", func(t *testing.T) {
		w := newWorld(t)
		c := w.books(aino)
		w.now = c.At
		agent := w.party(w.rings(1)[0].Talk)
		w.at("17:00")
		agent.presses("1").hears("unreached")
		if got := w.state(c.ID, callback.BookedState); opening.Wall(got.DueAt.In(helsinki(t))) != "2026-06-02T09:00" {
			t.Errorf("due at %s", got.DueAt)
		}
	})
}

func TestOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Owner: "bo"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: eero, Owner: "bo"})
	if err != nil {
		t.Fatal(err)
	}
	w.now = c.At
	if r := w.rings(1)[0]; r.Addr != "sip:bo@127.0.0.1" {
		t.Errorf("%s is rung", r.Addr)
	}
	w.pass(7 * time.Minute)
	w.rings(0)
	w.pass(time.Minute) // half of the window: the team takes it
	r := w.rings(1)[0]
	if r.Addr != "sip:anna@127.0.0.1" || r.Callback != c.ID && r.Callback != other.ID {
		t.Errorf("%s is rung", r.Addr)
	}
}

func TestLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, a := range []string{"anna", "bo"} {
		if err := w.SetAgent(t.Context(), a, callback.Offline); err != nil {
			t.Fatal(err)
		}
	}
	c := w.books(aino)
	w.texts()
	w.now = c.At.Add(15 * time.Minute)
	for range 2 {
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.wantTexts("text_late Mon 12:45")
	if n := w.journalled("promise.broken", ""); n != 1 {
		t.Errorf("%d promises are broken", n)
	}
	w.calls(aino).hears("have_booking")
	w.pass(25 * time.Hour)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.state(c.ID, callback.Failed)
	w.wantTexts("text_unreached")
}
