package callback

import (
	"testing"

	"github.com/holdless/holdless/ivr"
)

// What the desk moved on is not taken back by who was slow to remember the turn
// before: the line would wait for a call that has come.
func TestMemoryKeepsTheLaterTurn(t *testing.T) {
	t.Parallel()
	var m memory
	m.keep(Talk{ID: "a", State: ivr.State{Turn: 3}})
	m.keep(Talk{ID: "a", State: ivr.State{Turn: 2}})
	moved, stop := m.await("a", 2)
	defer stop()
	select {
	case <-moved:
	default:
		t.Error("the line is not told that the talk was moved on")
	}
}

// A talk that the store knows to be over is forgotten, and not one that goes on
// without the store.
func TestMemoryForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	var m memory
	m.put(Talk{ID: "a", Phone: "+1"}, false)
	m.put(Talk{ID: "b", Phone: "+2"}, true)
	m.over([]Talk{{ID: "a"}, {ID: "b"}})
	if m.stays("+1") || !m.stays("+2") {
		t.Errorf("the one stays: %v, the other: %v", m.stays("+1"), m.stays("+2"))
	}
}
