package callback_test

import (
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// outage lets the store of a world fail and come back.
func (w *world) outage() *broken {
	disk := &broken{Store: w.Store}
	w.Store = disk
	return disk
}

// lost is an event that the store could not be told.
func (p *party) lost(e ivr.Event) {
	p.w.Helper()
	if _, err := p.w.Next(p.w.Context(), p.talk, p.turn.No, e); err == nil {
		p.w.Errorf("%s was stored without a store", e.Kind)
	}
}

func (w *world) sweep() {
	w.Helper()
	if err := w.Sweep(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// An agent whose call ended while the store failed is free again afterwards.
func TestAgentIsFreeAfterOutage(t *testing.T) {
	t.Parallel()
	gone := ivr.Event{Kind: ivr.Gone}
	t.Run("did not answer", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		disk := w.outage()
		c := w.books(aino)
		w.now = c.At
		agent := &party{w: w, talk: w.ring().Talk}
		disk.down = true
		agent.lost(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		disk.down = false
		w.sweep()
		w.agent("anna", callback.Available)
		w.state(c.ID, callback.BookedState)
	})
	t.Run("hung up", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		disk := w.outage()
		c := w.books(aino)
		w.now = c.At
		agent := w.party(w.ring().Talk)
		disk.down = true
		agent.lost(gone)
		disk.down = false
		w.sweep()
		w.agent("anna", callback.Available)
		w.state(c.ID, callback.BookedState)
	})
	t.Run("caller hung up", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		disk := w.outage()
		caller := w.calls(aino).presses("0")
		w.agent("anna", callback.OnRing)
		disk.down = true
		caller.event(gone)
		disk.down = false
		w.sweep()
		w.agent("anna", callback.Available)
	})
}

// Customer and agent have spoken, and nobody could write it down at once: the
// customer is not called again for that.
func TestSpokenInOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	disk := w.outage()
	c := w.books(aino)
	w.now = c.At
	agent, dial := w.dials(w.ring())
	w.party(dial.Talk).presses("1")
	disk.down = true
	agent.lost(ivr.Event{Kind: ivr.Spoke})
	disk.down = false
	agent.event(ivr.Event{Kind: ivr.Gone}) // the line gives the talk up
	w.state(c.ID, callback.Wrapup)
	w.agent("anna", callback.WrappingUp)
	w.agent("bo", callback.Available)
}
