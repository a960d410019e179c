package callback_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// answeredBefore plants calls of so long ago that customers have answered, and
// some of which found no agent.
func (w *world) answeredBefore(left, answered int, ago time.Duration) {
	w.Helper()
	at := w.now.Add(-ago)
	past := callback.Callback{
		ID: "past", Queue: "billing", Phone: mobile(99), Lang: "en", State: callback.Done,
		At: at, DueAt: at, Until: at, Zone: "Europe/Helsinki", CreatedAt: at, UpdatedAt: at,
	}
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		all := []error{tx.AddCallback(past)}
		for i := range answered {
			a := callback.Attempt{
				Callback: past.ID, No: i + 1, Leg: callback.CustomerLeg, Boot: "boot-0", Ref: fmt.Sprint("past", i), Phone: past.Phone, Shown: "test",
				IntentAt: at, SentAt: at, AnsweredAt: at.Add(time.Second), EndedAt: at.Add(time.Minute), Outcome: "spoke",
			}
			if i < left {
				a.Outcome = "abandoned"
			}
			all = append(all, tx.AddAttempt(a))
		}
		return errors.Join(all...)
	})
	if err != nil {
		w.Fatal(err)
	}
}

// abandons calls two customers who want to talk, and find nobody.
func (w *world) abandons() {
	w.Helper()
	w.promises(2)
	rings := w.rings(2)
	for _, a := range []string{"anna", "bo"} {
		w.takesOver(a)
	}
	for _, r := range rings {
		w.party(r.Talk).presses("1").hears("wait_most").event(ivr.Event{Kind: ivr.Gone})
		c := w.state(r.Callback, callback.RetryWait)
		if got := c.DueAt.Sub(w.now); got != 15*time.Minute || c.Attempts != 0 {
			w.Errorf("called again in %s after %d tries", got, c.Attempts)
		}
	}
	if n := w.journalled("call.abandoned", ""); n != 2 {
		w.Errorf("%d were abandoned", n)
	}
}

// A customer for whom nobody is left, and who does not wait, is called again soon,
// and counted: when that happens to more than one in a hundred, nobody is dialled
// any more, unless it is so few that chance may have brought them. Then those who
// look at the desk are told.
func TestAbandonedCallsStopTheDialling(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		left, answered int // before two more are abandoned
		ago            time.Duration
		why, warns     string
	}{
		{"two of a small firm", 0, 0, time.Hour, "", "2 of 2 answered calls found no agent, more than 1 %"},
		{"three of few", 1, 30, time.Hour, "3 of 32 answered calls found no agent, more than 1 %", ""},
		{"three of so many are hardly chance", 1, 78, time.Hour, "3 of 80 answered calls found no agent, more than 1 %", ""},
		{"chance brings three of a hundred", 1, 98, time.Hour, "", "3 of 100 answered calls found no agent, more than 1 %"},
		{"and of one less than enough", 1, 197, time.Hour, "", "3 of 199 answered calls found no agent, more than 1 %"},
		{"three of so many may be chance", 1, 118, time.Hour, "", "3 of 120 answered calls found no agent, more than 1 %"},
		{"of enough no more than the limit counts", 1, 198, time.Hour, "3 of 200 answered calls found no agent, more than 1 %", ""},
		{"not above the limit", 1, 298, time.Hour, "", ""},
		{"what is a day old counts no more", 9, 30, 25 * time.Hour, "", "2 of 2 answered calls found no agent, more than 1 %"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, adaptive)
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.answeredBefore(tt.left, tt.answered, tt.ago)
			if now := w.dialing(); tt.left < 2 && now.Warns != "" {
				t.Errorf("of one call it warns: %s", now.Warns)
			}
			w.abandons()
			if now := w.dialing(); now.Stopped != (tt.why != "") || now.Why != tt.why || now.Warns != tt.warns {
				t.Errorf("dialing is %+v, want it stopped for %q, or a warning %q", now, tt.why, tt.warns)
			}
		})
	}
}

