package simulation

import (
	"flag"
	"slices"
	"testing"
	"time"
)

var (
	seed = flag.Uint64("seed", 1, "of the simulation; a failed run names its own")
	days = flag.Int("days", 30, "to be lived through; less with the race detector")
)

// sometimes are the states without which a run proves nothing.
var sometimes = []string{
	"crash before commit", "crash after commit", "crash after dial", "crash in call",
	"stood still before the dial", "nothing sent", "outcome busy", "outcome no_answer", "outcome carrier",
	"outcome rejected", "machine", "agent declined", "spoke", "interrupted", "told booked", "told moved",
	"called off", "asked for another time", "hung up in mid-menu", "wrong key", "event came twice",
	"text arrived and nobody knows", "text refused for now", "text refused for good", "csat", "answered 5",
	"stood in line", "gave up in line", "called up", "told placed", "spoke his language", "a break with a reason",
	"the owner was rung", "star code", "others helped out", "promised by roster", "dialled without an agent kept", "dialling was stopped", "dialling stopped by itself", "pressed 9",
	"slot was full", "job list", "job reminders", "text_reminder", "text_late", "job retention", "database refused",
	"dialled in", "locked out", "let in after a pause", "took a callback by telephone", "could not call now",
	"put through", "put through in vain", "put through to nobody",
	"did claim", "did release", "did call", "did snooze", "did move", "did cancel", "did hand", "did note", "did outcome", "pressed twice",
	"undid claim", "undid release", "undid snooze", "undid move", "undid cancel", "undid hand", "undid note", "undid outcome", "undone too late",
	"asked for the call now", "put off on a page", "called off on a page",
	"ended done", "ended failed", "ended cancelled", "ended expired",
}

// usual is a plan with all that happens at times. It begins before the clocks
// of New York and of Europe go forward, on the 14th and the 28th.
func usual(seed uint64, days int) plan {
	return plan{
		seed: seed, from: time.Date(2027, 3, 10, 0, 0, 0, 0, time.UTC), days: days, after: 12,
		perDay: 12, rushes: 0.04, crowd: 5, dialIns: 0.25, clerks: 2, crash: 0.005,
	}
}

// liveUntil lives through a plan, and again with other seeds until all of the
// states were seen: a run proves nothing about what did not happen in it, and
// what is rare may not happen in one.
func liveUntil(t *testing.T, p plan, states ...string) {
	t.Helper()
	for range hunts {
		w := live(t, p)
		w.judge()
		states = slices.DeleteFunc(slices.Clone(states), func(s string) bool { return w.seen[s] > 0 })
		if len(states) == 0 || t.Failed() {
			return
		}
		t.Logf("seed %d: never saw %q", p.seed, states)
		p.seed += 100 // far from the seeds of the other tests
	}
	t.Errorf("never saw %q: these runs prove nothing about it", states)
}

// TestMonth is a week with the race detector: that looks for races, and a week
// has too few of the rare states.
func TestMonth(t *testing.T) {
	t.Parallel()
	if raced {
		liveUntil(t, usual(*seed, min(*days, 7)))
		return
	}
	liveUntil(t, usual(*seed, *days), sometimes...)
}

// TestAutumn lives through the hour that comes twice.
func TestAutumn(t *testing.T) {
	t.Parallel()
	p := usual(*seed+1, 3)
	p.from, p.after = time.Date(2026, 10, 23, 0, 0, 0, 0, time.UTC), 11
	liveUntil(t, p)
}

// TestClockIsSetWrong: nothing is done twice when the clock goes back, and
// nothing is forgotten when it goes forward.
func TestClockIsSetWrong(t *testing.T) {
	t.Parallel()
	p := usual(*seed+2, 6)
	p.jumps = true
	liveUntil(t, p, "clock was set")
}

// TestRush has long lines beside promises: who is served next is decided again
// and again.
func TestRush(t *testing.T) {
	t.Parallel()
	p := usual(*seed+4, 3)
	p.perDay, p.rushes, p.crowd = 50, 0.2, 11
	liveUntil(t, p, "stood in line", "gave up in line", "called up", "told placed", "a promise let a caller pass")
}
