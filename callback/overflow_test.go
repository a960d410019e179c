package callback_test

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// The agents of another queue help out when a caller has waited for so long, and
// not sooner, and not where nobody says so.
func TestOverflow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		other string
		waits time.Duration
		helps bool
	}{
		{"too soon", "sales", 119 * time.Second, false},
		{"in time", "sales", 2 * time.Minute, true},
		{"nobody helps out", "", 10 * time.Minute, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := lined(t, func(c *callback.Config) {
				c.Agents["cid"] = callback.Agent{Name: "Cid", Phone: "sip:cid@127.0.0.1"}
				q := c.Queues["billing"]
				sales := q
				sales.Agents = []string{"cid"}
				q.Overflow, q.OverflowAfter = tt.other, callback.Span(2*time.Minute)
				c.Queues["billing"], c.Queues["sales"] = q, sales
			})
			p := w.calls(aino).presses("0").hears("next_in_line")
			w.pass(tt.waits)
			w.rings(0)
			if p.called(tt.helps); !tt.helps {
				w.agent("cid", callback.Available)
				return
			}
			if got := p.connect().Addr; got != "sip:cid@127.0.0.1" {
				t.Errorf("rings %q", got)
			}
		})
	}
}

// Whoever helps out is somebody to wait for, though nobody of the queue is at work.
func TestLineWaitsForWhoHelpsOut(t *testing.T) {
	t.Parallel()
	w := lined(t, func(c *callback.Config) {
		c.Agents["cid"] = callback.Agent{Name: "Cid", Phone: "sip:cid@127.0.0.1"}
		q := c.Queues["billing"]
		sales := q
		sales.Agents, q.Overflow, q.OverflowAfter = []string{"cid"}, "sales", callback.Span(2*time.Minute)
		c.Queues["billing"], c.Queues["sales"] = q, sales
	})
	w.puts("anna", callback.OnBreak, "")
	w.puts("bo", callback.Offline, "")
	if p := w.calls(aino).presses("0").hears("next_in_line"); !p.turn.Listen.Hold {
		t.Errorf("he does not wait: %+v", p.turn)
	}
}

// Where the line is served to its end, who stands in it when the queue closes is
// still put through, and nobody joins it.
func TestLineIsServedAfterClosing(t *testing.T) {
	t.Parallel()
	w := lined(t, func(c *callback.Config) {
		q := c.Queues["billing"]
		q.AtClosing = callback.ServeLine
		c.Queues["billing"] = q
	})
	p := w.calls(aino).presses("0").hears("next_in_line")
	w.at("17:00")
	p.event(ivr.Event{Kind: ivr.Silence}).hears("next_in_line")
	late := w.calls(eero).presses("0")
	if late.turn.Listen != nil && late.turn.Listen.Hold {
		t.Error("a caller joins the line after closing")
	}
	w.frees("bo")
	w.rings(0)
	if got := p.called(true).connect().Addr; got != "sip:bo@127.0.0.1" {
		t.Errorf("rings %q", got)
	}
}

// What is told to all callers comes before the menu.
func TestNoticeComesFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		q := c.Queues["billing"]
		q.Notice = map[string]string{"en": "Fire in Oulu."}
		c.Queues["billing"] = q
	})
	before, menu, told := strings.Cut(said(w.calls(aino).turn), "Fire in Oulu.")
	if !told || strings.Contains(before, "option") || !strings.Contains(menu, "option") {
		t.Errorf("heard %q, the notice and %q", before, menu)
	}
}

// How many agents are to be free for customers to be rung without one kept for
// them is a setting.
func TestSpareIsASetting(t *testing.T) {
	t.Parallel()
	for spare, want := range map[int]int{1: 0, 2: 1, 3: 2} {
		w := newWorld(t, adaptive, func(c *callback.Config) {
			q := c.Queues["billing"]
			q.Spare = spare
			c.Queues["billing"] = q
		})
		if err := w.Beat(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.promises(2)
		kept := 0
		for _, r := range w.rings(2) {
			_, calls, err := w.Show(t.Context(), r.Callback)
			if err != nil {
				t.Fatal(err)
			}
			if calls[0].Agent != "" {
				kept++
			}
		}
		if kept != want {
			t.Errorf("fewer than %d free: an agent is kept for %d of two customers, want %d", spare, kept, want)
		}
	}
}