// Without a limit no share is too large.
func TestAbandonedCallsWithoutLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adaptive, func(c *callback.Config) { c.Limits.Abandoned = 0 })
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.answeredBefore(9, 30, time.Hour)
	w.abandons()
	if now := w.dialing(); now.Stopped || now.Warns != "" {
		t.Errorf("dialing is %+v", now)
	}
}

// What a person has stopped does not go on at midnight because calls that were under
// way then found no agent.
func TestAbandonedCallsLeaveAPersonsStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adaptive)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.promises(2)
	rings := w.rings(2)
	w.takesOver("anna")
	w.takesOver("bo")
	if err := w.StopDialing(t.Context(), "operator", "the trunk is being changed"); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Second)
	w.answeredBefore(2, 20, 0)
	for _, r := range rings {
		w.party(r.Talk).presses("1").hears("wait_most").event(ivr.Event{Kind: ivr.Gone})
	}
	if now := w.dialing(); now.Actor != "operator" || !now.Until.IsZero() {
		t.Errorf("dialing is %+v", now)
	}
}

// What stopped because agents were missing goes on the next day, when nobody has
// said so before; nothing promised is lost, and what was counted is forgotten.
func TestAbandonedCallsStopForTheDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adaptive)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.answeredBefore(1, 20, time.Hour)
	w.abandons()
	midnight := time.Date(2026, 6, 2, 0, 0, 0, 0, helsinki(t))
	if now := w.dialing(); !now.Stopped || !now.Until.Equal(midnight) {
		t.Fatalf("dialing is %+v, want it stopped until midnight", now)
	}
	w.now = midnight.Add(-time.Second)
	w.sweeps()
	if !w.dialing().Stopped {
		t.Error("dialling goes on before midnight")
	}
	w.now = midnight
	w.sweeps()
	if now := w.dialing(); now.Stopped || now.Actor != "desk" || now.Warns != "" {
		t.Errorf("after midnight dialing is %+v", now)
	}
	if n := w.journalled("dialing.started", ""); n != 1 {
		t.Errorf("started %d times", n)
	}
	open, err := w.List(t.Context(), callback.Filter{States: []callback.State{callback.RetryWait}})
	if err != nil || len(open) != 2 {
		t.Errorf("%d promises wait for another try, want 2, %v", len(open), err)
	}
}

// A process that was away while dialling was stopped gives up nobody whose time has
// passed because of that.
func TestGoesOnAfterBeingAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adaptive)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.answeredBefore(1, 20, time.Hour)
	w.abandons()
	c := w.books(aino)
	w.now = c.At.Add(25 * time.Hour)
	w.sweeps()
	if w.dialing().Stopped {
		t.Fatal("dialling does not go on")
	}
	w.state(c.ID, callback.BookedState)
}

// What a person has stopped, or what looked like abuse, waits for a person.
func TestOtherStopsWaitForAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Limits.Over = 2 })
	if err := w.StopDialing(t.Context(), "operator", "the trunk is being changed"); err != nil {
		t.Fatal(err)
	}
	w.pass(48 * time.Hour)
	w.sweeps()
	if now := w.dialing(); !now.Stopped || !now.Until.IsZero() {
		t.Fatalf("dialing is %+v", now)
	}
	if err := w.StartDialing(t.Context(), "operator"); err != nil {
		t.Fatal(err)
	}
	w.planted(2)
	w.places(0)
	w.places(0)
	if now := w.dialing(); !strings.HasPrefix(now.Why, "0 of the last 2 calls were answered") {
		t.Fatalf("dialing is %+v", now)
	}
	w.pass(48 * time.Hour)
	w.sweeps()
	if !w.dialing().Stopped {
		t.Error("what looked like abuse goes on by itself")
	}
}

func (w *world) sweeps() {
	w.Helper()
	if err := w.Sweep(w.Context()); err != nil {
		w.Fatal(err)
	}
}
