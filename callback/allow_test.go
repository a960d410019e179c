package callback_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
)

// Who says that he is the wrong person is never called again, however long it is
// ago, until a person allows it.
func TestNotMe(t *testing.T) {
	t.Parallel()
	w, c, r := ringsFirst(t)
	w.party(r.Talk).presses("9").hears("no_more_calls")
	w.state(c.ID, callback.CancelledState)
	if n := w.journalled("number.blocked", string(callback.NoCalls)); n != 1 {
		t.Errorf("%d times the journal says so", n)
	}
	w.pass(400 * 24 * time.Hour)
	book := func() error {
		_, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Actor: "api"})
		return err
	}
	if err := book(); !errors.As(err, new(*number.RefusalError)) {
		t.Errorf("booked: %v", err)
	}
	if err := w.AllowCalls(t.Context(), aino, "operator"); err != nil {
		t.Fatal(err)
	}
	if err := book(); err != nil {
		t.Error(err)
	}
	if err := w.AllowCalls(t.Context(), aino, "operator"); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("allowed twice: %v", err)
	}
	if n := w.journalled("number.allowed", ""); n != 1 {
		t.Errorf("%d lines in the journal", n)
	}
}

// Another hour of the day is one at which he was not called, whatever the hours
// of the queue make of it.
func TestAnotherHourOfTheDay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ hours, want string }{
		{"09:00-17:00", "13:40"}, // four hours later
		{"09:00-11:30", "10:00"}, // the next day, at nine he was called
		{"09:00-10:00", "09:00"}, // there is no other
	} {
		t.Run(tt.hours, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, customerFirst, func(c *callback.Config) {
				q := c.Queues["billing"]
				q.Hours = map[string]string{"mon-fri": tt.hours}
				c.Queues["billing"] = q
			})
			w.at("09:05")
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, At: w.now.Add(25 * time.Minute)})
			if err != nil {
				t.Fatal(err)
			}
			w.at("09:30")
			for range 2 {
				r := w.rings(1)[0]
				(&party{w: w, talk: r.Talk}).event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
				w.pass(10 * time.Minute)
			}
			got := w.state(c.ID, callback.RetryWait)
			if at := got.DueAt.In(helsinki(t)).Format("15:04"); at != tt.want || got.Attempts != 2 {
				t.Errorf("tried again at %s after %d tries, want %s", got.DueAt, got.Attempts, tt.want)
			}
		})
	}
}

// Not only the hour of the last try is another one.
func TestHoursOfAllTries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, customerFirst, func(c *callback.Config) { c.Callbacks.Attempts = 4 })
	w.at("09:05")
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, At: w.now.Add(25 * time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	for w.now = c.At; ; {
		(&party{w: w, talk: w.rings(1)[0].Talk}).event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		got := w.state(c.ID, callback.RetryWait)
		w.now = got.DueAt
		if got.Attempts == 3 {
			break
		}
	}
	// Tried at half past nine, twenty to ten and twenty to two, and not at nine
	// the next day.
	if at := w.now.In(helsinki(t)).Format("15:04"); at != "10:00" {
		t.Errorf("tried for the fourth time at %s, want 10:00", at)
	}
}

// Only hours at which the customer himself was called count, and the next of them is
// taken from its beginning.
func TestHoursOfTheCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		q := c.Queues["billing"]
		q.Agents = []string{"anna"}
		c.Queues["billing"], c.Callbacks.Attempts = q, 5
	})
	c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, At: w.now.Add(2 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	tries := func(at, next string) {
		t.Helper()
		w.at(at)
		w.tries(ivr.Unanswered)
		if got := w.state(c.ID, callback.RetryWait).DueAt.In(helsinki(t)).Format("Mon 15:04"); got != next {
			t.Errorf("tried again %s, want %s", got, next)
		}
	}
	tries("14:00", "Mon 14:10")
	tries("14:10", "Tue 09:00")
	w.at("09:00")
	r := w.rings(1)[0] // the agent, who does not answer
	(&party{w: w, talk: r.Talk}).event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
	tries("10:20", "Tue 15:00") // four hours later he was called before
	tries("15:00", "Wed 09:00")
}
