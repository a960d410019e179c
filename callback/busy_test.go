package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
)

const anna, bo = "sip:anna@127.0.0.1", "sip:bo@127.0.0.1"

// An agent who hears that the caller has left is not rung meanwhile.
func TestAgentHearsTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller := w.calls(aino).presses("0")
	if got := caller.connect(); got.Addr != anna {
		t.Fatalf("rings %+v", got)
	}
	w.party(caller.connect().Talk)
	caller.event(ivr.Event{Kind: ivr.Gone})
	if got := w.calls(eero).presses("0").connect(); got.Addr != bo {
		t.Errorf("rings %+v", got)
	}
	w.pass(6 * time.Second)
	if got := w.calls("+358401111111").presses("0").connect(); got.Addr != anna {
		t.Errorf("rings %+v", got)
	}
}

// While the store fails, an agent is busy with whom the desk had him rung for:
// for no other caller, and not when the store is back either.
func TestAgentIsBusyWithoutTheStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	disk := &broken{Store: w.Store}
	w.Store = disk
	disk.down = true
	first := w.calls(aino).presses("0")
	if got := first.connect(); got.Addr != anna {
		t.Fatalf("rings %+v", got)
	}
	if got := w.calls(eero).presses("0").connect(); got.Addr != bo {
		t.Errorf("rings %+v", got)
	}
	third := w.calls("+358401111111").presses("0")
	if third.turn.Connect != nil {
		t.Errorf("rings %+v", third.turn.Connect)
	}
	disk.down = false
	fourth := w.calls("+358402222222").presses("0")
	if fourth.turn.Connect != nil {
		t.Errorf("rings %+v", fourth.turn.Connect)
	}
	first.event(ivr.Event{Kind: ivr.Spoke})
	if got := w.calls("+358403333333").presses("0").connect(); got.Addr != anna {
		t.Errorf("rings %+v", got)
	}
}
