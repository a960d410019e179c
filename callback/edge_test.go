package callback_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A menu may name a number outside; one that may not be called is not rung.
func TestConnectOutside(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, to, want string }{
		{"a number", "+358923123456", "+358923123456"},
		{"an address", "sip:desk@example.com", "sip:desk@example.com"},
		{"a premium number", "+35860012345", ""},
		{"our own number", string(service), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			menu, err := ivr.Parse("out.yaml", []byte(strings.ReplaceAll(`
for: caller
languages: [en]
start: out
stuck: person
anytime: {"0": person}
nodes:
  out: {do: transfer, to: "NUMBER", ring: 20s, then: bye, busy: person}
  person: {do: connect, to: agents, ring: 20s, then: bye, busy: bye}
  bye: {do: end, say: goodbye}
`, "NUMBER", tt.to)))
			if err != nil {
				t.Fatal(err)
			}
			w.Menus["main"] = menu
			got := w.calls(aino).connect()
			want := tt.want
			if want == "" {
				want = "sip:anna@127.0.0.1" // the menu goes on to a person
			}
			if got.Addr != want || got.Ref == "" || got.CallerID != string(service) {
				t.Errorf("rings %+v, want %s", got, want)
			}
		})
	}
}

// Two calls of ours never ring one telephone, though two queues promised one.
func TestOneCallPerTelephone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		c.Queues["sales"] = callback.QueueConfig{
			Agents: []string{"bo"}, Hours: map[string]string{"mon-fri": "09:00-17:00"}, CallerID: service, Dialing: callback.AgentFirst,
		}
		q := c.Queues["billing"]
		q.Agents = []string{"anna"}
		c.Queues["billing"] = q
	})
	first := w.books(aino)
	second, err := w.Book(t.Context(), callback.Request{Queue: "sales", Phone: aino, At: first.At})
	if err != nil {
		t.Fatal(err)
	}
	w.now = first.At
	rings := w.rings(2)
	w.dials(rings[0])
	other := w.party(rings[1].Talk).presses("1").hears("unreached")
	if other.turn.Connect != nil {
		t.Error("the telephone is rung twice")
	}
	waiting := second.ID
	if rings[1].Callback == first.ID {
		waiting = first.ID
	}
	if got := w.state(waiting, callback.BookedState); got.DueAt.Sub(w.now) != 3*time.Minute {
		t.Errorf("again in %s", got.DueAt.Sub(w.now))
	}
}

// What nobody decides on for a day is given up, and stays on the list.
func TestForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	w.dials(w.ring())
	for range 2 {
		w.pass(15 * time.Minute)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.state(c.ID, callback.Interrupted)
	}
	w.pass(24 * time.Hour)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.state(c.ID, callback.Failed)
	if n := w.journalled("task", "given up"); n != 1 {
		t.Errorf("%d tasks", n)
	}
}

// A carrier that is down for days ends a callback too.
func TestCarrierDownForDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	for w.now = c.At; ; {
		w.tries(ivr.Carrier)
		got, calls, err := w.Show(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.State.Over() {
			if got.State != callback.Failed || got.Attempts != 0 {
				t.Errorf("ended as %s after %d tries", got.State, got.Attempts)
			}
			if n := len(calls) / 2; n != 12 {
				t.Errorf("dialled %d times", n)
			}
			return
		}
		w.now = got.DueAt
	}
}

// The customer is in the middle of a call of ours: nothing can be changed by
// another one.
func TestChangeInFlight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	w.dials(w.ring())
	p := w.calls(aino).hears("have_booking").presses("3")
	if strings.Contains(said(p.turn), "cancelled") {
		t.Error("the caller hears that it is cancelled")
	}
	w.state(c.ID, callback.CustomerDialing)
	if err := w.Cancel(t.Context(), c.ID, "operator"); err == nil {
		t.Error("cancelled while the telephone rings")
	}
	if _, err := w.Move(t.Context(), c.ID, w.now.Add(time.Hour), "operator"); err == nil {
		t.Error("moved while the telephone rings")
	}
	w.state(c.ID, callback.CustomerDialing)
}

// Who calls in while we are calling him hears nothing of a wrong number, and
// gets a person.
func TestMoveInFlight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	w.dials(w.ring())
	p := w.calls(aino).hears("have_booking").presses("2", "1")
	if heard := said(p.turn); strings.Contains(heard, "number_refused") || !strings.Contains(heard, "connecting") {
		t.Errorf("the caller hears %q", heard)
	}
	w.state(c.ID, callback.CustomerDialing)
}

// Logs show no telephone numbers.
func TestPhoneInLogs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log := slog.New(slog.NewTextHandler(&b, nil))
	log.Info("call ended", "phone", aino)
	log.Info("call ended", "phone", callback.Phone("112"))
	if strings.Contains(b.String(), "4012345") || strings.Contains(b.String(), "112") || !strings.Contains(b.String(), "…567") {
		t.Errorf("logged %s", b.String())
	}
}

// A queue that was taken out of the configuration stops neither the others nor
// the sweep, and its promises wait until it is back.
func TestQueueIsNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var b bytes.Buffer
	w.Log = slog.New(slog.NewTextHandler(&b, nil))
	c := w.books(aino)
	billing := w.Queues["billing"]
	delete(w.Queues, "billing")
	w.Queues["sales"] = &callback.Queue{Name: "sales", Agents: billing.Agents, Zone: billing.Zone}
	for w.now = c.At; w.now.Before(c.At.Add(59 * time.Minute)); w.pass(10 * time.Minute) {
		w.sweep()
		w.rings(0)
	}
	w.state(c.ID, callback.BookedState)
	if n := strings.Count(b.String(), "queue that is no more"); n != 1 {
		t.Errorf("logged %d times within an hour", n)
	}
	w.pass(time.Hour)
	w.Queues["billing"] = billing
	w.rings(1)
}
