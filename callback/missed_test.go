package callback_test

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/ivr"
)

// why is the only reason that was counted; "" for none.
func (w *world) why() string {
	w.Helper()
	var all []string
	for _, r := range w.counts().Report(figures.Usual).Promises.Reasons {
		if r.N > 0 {
			all = append(all, r.Why)
		}
	}
	return strings.Join(all, " and ")
}

// tried writes down a call that came to nothing, at an instant.
func (w *world) tried(c callback.Callback, leg callback.Leg, outcome string, at time.Time) {
	w.Helper()
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		return tx.AddAttempt(callback.Attempt{
			Callback: c.ID, No: 1, Leg: leg, Agent: "bo", Ref: "tried", IntentAt: at, EndedAt: at.Add(time.Minute), Outcome: outcome,
		})
	})
	if err != nil {
		w.Fatal(err)
	}
}

// late keeps a promise three minutes too late.
func (w *world) late(c callback.Callback) {
	w.Helper()
	w.now = c.Until.Add(3 * time.Minute)
	w.spokeFor(w.rings(1)[0], time.Minute)
}

// What becomes of a call in the promised window says whose doing it was that the
// promise was not kept: of a customer who did not take the call, his; and else
// ours, with a sentence for each way.
func TestWhoseDoing(t *testing.T) {
	t.Parallel()
	const his = "" // the customer did not take the call
	told := map[string]bool{}
	for _, tt := range []struct {
		leg     callback.Leg
		outcome string
		why     string
	}{
		{callback.CustomerLeg, string(ivr.Unanswered), his},
		{callback.CustomerLeg, string(ivr.Busy), his},
		{callback.CustomerLeg, string(ivr.Machine), his},
		{callback.CustomerLeg, string(ivr.Rejected), his},
		{callback.CustomerLeg, string(ivr.BadNumber), his},
		{callback.CustomerLeg, string(ivr.Later), his},
		{callback.CustomerLeg, "another", his},
		{callback.CustomerLeg, string(ivr.Carrier), "the carrier did not put the call through"},
		{callback.CustomerLeg, string(ivr.Unsent), "the call could not leave"},
		{callback.CustomerLeg, string(ivr.Unknown), "nobody knew whether the call had reached the customer"},
		{callback.CustomerLeg, "interrupted", "the service stopped during the call"},
		{callback.CustomerLeg, "abandoned", "the customer answered, and no agent was free"},
		{callback.CustomerLeg, "agent_hung_up", "the agent hung up before the customer was there"},
		{callback.AgentLeg, string(ivr.Unanswered), "an agent did not answer his phone"},
		{callback.AgentLeg, string(ivr.Busy), "an agent's phone was busy"},
		{callback.AgentLeg, string(ivr.Machine), "an agent's mailbox answered"},
		{callback.AgentLeg, string(ivr.Rejected), "an agent declined the call"},
		{callback.AgentLeg, string(ivr.BadNumber), "the agent's number does not exist"},
		{callback.AgentLeg, string(ivr.Carrier), "the agent's line failed"},
		{callback.AgentLeg, string(ivr.Unsent), "the call to the agent could not leave"},
		{callback.AgentLeg, string(ivr.Unknown), "nobody knew whether the call had reached the agent"},
		{callback.AgentLeg, "interrupted", "the service stopped during the call"},
		{callback.AgentLeg, "passed", "an agent passed the call on"},
	} {
		told[tt.why] = true
		t.Run(string(tt.leg)+" "+tt.outcome, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.books(aino)
			w.tried(c, tt.leg, tt.outcome, c.At)
			w.late(c)
			want := map[string]int{figures.Unreached: 1, figures.Late: 0, figures.Broken: 0}
			if tt.why != his {
				want = map[string]int{figures.Unreached: 0, figures.Late: 1, figures.Broken: 0}
			}
			if w.counted(want); w.why() != tt.why {
				t.Errorf("it is because %q, want %q", w.why(), tt.why)
			}
		})
	}
	for _, sentence := range []string{"nobody was free in time", "the agent put it off", "dialling was stopped", "so many calls were made that a limit was reached"} {
		told[sentence] = true // TestReasons
	}
	for _, sentence := range callback.EveryReason() {
		if !told[sentence] {
			t.Errorf("no test tells of %q", sentence)
		}
	}
}

// A call that came to nothing says nothing of a promise that was not given yet,
// or was over.
func TestCallsOfOtherTimesSayNothing(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]func(callback.Callback) time.Time{
		"before it was promised": func(c callback.Callback) time.Time { return c.CreatedAt.Add(-time.Second) },
		"after its time":         func(c callback.Callback) time.Time { return c.Until.Add(time.Second) },
	} {
		for _, outcome := range []string{string(ivr.Unanswered), string(ivr.Carrier)} {
			t.Run(name+", "+outcome, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				c := w.books(aino)
				w.tried(c, callback.CustomerLeg, outcome, when(c))
				w.late(c)
				if w.counted(map[string]int{figures.Late: 1, figures.Unreached: 0}); w.why() != "nobody was free in time" {
					t.Errorf("it is because %q", w.why())
				}
			})
		}
	}
}

