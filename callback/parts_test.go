package callback_test

import (
	"maps"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/ivr"
)

// partsOf adds up what was counted apart, by what it was of.
func (w *world) partsOf(by string) map[string]figures.Counts {
	w.Helper()
	all := map[string]figures.Counts{}
	w.view(func(tx callback.Tx) error {
		found, err := tx.Parts(callback.PartFilter{By: by})
		for _, p := range found {
			if all[p.Of] == nil {
				all[p.Of] = figures.Counts{}
			}
			all[p.Of][p.Name] = p.Count
		}
		return err
	})
	return all
}

// purge deletes all that is over.
func (w *world) purge() {
	w.Helper()
	n, err := w.Store.(*store.Store).Purge(w.Context(), w.now)
	if err != nil || n == 0 {
		w.Fatalf("%d rows deleted, %v", n, err)
	}
}

// TestFiguresOutliveRetention holds that what was counted of a promise, of its
// agent and its language, and what the customer said of it, is the same when
// everything about him was deleted.
func TestFiguresOutliveRetention(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asked(aino)
	w.reply(aino, "1", "3")
	w.reply(aino, "2", "4") // he thinks better of it
	w.sweep()
	w.pass(8 * 24 * time.Hour)
	for range 2 { // each is counted once
		if err := w.Settle(w.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, deleted := range []bool{false, true} {
		if deleted {
			w.purge()
		}
		for by, of := range map[string]string{"": "billing", figures.ByAgent: "anna", figures.ByLang: "en"} {
			got := w.partsOf(by)[of]
			f := feedback.Counted(got)
			if got[figures.Kept].N != 1 || f.CSAT().N != 1 || f.CSAT().Value != 1 || f.FCR().N != 1 || f.FCR().Value != 1 {
				t.Errorf("deleted %t, %s by %q: %+v", deleted, of, by, got)
			}
		}
	}
}

// TestMatterRestsForAWeek holds that nobody counts as helped before seven days
// are over: who comes back an hour before that was not.
func TestMatterRestsForAWeek(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.speaks(aino)
	w.pass(3 * time.Minute)
	w.sweep()
	w.pass(7*24*time.Hour - time.Hour)
	settle := func() {
		if err := w.Settle(w.Context()); err != nil {
			t.Fatal(err)
		}
	}
	settle()
	w.books(aino)
	w.pass(2 * time.Hour)
	settle()
	if f := feedback.Counted(w.partsOf("")["billing"]); f.FCR().N != 1 || f.FCR().Value != 0 {
		t.Errorf("counted %+v", f)
	}
}

// TestParts holds by what is counted apart.
func TestParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller := w.calls(aino).presses("0")
	w.pass(12 * time.Second)
	w.party(caller.connect().Talk).presses("1")
	w.pass(5 * time.Minute)
	caller.event(ivr.Event{Kind: ivr.Spoke})
	hours, agents, topics := w.partsOf(figures.ByHour), w.partsOf(figures.ByAgent), w.partsOf(figures.ByTopic)
	if hours["12"][figures.Offered].N != 1 || hours["12"][figures.Talking].N != 0 {
		t.Errorf("by the hour: %+v", hours)
	}
	if a := agents["anna"]; a[figures.Answered].N != 1 || a[figures.Talking].Time != 5*time.Minute || a[figures.Offered].N != 0 {
		t.Errorf("by agent: %+v", agents)
	}
	if len(topics) != 1 || topics[""][figures.Calls].N != 1 {
		t.Errorf("by topic: %+v", topics)
	}
}

// TestFreeInSeveralQueues holds that who is free in several queues at once is free
// in each of them for an equal part of the time, while they are open.
func TestFreeInSeveralQueues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		early := c.Queues["billing"]
		early.Agents, early.Hours = []string{"anna"}, map[string]string{"mon-sun": "08:00-13:00"}
		c.Queues["early"] = early
	})
	for _, then := range []struct {
		state callback.AgentState
		lasts time.Duration
	}{{callback.OnBreak, 0}, {callback.Available, 2 * time.Hour}, {callback.OnBreak, 0}} {
		if err := w.SetAgent(t.Context(), "anna", then.state); err != nil {
			t.Fatal(err)
		}
		w.pass(then.lasts)
	}
	free := map[string]time.Duration{}
	w.view(func(tx callback.Tx) error {
		all, err := tx.Measures(callback.MeasureFilter{})
		for _, m := range all {
			if m.Name == figures.Available {
				free[m.Queue] += m.Time
			}
		}
		return err
	})
	if want := map[string]time.Duration{"billing": 90 * time.Minute, "early": 30 * time.Minute}; !maps.Equal(free, want) {
		t.Errorf("free for %v, want %v", free, want)
	}
	if got := w.partsOf(figures.ByAgent)["anna"][figures.Available].Time; got != 2*time.Hour {
		t.Errorf("anna was free for %s", got)
	}
}

// TestRungForATopic holds that an agent who is rung is busy with the topic and
// in the language of whom he is rung for, whether he answers or not.
func TestRungForATopic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		c.Topic, c.Lang = "invoice", "fi"
		return tx.MoveCallback(c, c.State)
	})
	if err != nil {
		t.Fatal(err)
	}
	w.now = c.At
	r := w.rings(1)[0]
	w.pass(20 * time.Second)
	(&party{w: w, talk: r.Talk}).event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
	for by, of := range map[string]string{figures.ByTopic: "invoice", figures.ByLang: "fi", figures.ByAgent: "anna"} {
		if got := w.partsOf(by)[of][figures.Ringing]; got.N != 1 || got.Time != 20*time.Second {
			t.Errorf("by %s: %+v", by, w.partsOf(by))
		}
	}
}

// TestMissed holds that each promise that we did not keep has its reason.
func TestMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.Until.Add(3 * time.Minute)
	w.spokeFor(w.rings(1)[0], time.Minute)
	all, err := w.Missed(w.Context(), callback.MissedFilter{From: c.At, To: w.now.Add(time.Hour), Max: 10})
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	m := all[0]
	if m.Callback.ID != c.ID || !m.Promised.Equal(c.Until) || m.Late < 3*time.Minute || m.How != figures.Late || m.Why != "nobody was free in time" {
		t.Errorf("it is %+v", m)
	}
	w.pass(24 * time.Hour)
	w.purge()
	if all, err = w.Missed(w.Context(), callback.MissedFilter{From: c.At, To: w.now, Max: 10}); err != nil || len(all) != 0 {
		t.Errorf("what was deleted is %+v, %v", all, err)
	}
}
