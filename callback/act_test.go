package callback_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// does has an agent do something with a callback, as he sees it.
func (w *world) does(agent string, do callback.Deed, c callback.Callback, edit ...func(*callback.Act)) (callback.Callback, error) {
	w.Helper()
	a := callback.Act{Do: do, Callback: c.ID, Version: c.Version, Actor: "agent:" + agent, Agent: agent}
	for _, e := range edit {
		e(&a)
	}
	return w.Act(w.Context(), a)
}

// must is does, which must succeed.
func (w *world) must(agent string, do callback.Deed, c callback.Callback, edit ...func(*callback.Act)) callback.Callback {
	w.Helper()
	after, err := w.does(agent, do, c, edit...)
	if err != nil {
		w.Fatal(err)
	}
	return after
}

func words(s string) func(*callback.Act) { return func(a *callback.Act) { a.Words = s } }

func to(s string) func(*callback.Act) { return func(a *callback.Act) { a.To = s } }

func TestActs(t *testing.T) {
	t.Parallel()
	tell := func(a *callback.Act) { a.Tell = true }
	any := func(a *callback.Act) { a.Any = true }
	tests := []struct {
		name  string
		owner string // before
		agent string // who does it; anna when ""
		do    callback.Deed
		edit  func(*callback.Act)
		want  error
		after string // the owner
	}{
		{name: "claim", do: callback.DoClaim, after: "anna"},
		{name: "claim what is mine", owner: "anna", do: callback.DoClaim, after: "anna"},
		{name: "claim what is another's", owner: "bo", do: callback.DoClaim, want: callback.ErrOwned},
		{name: "claim as a supervisor", owner: "bo", do: callback.DoClaim, edit: any, after: "anna"},
		{name: "claim for another team", agent: "eve", do: callback.DoClaim, want: callback.ErrTeam},
		{name: "release", owner: "anna", do: callback.DoRelease},
		{name: "release what is another's", owner: "bo", do: callback.DoRelease, want: callback.ErrOwned},
		{name: "call", do: callback.DoCall, after: "anna"},
		{name: "call what is another's", owner: "bo", do: callback.DoCall, want: callback.ErrOwned},
		{name: "hand over", do: callback.DoHand, edit: to("bo"), after: "bo"},
		{name: "hand over to nobody known", do: callback.DoHand, edit: to("eve"), want: callback.ErrTeam},
		{name: "hand to the team", owner: "anna", do: callback.DoHand, edit: to("")},
		{name: "cancel without a reason", do: callback.DoCancel, want: callback.ErrWords},
		{name: "cancel", do: callback.DoCancel, edit: words("is solved")},
		{name: "note nothing", do: callback.DoNote, edit: words(" "), want: callback.ErrWords},
		{name: "note on another's", owner: "bo", do: callback.DoNote, edit: words("rang twice"), after: "bo"},
		{name: "snooze", do: callback.DoSnooze},
		{name: "snooze and tell", do: callback.DoSnooze, edit: tell},
		{name: "outcome before the call", do: callback.DoOutcome, edit: to("solved"), want: callback.ErrOwned},
		{name: "nonsense", do: "juggle", want: nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.books(aino)
			if tt.owner != "" {
				c = w.must(tt.owner, callback.DoClaim, c)
				w.pass(time.Second)
			}
			if tt.agent == "" {
				tt.agent = "anna"
			}
			if tt.edit == nil {
				tt.edit = func(*callback.Act) {}
			}
			after, err := w.does(tt.agent, tt.do, c, tt.edit)
			if tt.name == "nonsense" {
				if err == nil {
					t.Error("that can be done")
				}
				return
			}
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err == nil && after.Owner != tt.after {
				t.Errorf("it belongs to %q, want %q", after.Owner, tt.after)
			}
		})
	}
}

// What was seen before somebody else changed it is not acted on; the same act
// twice is done once.
func TestActOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	first := w.must("anna", callback.DoClaim, c)
	if again := w.must("anna", callback.DoClaim, c); again.Version != first.Version {
		t.Errorf("claimed twice: %d, then %d", first.Version, again.Version)
	}
	if _, err := w.does("bo", callback.DoRelease, c); !errors.Is(err, callback.ErrChanged) {
		t.Errorf("what was seen before: %v", err)
	}
	n := w.must("anna", callback.DoNote, first, words("rang twice"))
	if again := w.must("anna", callback.DoNote, first, words("rang twice")); again.Version != n.Version {
		t.Error("noted twice")
	}
	s, err := w.Story(t.Context(), c.ID)
	if err != nil || len(s.Entries) == 0 {
		t.Fatal(err)
	}
	notes := 0
	for _, e := range s.Entries {
		if e.Kind == "desk.note" && e.Value == "rang twice" && e.Actor == "agent:anna" {
			notes++
		}
	}
	if notes != 1 {
		t.Errorf("%d notes in %+v", notes, s.Entries)
	}
}

