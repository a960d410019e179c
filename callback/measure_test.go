package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/ivr"
)

// counted checks what was counted since the world began.
func (w *world) counted(want map[string]int) {
	w.Helper()
	got := w.counts()
	for name, n := range want {
		if got[name].N != n {
			w.Errorf("%s was counted %d times, want %d", name, got[name].N, n)
		}
	}
}

func (w *world) counts() figures.Counts {
	w.Helper()
	var all []figures.Count
	w.view(func(tx callback.Tx) error {
		found, err := tx.Measures(callback.MeasureFilter{Queue: "billing"})
		for _, m := range found {
			all = append(all, m.Count)
		}
		return err
	})
	return figures.Of(all)
}

// spokeFor lets a callback be kept: anna takes it, and speaks with the customer.
func (w *world) spokeFor(r callback.Ring, talked time.Duration) {
	w.Helper()
	agent, far := w.dials(r)
	w.party(far.Talk).presses("1")
	w.pass(talked)
	agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
}

// absent lets the customer of a callback not take the call.
func (w *world) absent(r callback.Ring) {
	w.Helper()
	agent, _ := w.dials(r)
	agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
}

// TestPromisesCounted holds what is counted of promises, each one once.
func TestPromisesCounted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		live func(w *world, c callback.Callback)
		want map[string]int
	}{
		{"kept", func(w *world, c callback.Callback) {
			w.now = c.At.Add(5 * time.Minute)
			w.spokeFor(w.rings(1)[0], time.Minute)
		}, map[string]int{
			figures.Kept: 1, figures.FunnelOffered: 1, figures.FunnelAccepted: 1, figures.FunnelConnected: 1, figures.Talking: 1,
			figures.PunctualWithin(-10 * time.Minute): 1,
		}},
		{"late, as nobody was free", func(w *world, c callback.Callback) {
			w.now = c.Until.Add(3 * time.Minute)
			w.spokeFor(w.rings(1)[0], time.Minute)
		}, map[string]int{figures.Late: 1, figures.Why + "nobody was free in time": 1, figures.PunctualWithin(3 * time.Minute): 1}},
		{"an agent did not answer in time", func(w *world, c callback.Callback) {
			w.now = c.At
			(&party{w: w, talk: w.rings(1)[0].Talk}).event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
			w.now = c.Until.Add(3 * time.Minute)
			w.spokeFor(w.rings(1)[0], time.Minute)
		}, map[string]int{figures.Late: 1, figures.Why + "an agent did not answer his phone": 1}},
		{"the customer was not there in time", func(w *world, c callback.Callback) {
			w.now = c.At
			w.absent(w.rings(1)[0])
			w.pass(30 * time.Minute)
			w.spokeFor(w.rings(1)[0], time.Minute)
		}, map[string]int{figures.Unreached: 1, figures.Late: 0, figures.FunnelDialed: 1}},
		{"taken back", func(w *world, c callback.Callback) {
			if err := w.Cancel(w.Context(), c.ID, "operator"); err != nil {
				w.Fatal(err)
			}
		}, map[string]int{figures.Withdrawn: 1, figures.Broken: 0}},
		{"moved, and then kept", func(w *world, c callback.Callback) {
			if _, err := w.Move(w.Context(), c.ID, c.At.Add(time.Hour), "operator"); err != nil {
				w.Fatal(err)
			}
			w.now = c.At.Add(time.Hour)
			w.spokeFor(w.rings(1)[0], time.Minute)
		}, map[string]int{figures.Withdrawn: 1, figures.Kept: 1, figures.FunnelAccepted: 1}},
		{"broken", func(w *world, _ callback.Callback) {
			for _, agent := range []string{"anna", "bo"} {
				if err := w.SetAgent(w.Context(), agent, callback.Offline); err != nil {
					w.Fatal(err)
				}
			}
			for range 100 {
				w.pass(time.Hour)
				w.sweep()
			}
		}, map[string]int{figures.Broken: 1, figures.Why + "nobody was free in time": 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.live(w, w.books(aino))
			w.counted(tt.want)
		})
	}
}

