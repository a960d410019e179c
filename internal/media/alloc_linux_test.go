//go:build !portable

package media

import (
	"log/slog"
	"testing"
	"time"
)

// TestNothingIsAllocated serves streams that speak, hear, press keys, are bridged
// and hear music on hold, and counts what that takes from the heap.
func TestNothingIsAllocated(t *testing.T) {
	e, err := New(Config{IP: loopback, MinPort: 36000, MaxPort: 36999}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := open(t, e), open(t, e), open(t, e)
	connect(t, a, b)
	connect(t, c, still(t, Config{}))
	b.Bridge(c)
	holds, waits := open(t, e), open(t, e)
	connect(t, holds, still(t, Config{}))
	connect(t, waits, still(t, Config{}))
	holds.holds.Store(true)
	waits.Music(make([]byte, 8000))
	holds.Bridge(waits)
	a.Tap(func(Codec, uint32, []byte) {})
	a.Loop(make([]byte, 8000))
	for _, s := range []*Stream{a, b, c, holds, waits} {
		s.Start()
		// The peer's first report is due in the midst of it.
		s.reports.due = time.Now().Add(time.Second)
	}
	tick, now := int64(0), time.Now()
	turn := func() {
		if tick%100 == 0 {
			a.press = &press{keys: "1234567890", done: make(chan error, 1)}
		}
		for range slots {
			e.wheel.step(tick)
			tick++
		}
	}
	for time.Since(now) < 50*time.Millisecond {
		turn()
	}
	received := b.Stats().Received
	per := testing.AllocsPerRun(2000, turn)
	if got := b.Stats().Received - received; got < 1000 {
		t.Fatalf("only %d packets came: nothing was measured", got)
	}
	// The press that the test itself makes every 25 turns is left aside.
	if per > 0.5 {
		t.Errorf("%g allocations a turn", per)
	}
}