// For ten seconds everything can be taken back; the customer is not told of
// what was taken back.
func TestUndo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.sends()
	free, err := w.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		do   callback.Deed
		edit func(*callback.Act)
	}{
		{callback.DoClaim, words("")},
		{callback.DoNote, words("a slip")},
		{callback.DoSnooze, words("")},
		{callback.DoMove, func(a *callback.Act) { a.At = free[8] }},
		{callback.DoCancel, words("wrong row")},
	} {
		done := w.must("anna", tt.do, w.open(aino), tt.edit)
		w.pass(9 * time.Second)
		if _, err := w.Desk.Undo(t.Context(), done.ID, "agent:bo"); !errors.Is(err, callback.ErrTooLate) {
			t.Errorf("%s: another undoes it: %v", tt.do, err)
		}
		if got := w.sends(); len(got) > 0 {
			t.Errorf("%s: sent before it can no more be undone: %v", tt.do, got)
		}
		if _, err := w.Desk.Undo(t.Context(), done.ID, "agent:anna"); err != nil {
			t.Fatalf("%s: %v", tt.do, err)
		}
		if _, err := w.Desk.Undo(t.Context(), done.ID, "agent:anna"); !errors.Is(err, callback.ErrTooLate) {
			t.Errorf("%s: undone twice: %v", tt.do, err)
		}
		got := w.open(aino)
		if got.Owner != "" || !got.At.Equal(c.At) || !got.DueAt.Equal(c.DueAt) || !got.Until.Equal(c.Until) || got.State != callback.BookedState {
			t.Errorf("%s: undone, it is %+v", tt.do, got)
		}
		w.pass(time.Minute)
		if got := w.sends(); len(got) > 0 {
			t.Errorf("%s: undone, and yet sent: %v", tt.do, got)
		}
	}
	done := w.must("anna", callback.DoClaim, w.open(aino))
	w.pass(callback.UndoTime)
	if _, err := w.Desk.Undo(t.Context(), done.ID, "agent:anna"); !errors.Is(err, callback.ErrTooLate) {
		t.Errorf("undone after ten seconds: %v", err)
	}
}

// sends returns the texts that leave now.
func (w *world) sends() []string {
	w.Helper()
	all, err := w.ClaimMessages(w.Context(), 10)
	if err != nil {
		w.Fatal(err)
	}
	var bodies []string
	for _, m := range all {
		bodies = append(bodies, m.Body)
		if err := w.Delivered(w.Context(), m, callback.Delivered, nil); err != nil {
			w.Fatal(err)
		}
	}
	return bodies
}

// A call that is put off within the promised window keeps the promise; beyond
// it the customer is told, or nothing is done.
func TestSnoozeKeepsThePromise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.sends()
	w.now = c.At
	c = w.must("anna", callback.DoSnooze, c)
	if !c.At.Equal(w.now) || !c.DueAt.Equal(w.now.Add(10*time.Minute)) {
		t.Errorf("snoozed, it is promised for %s and rung at %s", c.At, c.DueAt)
	}
	if _, err := w.does("anna", callback.DoSnooze, c); !errors.Is(err, callback.ErrBreaks) {
		t.Errorf("a broken promise: %v", err)
	}
	c = w.must("anna", callback.DoSnooze, c, func(a *callback.Act) { a.Tell = true })
	w.pass(callback.UndoTime)
	if got := w.sends(); len(got) != 1 || !strings.Contains(got[0], "text_late") {
		t.Errorf("the customer is told %v", got)
	}
	if !c.At.Before(c.DueAt) {
		t.Errorf("the promise is forgotten: %+v", c)
	}
}

// Call now rings the agent who asks for it, at once.
func TestCallNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	if err := w.SetAgent(t.Context(), "bo", callback.OnBreak); err != nil {
		t.Fatal(err)
	}
	if _, err := w.does("bo", callback.DoCall, c); !errors.Is(err, callback.ErrAway) {
		t.Errorf("on a break: %v", err)
	}
	c = w.must("anna", callback.DoCall, c)
	rings, err := w.Claim(t.Context(), 5)
	if err != nil || len(rings) != 1 || !strings.Contains(rings[0].Addr, "anna") {
		t.Fatalf("rung: %+v, %v", rings, err)
	}
	if _, err := w.does("anna", callback.DoCancel, w.open(aino), words("late")); !errors.Is(err, callback.ErrChanged) {
		t.Errorf("cancelled while it rings: %v", err)
	}
	if _, err := w.Desk.Undo(t.Context(), c.ID, "agent:anna"); !errors.Is(err, callback.ErrTooLate) {
		t.Errorf("undone while it rings: %v", err)
	}
}