// TestCallersCounted holds what is counted of callers who ask for a person.
func TestCallersCounted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		live func(w *world)
		want map[string]int
	}{
		{"served", func(w *world) {
			caller := w.calls(aino).presses("0")
			w.pass(12 * time.Second)
			w.party(caller.connect().Talk).presses("1")
			w.pass(5 * time.Minute)
			caller.event(ivr.Event{Kind: ivr.Spoke})
		}, map[string]int{
			figures.Offered: 1, figures.Answered: 1, figures.AnsweredWithin(12 * time.Second): 1, figures.Talking: 1, figures.Keys: 1,
		}},
		{"hung up at once", func(w *world) {
			w.calls(aino).presses("0").event(ivr.Event{Kind: ivr.Gone})
		}, map[string]int{figures.Abandoned: 1, figures.Short: 1, figures.Answered: 0}},
		{"hung up after five seconds", func(w *world) {
			caller := w.calls(aino).presses("0")
			w.pass(5 * time.Second)
			caller.event(ivr.Event{Kind: ivr.Gone})
		}, map[string]int{figures.Abandoned: 1, figures.Short: 0}},
		{"hung up after a while", func(w *world) {
			caller := w.calls(aino).presses("0")
			w.pass(40 * time.Second)
			caller.event(ivr.Event{Kind: ivr.Gone})
		}, map[string]int{figures.Abandoned: 1, figures.Short: 0, figures.AbandonedWithin(40 * time.Second): 1}},
		{"asked for nobody", func(w *world) {
			w.calls(aino).event(ivr.Event{Kind: ivr.Gone})
		}, map[string]int{figures.Calls: 1, figures.Offered: 0, figures.Abandoned: 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.live(w)
			w.counted(tt.want)
		})
	}
}

// TestOutlook holds that the next caller is told what the last calls say.
func TestOutlook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	look := func() callback.Outlook {
		o, err := w.Outlook(w.Context(), "billing")
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	if o := look(); o.Bound != 0 || o.Agents != 2 || o.Idle != 2 {
		t.Errorf("with two free agents, the outlook is %+v", o)
	}
	serve := func(talked time.Duration) {
		caller := w.calls(aino).presses("0")
		w.party(caller.connect().Talk).presses("1")
		w.pass(talked)
		caller.event(ivr.Event{Kind: ivr.Spoke})
		w.pass(time.Minute)
		w.sweep()
	}
	for range 5 {
		serve(2 * time.Minute)
	}
	long := w.calls(aino).presses("0")
	w.party(long.connect().Talk).presses("1")
	other := "bo"
	if long.connect().Addr == "sip:bo@127.0.0.1" {
		other = "anna"
	}
	if err := w.SetAgent(w.Context(), other, callback.OnBreak); err != nil {
		t.Fatal(err)
	}
	o := look()
	if o.Agents != 1 || o.Idle != 0 {
		t.Errorf("one agent speaks and one has a break, and the outlook is %+v", o)
	}
	const talk, write = 150 * time.Second, 30 * time.Second // after five calls, half a guess
	if o.Mean != talk+write || o.Bound < 6*time.Minute || o.Bound > 8*time.Minute {
		t.Errorf("the wait is %s, at most %s; want %s, at most about 7m", o.Mean, o.Bound, talk+write)
	}
}

// What is told where agents work for other queues, too, is held against how long
// the first in line has waited.
func TestOutlookOfSharedAgents(t *testing.T) {
	t.Parallel()
	w := lined(t, func(c *callback.Config) {
		q := c.Queues["billing"]
		q.Agents = []string{"anna"}
		c.Queues["other"] = q
	})
	first := w.calls(aino).presses("0").hears("wait_most")
	w.pass(time.Hour)
	told := w.told(w.calls(eero).presses("0").hears("wait_most"))
	if told.Mean < 20*time.Minute || told.Mean > 40*time.Minute {
		t.Errorf("the first in line was told %s and has waited for an hour, and the next is told %s", w.told(first).Mean, told.Mean)
	}
}

// TestHours holds that agents who have hours of their own are counted when
// they begin, and not before.
func TestHours(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		anna := c.Agents["anna"]
		anna.Hours = map[string]string{"mon-fri": "09:00-12:10"}
		c.Agents["anna"] = anna
	})
	if err := w.SetAgent(w.Context(), "bo", callback.Offline); err != nil {
		t.Fatal(err)
	}
	caller := w.calls(aino).presses("0")
	w.party(caller.connect().Talk).presses("1")
	w.pass(9 * time.Minute)
	o, err := w.Outlook(w.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	if o.Bound != 0 {
		t.Errorf("the last agent goes home in a minute, and callers are told at most %s", o.Bound)
	}
}

// What it costs a caller is how long he hears the menu, how long he waits after
// it, and how many keys he presses.
func TestEffortOfACaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller := w.calls(aino)
	w.pass(20 * time.Second)
	caller.presses("9") // no such key
	w.pass(5 * time.Second)
	caller.presses("0")
	w.pass(12 * time.Second)
	w.party(caller.connect().Talk).presses("1")
	w.pass(5 * time.Minute)
	caller.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
	e := w.counts().Report(figures.Usual).Effort
	if e.Menu != 25 || e.Hold != 12 || e.Keys != 2 {
		t.Errorf("the effort is %+v, want 25 s of menu, 12 s of waiting and 2 keys", e)
	}
}
