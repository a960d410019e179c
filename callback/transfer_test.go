package callback_test

import (
	"errors"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// TestTransferTo holds that agents put people through to agents and to numbers
// that may be called, and to nobody else.
func TestTransferTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
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

// TestTransferred holds that the agent of a caller is free once somebody else
// has taken over, while the caller speaks on.
func TestTransferred(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller := w.calls(aino).presses("0")
	whisper := w.party(caller.connect().Talk).presses("1")
	w.agent("anna", callback.OnCall)
	if _, err := w.Transfer(t.Context(), whisper.talk, "sip:bo@127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	if err := w.Desk.Transferred(t.Context(), whisper.talk, ivr.Busy); err != nil {
		t.Fatal(err)
	}
	w.agent("anna", callback.OnCall)
	if err := w.Desk.Transferred(t.Context(), whisper.talk, ""); err != nil {
		t.Fatal(err)
	}
	w.agent("anna", callback.WrappingUp)
	caller.event(ivr.Event{Kind: ivr.Spoke})
	w.agent("anna", callback.WrappingUp)
	for _, kind := range []string{"transfer", "transfer.missed", "transfer.taken"} {
		if n := w.journalled(kind, ""); n != 1 {
			t.Errorf("%s is %d times in the journal", kind, n)
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
