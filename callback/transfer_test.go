package callback_test

import (
	"errors"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// mayTransfer is a service whose agents put people through to mobile numbers, and
// to some that nobody may call.
func mayTransfer(c *callback.Config) {
	c.Transfers.Allowed = []string{"+3584*", "+358700*", "+358112*", "+1876*", string(service)[:8] + "*"}
}

// TestTransferTo holds that agents put people through to agents and to numbers
// that may be called, and to nobody else.
func TestTransferTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mayTransfer)
	c := w.books(aino)
	w.now = c.At
	agent, customer := w.dials(w.rings(1)[0])
	tests := []struct{ to, want string }{
		{"sip:bo@127.0.0.1", "sip:bo@127.0.0.1"},
		{"sip:bo@127.0.0.1:5062;transport=udp", "sip:bo@127.0.0.1"}, // his telephone, as others see it
		{"sip:bo@pbx.example.com", "sip:bo@127.0.0.1"},              // by name
		{"sip:0407654321@pbx.example.com", string(eero)},
		{"tel:+358407654321", string(eero)},
		{"sip:+358407654321@192.0.2.1;user=phone", string(eero)},
		{"sip:stranger@example.com", ""},
		{"sip:+3587001234@pbx.example.com", ""}, // premium
		{"sip:112@pbx.example.com", ""},
		{"sip:+18765551234@pbx.example.com", ""},
		{"sip:" + string(service) + "@127.0.0.1", ""}, // our own: it would come back
		{"", ""},
	}
	for _, tt := range tests {
		h, err := w.Transfer(t.Context(), agent.talk, tt.to)
		if h.To.Addr != tt.want || (tt.want == "") != errors.Is(err, callback.ErrForbidden) {
			t.Errorf("%q: rings %q, %v; want %q", tt.to, h.To.Addr, err, tt.want)
		}
		if tt.want != "" && (h.Back.Addr != "sip:anna@127.0.0.1" || h.To.Ref == h.Back.Ref || h.To.CallerID != string(service)) {
			t.Errorf("%q: %+v", tt.to, h)
		}
	}
	if _, err := w.Transfer(t.Context(), customer.Talk, "sip:bo@127.0.0.1"); !errors.Is(err, callback.ErrForbidden) {
		t.Errorf("a customer: %v", err)
	}
	if n := w.journalled("transfer.refused", ""); n != 7 {
		t.Errorf("%d refusals in the journal, want 7", n)
	}
}

// TestTransferToAQueue holds that the name of a queue is whoever in it has been
// free for the longest, and nobody when all of them are busy.
func TestTransferToAQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whisper := w.party(w.calls(aino).presses("0").connect().Talk).presses("1")
	h, err := w.Transfer(t.Context(), whisper.talk, "sip:billing@127.0.0.1")
	if err != nil || h.To.Addr != "sip:bo@127.0.0.1" {
		t.Fatalf("%+v: %v", h, err)
	}
	w.agent("bo", callback.OnRing)
	if _, err := w.Transfer(t.Context(), whisper.talk, "sip:billing@127.0.0.1"); !errors.Is(err, callback.ErrForbidden) {
		t.Errorf("to a queue in which nobody is free: %v", err)
	}
}

// Who is put through to a queue has an agent who speaks his language, though
// another would be first; when none is free, one who does not.
func TestTransferToAQueueInALanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		for name, langs := range map[string][]string{"anna": {"en"}, "bo": {"fi"}, "eva": {"en"}} {
			c.Agents[name] = callback.Agent{Name: name, Phone: "sip:" + name + "@127.0.0.1", Languages: langs}
		}
		q := c.Queues["billing"]
		q.Agents = []string{"anna", "bo", "eva"}
		c.Queues["billing"] = q
	})
	caller := w.calls(aino).presses("0").connect()
	whisper := w.party(caller.Talk).presses("1")
	for _, want := range []string{"sip:eva@127.0.0.1", "sip:bo@127.0.0.1"} {
		if h, err := w.Transfer(t.Context(), whisper.talk, "sip:billing@127.0.0.1"); err != nil || h.To.Addr != want {
			t.Errorf("rings %q, %v; want %q", h.To.Addr, err, want)
		}
	}
}

// TestTransferred holds that the agent of a caller is free once somebody else
// has taken over, while the caller speaks on; and that a colleague is busy for as
// long as it lasts, and with nobody else.
func TestTransferred(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller := w.calls(aino).presses("0")
	whisper := w.party(caller.connect().Talk).presses("1")
	w.agent("anna", callback.OnCall)
	for _, outcome := range []ivr.Outcome{ivr.Busy, ""} {
		h, err := w.Transfer(t.Context(), whisper.talk, "sip:bo@127.0.0.1")
		if err != nil || h.With != caller.talk {
			t.Fatalf("%+v: %v", h, err)
		}
		w.agent("bo", callback.OnRing)
		if err := w.Desk.Transferred(t.Context(), whisper.talk, h, outcome); err != nil {
			t.Fatal(err)
		}
		if outcome != "" {
			w.agent("anna", callback.OnCall)
			w.agent("bo", callback.Available)
			continue
		}
		w.agent("anna", callback.WrappingUp)
		w.agent("bo", callback.OnCall)
		caller.event(ivr.Event{Kind: ivr.Spoke})
		w.agent("anna", callback.WrappingUp)
		w.parts(h)
		w.agent("bo", callback.WrappingUp)
	}
	for kind, want := range map[string]int{"transfer": 2, "transfer.missed": 1, "transfer.taken": 1} {
		if n := w.journalled(kind, ""); n != want {
			t.Errorf("%s is %d times in the journal, want %d", kind, n, want)
		}
	}
}