// What came of a call ends the writing, frees the agent, and may promise the
// next call.
func TestOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.must("anna", callback.DoCall, w.books(aino))
	rings, err := w.Claim(t.Context(), 1)
	if err != nil || len(rings) != 1 {
		t.Fatal(rings, err)
	}
	agent := w.party(rings[0].Talk).presses("1")
	w.party(agent.connect().Talk).presses("1")
	w.pass(time.Minute)
	agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
	free, err := w.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.does("bo", callback.DoOutcome, c, to("solved")); !errors.Is(err, callback.ErrOwned) {
		t.Errorf("another closes it: %v", err)
	}
	done := w.must("anna", callback.DoOutcome, c, to("follow_up"), words("sends the invoice"), func(a *callback.Act) { a.At = free[3] })
	if done.State != callback.Done {
		t.Errorf("it is %s", done.State)
	}
	next := w.open(aino)
	if !next.At.Equal(free[3]) || next.Owner != "anna" || next.Note != "sends the invoice" {
		t.Errorf("the next is %+v", next)
	}
	team, err := w.Team(t.Context())
	if err != nil || team[0].Agent != "anna" || team[0].State != callback.Available {
		t.Errorf("the team is %+v, %v", team, err)
	}
	s, err := w.Story(t.Context(), next.ID)
	if err != nil || len(s.Earlier) != 1 || s.Earlier[0].ID != c.ID || len(s.Talks) == 0 || len(s.Free) == 0 {
		t.Errorf("the story is %+v, %v", s, err)
	}
}

// What came of a call is taken back within ten seconds, with the next call that
// was promised: nobody is told of either, the survey comes all the same, and what
// came of it can be said anew, in the same words too.
func TestUndoOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.must("anna", callback.DoCall, w.books(aino))
	rings, err := w.Claim(t.Context(), 1)
	if err != nil || len(rings) != 1 {
		t.Fatal(rings, err)
	}
	agent := w.party(rings[0].Talk).presses("1")
	w.party(agent.connect().Talk).presses("1")
	w.pass(time.Minute)
	agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
	free, err := w.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	closes := func() callback.Callback {
		t.Helper()
		return w.must("anna", callback.DoOutcome, c, to("follow_up"), words("sends it"), func(a *callback.Act) { a.At = free[3] })
	}
	closes()
	next := w.open(aino)
	if _, err := w.Undo(t.Context(), c.ID, "agent:bo"); !errors.Is(err, callback.ErrTooLate) {
		t.Errorf("another takes it back: %v", err)
	}
	w.pass(9 * time.Second)
	undone, err := w.Undo(t.Context(), c.ID, "agent:anna")
	if err != nil || undone.State != callback.Done {
		t.Fatalf("it is %s, %v", undone.State, err)
	}
	if gone, _, err := w.Show(t.Context(), next.ID); err != nil || gone.State != callback.CancelledState {
		t.Errorf("the next call is %s, %v", gone.State, err)
	}
	c = undone
	closes()
	if again := w.open(aino); again.ID == next.ID || !again.At.Equal(free[3]) {
		t.Errorf("said anew, the next call is %+v", again)
	}
	w.pass(callback.UndoTime)
	if _, err := w.Undo(t.Context(), c.ID, "agent:anna"); !errors.Is(err, callback.ErrTooLate) {
		t.Errorf("after ten seconds: %v", err)
	}
	told := map[string]int{}
	s, err := w.Story(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range s.Sent {
		if m.Callback == next.ID && m.Status != "expired" {
			t.Errorf("the customer is told of what was undone: %+v", m)
		}
		told[m.Callback]++
		if strings.HasPrefix(m.Key, "survey:") && m.DoneAt.IsZero() {
			told["survey"]++
		}
	}
	if told[next.ID] == 0 || told["survey"] != 1 {
		t.Errorf("to be told are %v", told)
	}
}

// What was given up is taken back also where the places of a slot are computed.
func TestUndoWhereCapacityIsComputed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, auto)
	c := w.books(aino)
	free, err := w.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	move := func(a *callback.Act) { a.At = free[len(free)-1] }
	for do, edit := range map[callback.Deed]func(*callback.Act){callback.DoMove: move, callback.DoCancel: words("wrong row")} {
		done := w.must("anna", do, w.open(aino), edit)
		if _, err := w.Desk.Undo(t.Context(), done.ID, "agent:anna"); err != nil {
			t.Fatalf("%s: %v", do, err)
		}
		if got := w.open(aino); !got.At.Equal(c.At) {
			t.Errorf("%s: undone, it is promised for %s, want %s", do, got.At, c.At)
		}
	}
}
