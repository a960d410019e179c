package callback_test

import (
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// withTeams has Anna work for billing and support, and only Bo for sales.
func withTeams(c *callback.Config) {
	withDesk(c)
	support, sales := c.Queues["billing"], c.Queues["billing"]
	support.Agents, sales.Agents = []string{"anna"}, []string{"bo"}
	c.Queues["support"], c.Queues["sales"] = support, sales
}

// A planned callback is one of a name, a queue and a time in June.
type planned struct {
	name, queue, owner string
	state              callback.State
	at                 string
}

func (w *world) plans(all []planned) {
	w.Helper()
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		for i, p := range all {
			at, err := time.ParseInLocation("2006-01-02 15:04", "2026-06-"+p.at, helsinki(w.T))
			if err != nil {
				return err
			}
			c := callback.Callback{
				ID: p.name, Name: p.name, Queue: p.queue, Owner: p.owner, Phone: mobile(i), Lang: "en", State: p.state,
				At: at, DueAt: at, Until: at.Add(15 * time.Minute), Zone: "Europe/Helsinki", CreatedAt: w.now, UpdatedAt: w.now,
				Boot: w.Boot, HoldUntil: at,
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

// names turns the pages of an agenda, and returns whose callbacks it reads out.
func (p *party) names() (all []string) {
	p.w.Helper()
	for range 30 {
		i := slices.IndexFunc(p.turn.Say, func(s ivr.Prompt) bool { return s.Name == "brief_name" })
		if i < 0 {
			return all
		}
		all = append(all, p.turn.Say[i].Text)
		p.presses("2")
	}
	p.w.Fatalf("the agenda has no end: %q", all)
	return nil
}

// An agent hears of what is to be called today, in the order of time: what is his
// and what is nobody's, in the queues in which he works.
func TestAgenda(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withTeams)
	w.plans([]planned{
		{"at four", "billing", "anna", callback.BookedState, "01 16:00"},
		{"at one", "billing", "", callback.BookedState, "01 13:00"},
		{"again at two", "billing", "", callback.RetryWait, "01 14:00"},
		{"at three", "support", "", callback.BookedState, "01 15:00"},
		{"overdue", "support", "anna", callback.BookedState, "01 11:00"},
		{"before midnight", "billing", "", callback.BookedState, "01 23:59"},
		{"at midnight", "billing", "", callback.BookedState, "02 00:00"},
		{"tomorrow", "billing", "anna", callback.BookedState, "02 09:00"},
		{"of Bo", "billing", "bo", callback.BookedState, "01 13:00"},
		{"of sales", "sales", "", callback.BookedState, "01 13:00"},
		{"hers in sales", "sales", "anna", callback.BookedState, "01 13:00"},
		{"not confirmed", "billing", "", callback.HeldState, "01 13:00"},
		{"in hand", "billing", "", callback.Claimed, "01 13:00"},
		{"with an agent", "billing", "", callback.AgentRinging, "01 13:00"},
		{"in a call", "billing", "anna", callback.Connected, "01 13:00"},
		{"being written down", "billing", "anna", callback.Wrapup, "01 13:00"},
		{"unknown", "billing", "anna", callback.Interrupted, "01 13:00"},
		{"done", "billing", "anna", callback.Done, "01 13:00"},
		{"cancelled", "billing", "anna", callback.CancelledState, "01 13:00"},
		{"expired", "billing", "anna", callback.Expired, "01 13:00"},
		{"failed", "billing", "anna", callback.Failed, "01 13:00"},
	})
	for _, tt := range []struct {
		agent callback.Phone
		want  []string
	}{
		{"anna", []string{"overdue", "at one", "again at two", "at three", "at four", "before midnight"}},
		{"bo", []string{"at one", "of Bo", "of sales", "again at two", "before midnight"}},
	} {
		if got := w.dialsIn(tt.agent, "*3").names(); !slices.Equal(got, tt.want) {
			t.Errorf("%s hears of %q, want %q", tt.agent, got, tt.want)
		}
	}
}

// changes a callback behind the back of who has heard of it.
func (w *world) changes(id string, edit func(*callback.Callback)) {
	w.Helper()
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		c, err := tx.Callback(id)
		if err != nil {
			return err
		}
		was := c.State
		edit(&c)
		return tx.MoveCallback(c, was)
	})
	if err != nil {
		w.Fatal(err)
	}
}

// What an agent has heard of he calls at once, unless he must not since: then
// nothing of it has begun.
func TestTakeFromTheAgenda(t *testing.T) {
	t.Parallel()
	const id = "one"
	busy := func(state callback.AgentState) func(*world) {
		return func(w *world) { w.puts("anna", state, "elsewhere") }
	}
	for _, tt := range []struct {
		name  string
		since func(*world)
		want  string
	}{
		{"nothing has changed", func(*world) {}, "callback_due"},
		{"it is hers", func(w *world) { w.changes(id, func(c *callback.Callback) { c.Owner = "anna" }) }, "callback_due"},
		{"it is to be tried again", func(w *world) { w.changes(id, func(c *callback.Callback) { c.State = callback.RetryWait }) }, "callback_due"},
		{"she is on a break", busy(callback.OnBreak), "callback_due"},
		{"she is rung", busy(callback.OnRing), "call_not_now"},
		{"she is in a call", busy(callback.OnCall), "call_not_now"},
		{"it is another's", func(w *world) { w.changes(id, func(c *callback.Callback) { c.Owner = "bo" }) }, "call_not_now"},
		{"it is another queue's", func(w *world) { w.changes(id, func(c *callback.Callback) { c.Queue = "sales" }) }, "call_not_now"},
		{"somebody has it in hand", func(w *world) { w.changes(id, func(c *callback.Callback) { c.State = callback.AgentRinging }) }, "call_not_now"},
		{"it is done", func(w *world) { w.changes(id, func(c *callback.Callback) { c.State = callback.Done }) }, "call_not_now"},
		{"nobody may be called any more", func(w *world) { w.at("12:30") }, "call_not_now"},
		{"dialling is stopped", func(w *world) {
			if err := w.StopDialing(w.Context(), "operator", "test"); err != nil {
				w.Fatal(err)
			}
		}, "call_not_now"},
		{"the minute is full", func(w *world) { w.Limits.PerMinute = 1; w.dialled("+358409991234", w.now) }, "call_not_now"},
		{"the number was called too often", func(w *world) { w.Policy.Dials = 1; w.dialled(mobile(0), w.now.Add(-time.Hour)) }, "call_not_now"},
		{"its like were called too often", func(w *world) { w.Limits.PerPrefix = 1; w.dialled(mobile(0)[:9]+"0000", w.now.Add(-time.Hour)) }, "call_not_now"},
		{"the number must not be called", func(w *world) { w.Rules.Deny[mobile(0)] = true }, "call_not_now"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withTeams, func(c *callback.Config) { c.Callbacks.Permitted = "08:00-12:30" })
			w.plans([]planned{{id, "billing", "", callback.BookedState, "01 12:15"}})
			p := w.dialsIn("anna", "*3").hears("agenda_at")
			tt.since(w)
			before, _, err := w.Show(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			p.presses("1").hears(tt.want)
			if tt.want == "callback_due" {
				w.state(id, callback.AgentReady)
				w.agent("anna", callback.OnCall)
				return
			}
			after, calls, err := w.Show(t.Context(), id)
			if err != nil || after != before || len(calls) != 0 {
				t.Errorf("%+v was %+v; calls %+v; %v", after, before, calls, err)
			}
		})
	}
}