func (w *world) parts(h callback.Handover) {
	w.Helper()
	if err := w.Parted(w.Context(), h); err != nil {
		w.Fatal(err)
	}
}

// ledger returns the attempt of a call.
func (w *world) ledger(ref string) (a callback.Attempt) {
	w.Helper()
	w.view(func(tx callback.Tx) (err error) {
		a, err = tx.Attempt(ref)
		return err
	})
	return a
}

// TestTransferOfACustomer is the same where we have called: the colleague is busy
// with the talk of the customer, and one on a break goes back to it.
func TestTransferOfACustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	agent, customer := w.dials(w.rings(1)[0])
	for _, was := range []callback.AgentState{callback.OnBreak, callback.Available} {
		if err := w.SetAgent(t.Context(), "bo", was); err != nil {
			t.Fatal(err)
		}
		h, err := w.Transfer(t.Context(), agent.talk, "sip:bo@127.0.0.1")
		if err != nil || h.With != customer.Talk {
			t.Fatalf("%+v: %v", h, err)
		}
		if err := w.Desk.Transferred(t.Context(), agent.talk, h, ""); err != nil {
			t.Fatal(err)
		}
		if a := w.ledger(h.To.Ref); a.Agent != "bo" || a.AnsweredAt.IsZero() || !a.EndedAt.IsZero() {
			t.Errorf("in the ledger: %+v", a)
		}
		during, after := callback.OnCall, callback.WrappingUp
		if was == callback.OnBreak {
			after = was
		}
		w.agent("bo", during)
		w.parts(h)
		w.agent("bo", after)
		if a := w.ledger(h.To.Ref); a.Outcome != "spoke" || a.EndedAt.IsZero() {
			t.Errorf("in the ledger afterwards: %+v", a)
		}
	}
}

// TestTransferLimits holds that calls outside are counted and bounded like every
// other, and stop with them.
func TestTransferLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mayTransfer)
	c := w.books(aino)
	w.now = c.At
	agent, _ := w.dials(w.rings(1)[0])
	to := "tel:" + string(eero)
	for range w.Policy.Dials {
		h, err := w.Transfer(t.Context(), agent.talk, to)
		if err != nil {
			t.Fatal(err)
		}
		if a := w.ledger(h.To.Ref); a.Leg != callback.CustomerLeg || a.Phone != eero || a.Shown != string(service) {
			t.Errorf("in the ledger: %+v", a)
		}
		if err := w.Desk.Transferred(t.Context(), agent.talk, h, ivr.Busy); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Transfer(t.Context(), agent.talk, to); !errors.Is(err, callback.ErrForbidden) {
		t.Errorf("one call too many: %v", err)
	}
	if err := w.StopDialing(t.Context(), "test", "somebody"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Transfer(t.Context(), agent.talk, "tel:+358401112233"); !errors.Is(err, callback.ErrForbidden) {
		t.Errorf("while dialling is stopped: %v", err)
	}
}

// TestHandedOver holds that what a menu hands over is in the ledger, from before
// it is rung to its end, and in nobody's limits.
func TestHandedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	out, err := ivr.Parse("out.yaml", []byte("languages: [en]\nstart: out\nstuck: out\nnodes:\n"+
		"  out: {do: transfer, to: \""+string(eero)+"\", then: bye, busy: bye}\n  bye: {do: end, say: bye}\n"))
	if err != nil {
		t.Fatal(err)
	}
	w.Menus["main"] = out
	for range w.Policy.Dials + 2 {
		caller := w.calls(aino)
		ref := caller.connect().Ref
		if a := w.ledger(ref); a.Phone != eero || !a.EndedAt.IsZero() || a.Leg != callback.AgentLeg {
			t.Errorf("in the ledger: %+v", a)
		}
		caller.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Busy)})
		if a := w.ledger(ref); a.EndedAt.IsZero() || a.Outcome != string(ivr.Busy) {
			t.Errorf("in the ledger afterwards: %+v", a)
		}
	}
}

// TestMayRing holds what is asked right before a call: who may be rung at all.
func TestMayRing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	out, err := ivr.Parse("out.yaml", []byte("languages: [en]\nstart: out\nstuck: out\nnodes:\n"+
		"  out: {do: transfer, to: \"sip:desk@192.0.2.1\", then: bye, busy: bye}\n  bye: {do: end, say: bye}\n"))
	if err != nil {
		t.Fatal(err)
	}
	w.Menus["out"] = out
	for addr, may := range map[string]bool{
		"sip:anna@127.0.0.1": true, "sip:desk@192.0.2.1": true, string(aino): true,
		"sip:desk@192.0.2.2": false, "sip:anna@127.0.0.2": false, "+3587001234": false, "anna": false,
	} {
		if err := w.MayRing(addr); (err == nil) != may {
			t.Errorf("%s: %v", addr, err)
		}
	}
}
