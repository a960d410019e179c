package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/ivr"
)

// each checks what was counted of each queue since the world began, and that every
// wait has come to one end.
func (w *world) each(want map[string]map[string]int) {
	w.Helper()
	all := w.partsOf("")
	for queue, counts := range want {
		for name, n := range counts {
			if got := all[queue][name].N; got != n {
				w.Errorf("%s: %s was counted %d times, want %d", queue, name, got, n)
			}
		}
	}
	for queue, c := range all {
		if ends := c[figures.Answered].N + c[figures.Abandoned].N + c[figures.Deferred].N + c[figures.Unserved].N; ends != c[figures.Offered].N {
			w.Errorf("%s: %d waits, and %d ends of them", queue, c[figures.Offered].N, ends)
		}
	}
}

// Who is put through is one call that waited once, and each of the agents who speak
// with him has a call of his own.
func TestPutThroughCountsOnce(t *testing.T) {
	t.Parallel()
	for _, begin := range carriedTalks {
		for name, through := range map[string]func(*carried){
			"at once": func(c *carried) { c.sendsOn(false); c.pass(10 * time.Second); c.takes() },
			"after a word": func(c *carried) {
				c.sendsOn(true)
				c.pass(10 * time.Second)
				c.takes()
				c.joins()
			},
		} {
			t.Run(begin.name+", "+name, func(t *testing.T) {
				t.Parallel()
				c := begin.begin(t)
				c.pass(time.Minute)
				through(c)
				c.pass(5 * time.Minute)
				c.person.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
				c.over(c.survey)
				want := map[string]int{figures.Calls: 1, figures.Talking: 2, figures.Abandoned: 0, figures.Unserved: 0, figures.Deferred: 0}
				if c.promise == "" {
					want[figures.Offered], want[figures.Answered] = 1, 1
				} else {
					want[figures.Kept], want[figures.FunnelConnected], want[figures.Offered] = 1, 1, 0
				}
				c.each(map[string]map[string]int{"billing": want})
				agents := c.partsOf(figures.ByAgent)
				if agents[c.by][figures.Talking].N != 1 || agents[c.to][figures.Talking].N != 1 || agents[c.to][figures.Talking].Time < 5*time.Minute {
					t.Errorf("by agent: %+v", agents)
				}
				if agents[c.by][figures.Answered].N+agents[c.by][figures.Kept].N != 1 || agents[c.to][figures.Answered].N+agents[c.to][figures.Kept].N != 0 {
					t.Errorf("who answered: %+v", agents)
				}
			})
		}
	}
}

// Who is helped out by another queue, keeps his place, or speaks a message is one
// call of the queue in which he waited.
func TestEachCallerCountsOnce(t *testing.T) {
	t.Parallel()
	gone := ivr.Event{Kind: ivr.Gone}
	helped := func(c *callback.Config) {
		c.Agents["cid"] = callback.Agent{Name: "Cid", Phone: "sip:cid@127.0.0.1"}
		q := c.Queues["billing"]
		sales := q
		sales.Agents = []string{"cid"}
		q.Overflow, q.OverflowAfter = "sales", callback.Span(2*time.Minute)
		c.Queues["billing"], c.Queues["sales"] = q, sales
	}
	for _, tt := range []struct {
		name  string
		begin func(*testing.T) *world
		live  func(*world)
		want  map[string]map[string]int
	}{
		{"another queue helps out", func(t *testing.T) *world { return lined(t, helped) }, func(w *world) {
			p := w.calls(aino).presses("0")
			w.pass(2 * time.Minute)
			w.rings(0)
			w.party(p.called(true).connect().Talk).presses("1")
			w.pass(5 * time.Minute)
			p.event(ivr.Event{Kind: ivr.Spoke}).event(gone)
		}, map[string]map[string]int{
			"billing": {figures.Calls: 1, figures.Offered: 3, figures.Answered: 3, figures.Talking: 1, figures.AnsweredWithin(2 * time.Minute): 1},
			"sales":   {figures.Calls: 0, figures.Offered: 0, figures.Answered: 0, figures.Talking: 0},
		}},
		{"he keeps his place, and is called", func(t *testing.T) *world { return lined(t) }, func(w *world) {
			w.calls(aino).presses("0").presses("1", "1").hears("placed").event(gone)
			w.pass(time.Minute)
			w.frees("bo")
			w.spokeFor(w.rings(1)[0], time.Minute)
		}, map[string]map[string]int{"billing": {
			figures.Calls: 1, figures.Offered: 3, figures.Answered: 2, figures.Deferred: 1, figures.FunnelOffered: 1, figures.FunnelAccepted: 1,
			figures.FunnelConnected: 1, figures.Kept: 1, figures.Withdrawn: 0, figures.Saved: 1,
		}}},
		{"he keeps his place, calls again and is served", func(t *testing.T) *world { return lined(t) }, func(w *world) {
			w.calls(aino).presses("0").presses("1", "1").hears("placed").event(gone)
			w.pass(time.Minute)
			p := w.calls(aino).presses("0")
			w.pass(time.Minute)
			w.frees("bo")
			w.rings(0)
			w.party(p.called(true).connect().Talk).presses("1")
			w.pass(time.Minute)
			p.event(ivr.Event{Kind: ivr.Spoke}).event(gone)
		}, map[string]map[string]int{"billing": {
			figures.Calls: 2, figures.Offered: 4, figures.Answered: 3, figures.Deferred: 1, figures.FunnelAccepted: 1, figures.Kept: 0, figures.Withdrawn: 1, figures.Broken: 0,
		}}},
		{"he speaks a message", func(t *testing.T) *world { return unserved(t, &mailbox{length: 7 * time.Second}, 2*time.Minute) }, func(w *world) {
			w.calls(aino).presses("1").event(ivr.Event{Kind: ivr.Recorded, Text: take}).event(gone)
		}, map[string]map[string]int{"billing": {figures.Calls: 1, figures.Offered: 0, figures.FunnelAccepted: 1, figures.Abandoned: 0}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := tt.begin(t)
			tt.live(w)
			w.each(tt.want)
		})
	}
}
