package callback_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

// Whose call began in a moment that is lost is not taken to be on the telephone for
// ever.
func TestLostBeginningIsForgotten(t *testing.T) {
	t.Parallel()
	w := lined(t)
	whole := w.Store
	w.Store = lossy{whole}
	lost := w.calls(aino)
	w.Store = whole
	if _, err := w.Next(t.Context(), lost.talk, lost.turn.No, ivr.Event{Kind: ivr.Gone}); !errors.Is(err, callback.ErrNotFound) {
		t.Fatalf("the end of a talk that is lost: %v", err)
	}
	w.calls(aino).presses("0", "1", "1").hears("placed").event(ivr.Event{Kind: ivr.Gone})
	w.pass(time.Minute)
	w.frees("bo")
	w.rings(1)
}

// callsCarrier is a call at a carrier: each event of it may reach another process.
func (w *world) callsCarrier(from callback.Phone) *party {
	w.Helper()
	turn, err := w.Answer(w.Context(), callback.Inbound{Talk: "carried", Line: "twilio", From: from, To: service})
	if err != nil {
		w.Fatal(err)
	}
	return &party{w, "carried", turn}
}

// Who speaks with an agent in one process, and whose call was over for another, may
// be called by both.
func TestCallThatEndsElsewhere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one, other := worldOn(t, s, "boot-1"), worldOn(t, s, "boot-2")
		one.Alone, other.Alone = false, false
		caller := one.callsCarrier(aino).presses("0")
		one.party(caller.connect().Talk).presses("1")
		caller.w = other
		caller.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
		c := other.books(aino)
		one.now = c.At
		one.sweep()
		one.rings(1)
	})
}

// An agent whom a process has given to a caller while the store was away is free
// again, though another one hears that the call is over.
func TestImprovisedCallThatEndsElsewhere(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	one, other := worldOn(t, s, "boot-1"), worldOn(t, s, "boot-2")
	one.Alone, other.Alone = false, false
	disk := one.outage()
	caller := one.callsCarrier(aino)
	disk.down = true
	caller.presses("0")
	if got := caller.connect(); got.Addr != "sip:anna@127.0.0.1" {
		t.Fatalf("rings %+v", got)
	}
	disk.down = false
	one.sweep()
	if got := one.calls(eero).presses("0").connect(); got.Addr != "sip:bo@127.0.0.1" {
		t.Errorf("rings %q, who is in a call", got.Addr)
	}
	other.puts("bo", callback.OnCall, "elsewhere")
	caller.w = other
	caller.event(ivr.Event{Kind: ivr.Gone})
	one.sweep()
	if got := one.calls("+358407654322").presses("0").connect(); got.Addr != "sip:anna@127.0.0.1" {
		t.Errorf("rings %q", got.Addr)
	}
}