// Why a promise was not kept is told as it was in its time, and not as things
// stand when the customer is called at last.
func TestReasons(t *testing.T) {
	t.Parallel()
	limited := func(c *callback.Config) { c.Limits.PerDay, c.Survey.Kind = 1, "off" }
	for _, tt := range []struct {
		name string
		edit func(*callback.Config)
		live func(*world, callback.Callback)
		why  string
	}{
		{"dialling goes on too late", nil, func(w *world, c callback.Callback) {
			w.stops()
			w.now = c.Until.Add(time.Minute)
			w.sweep()
			if err := w.StartDialing(w.Context(), "operator"); err != nil {
				w.Fatal(err)
			}
			w.pass(time.Hour)
			w.sweep()
			w.spokeFor(w.rings(1)[0], time.Minute)
		}, "dialling was stopped"},
		{"dialling goes on in time", nil, func(w *world, c callback.Callback) {
			w.stops()
			w.now = c.At.Add(time.Minute)
			if err := w.StartDialing(w.Context(), "operator"); err != nil {
				w.Fatal(err)
			}
			w.late(c)
		}, "nobody was free in time"},
		{"closed while dialling is stopped", nil, func(w *world, c callback.Callback) {
			w.stops()
			w.now = c.Until.Add(time.Minute)
			if err := w.Cancel(w.Context(), c.ID, "operator"); err != nil {
				w.Fatal(err)
			}
		}, "dialling was stopped"},
		{"a limit", limited, func(w *world, c callback.Callback) {
			w.tried(w.books(eero), callback.CustomerLeg, "spoke", w.now)
			w.now = c.Until.Add(time.Minute)
			w.sweep()
			if err := w.Cancel(w.Context(), c.ID, "operator"); err != nil {
				w.Fatal(err)
			}
		}, "so many calls were made that a limit was reached"},
		{"put off", nil, func(w *world, c callback.Callback) {
			w.now = c.At
			w.tried(c, callback.AgentLeg, string(ivr.Unanswered), c.At)
			for range 2 {
				c = w.must("anna", callback.DoSnooze, c, func(a *callback.Act) { a.Tell = true })
			}
			w.pass(time.Hour)
			w.spokeFor(w.rings(1)[0], time.Minute)
		}, "the agent put it off"},
		{"an agent passes it on", nil, func(w *world, c callback.Callback) {
			w.now = c.At
			w.party(w.rings(1)[0].Talk).presses("2")
			w.late(c)
		}, "an agent passed the call on"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) {
				if tt.edit != nil {
					tt.edit(c)
				}
			})
			tt.live(w, w.books(aino))
			if got := w.why(); got != tt.why {
				t.Errorf("it is because %q, want %q", got, tt.why)
			}
			all, err := w.Missed(w.Context(), callback.MissedFilter{To: w.now.Add(time.Hour), Max: 10})
			if err != nil || len(all) != 1 || all[0].Why != tt.why {
				t.Errorf("by name it is %+v, %v", all, err)
			}
		})
	}
}

func (w *world) stops() {
	w.Helper()
	if err := w.StopDialing(w.Context(), "operator", ""); err != nil {
		w.Fatal(err)
	}
}

// Whom we have called, who wanted to talk, and for whom no agent was free, has
// taken the call: he does not count as not reached.
func TestAbandonedIsOurDoing(t *testing.T) {
	t.Parallel()
	w, _, p := held(t)
	p.event(ivr.Event{Kind: ivr.Gone})
	for _, agent := range []string{"anna", "bo"} {
		w.frees(agent)
	}
	w.pass(20 * time.Minute) // past the promised window
	again := w.party(w.rings(1)[0].Talk).presses("1")
	w.party(again.connect().Talk).presses("1")
	w.counted(map[string]int{figures.Late: 1, figures.Unreached: 0, figures.Kept: 0})
	if w.why() != "the customer answered, and no agent was free" {
		t.Errorf("it is because %q", w.why())
	}
}

// Who takes a promise back, or moves it, after we have broken it does not undo
// that: it was due, and was not kept.
func TestTakenBackTooLate(t *testing.T) {
	t.Parallel()
	cancels := func(w *world, c callback.Callback) error { return w.Cancel(w.Context(), c.ID, "operator") }
	moves := func(w *world, c callback.Callback) error {
		_, err := w.Move(w.Context(), c.ID, w.now.Add(time.Hour).Truncate(15*time.Minute), "operator")
		return err
	}
	for _, tt := range []struct {
		name  string
		late  time.Duration
		rung  bool // in time, and he did not answer
		do    func(*world, callback.Callback) error
		wants string
	}{
		{"cancelled in time", 0, false, cancels, figures.Withdrawn},
		{"cancelled too late", time.Second, false, cancels, figures.Broken},
		{"cancelled, and he was not there", time.Second, true, cancels, figures.Unreached},
		{"moved in time", 0, false, moves, figures.Withdrawn},
		{"moved too late", time.Second, false, moves, figures.Broken},
		{"moved, and he was not there", time.Second, true, moves, figures.Unreached},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.books(aino)
			if tt.rung {
				w.tried(c, callback.CustomerLeg, string(ivr.Unanswered), c.At)
			}
			w.now = c.Until.Add(tt.late)
			if err := tt.do(w, c); err != nil {
				t.Fatal(err)
			}
			want := map[string]int{figures.Withdrawn: 0, figures.Broken: 0, figures.Unreached: 0, figures.FunnelAccepted: 1}
			want[tt.wants] = 1
			w.counted(want)
			if broken := tt.wants == figures.Broken; broken != (w.why() != "") {
				t.Errorf("it is because %q", w.why())
			}
		})
	}
}