// dialled writes down a call to a customer.
func (w *world) dialled(p callback.Phone, at time.Time) {
	w.Helper()
	c := callback.Callback{
		ID: "before", Queue: "billing", Phone: p, Lang: "en", State: callback.Done, At: at, DueAt: at, Until: at, Zone: "Europe/Helsinki",
		CreatedAt: at, UpdatedAt: at,
	}
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		if err := tx.AddCallback(c); err != nil {
			return err
		}
		return tx.AddAttempt(callback.Attempt{
			Callback: c.ID, No: 1, Leg: callback.CustomerLeg, Ref: "before", Boot: w.Boot, Phone: p,
			IntentAt: at, SentAt: at, EndedAt: at, Outcome: string(ivr.Unanswered),
		})
	})
	if err != nil {
		w.Fatal(err)
	}
}

// A menu that never asks who calls does nothing for nobody: it reads out no
// callback, and sets nobody's state.
func TestMenuForAgentsWithoutSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withTeams)
	var err error
	w.Menus["desk"], err = ivr.Parse("desk", []byte(`
for: agent
languages: [en]
start: today
stuck: bye
nodes:
  today: {do: agenda, then: pause}
  pause: {do: duty, set: break, then: bye, else: refused}
  refused: {do: end, say: wrong_pin}
  bye: {do: end, say: bye}
`))
	if err != nil {
		t.Fatal(err)
	}
	w.plans([]planned{{"one", "billing", "", callback.BookedState, "01 12:15"}})
	w.dialsIn(aino, deskNumber).hears("agenda_none", "wrong_pin")
	w.agent("anna", callback.Available)
	if n := w.journalled("agent.break", ""); n != 0 {
		t.Errorf("%d breaks of nobody", n)
	}
}

// Who asks for a break by telephone while in a call elsewhere goes on with that
// call, and has the break after it.
func TestBreakByTelephoneAfterTheCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDesk)
	if err := w.SetAgent(t.Context(), "bo", callback.Offline); err != nil {
		t.Fatal(err)
	}
	caller := w.calls(aino).presses("0")
	w.party(caller.connect().Talk).presses("1")
	w.agent("anna", callback.OnCall)
	w.dialsIn("anna", "*2").hears("you_break")
	w.agent("anna", callback.OnCall)
	if s := w.status("anna"); s.Next != callback.OnBreak || s.Ref != caller.talk {
		t.Errorf("in the call: %+v", s)
	}
	caller.event(ivr.Event{Kind: ivr.Spoke})
	w.agent("anna", callback.OnBreak)
	if next, at := w.journalled("agent.next", "anna"), w.journalled("agent.break", "anna"); next != 1 || at != 0 {
		t.Errorf("in the journal: %d announced, %d begun", next, at)
	}
}
