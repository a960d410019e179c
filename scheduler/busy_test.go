package scheduler

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// Who moves the clock sees what is on its way: a text too that its carrier has
// taken, and that the desk has not been told of.
func TestBusy(t *testing.T) {
	bubble(t, func(s *Scheduler, d *fakeDesk, l *fakeLine) {
		held := make(chan struct{})
		l.text = func(callback.Message) error { <-held; return nil }
		pass(10 * time.Second)
		if s.Busy() {
			t.Error("busy with nothing")
		}
		d.with(func() { d.letters = []callback.Message{{ID: "m", Lease: time.Now().Add(time.Minute)}} })
		pass(10 * time.Second)
		if !s.Busy() {
			t.Error("a text is on its way, and it is not seen")
		}
		d.with(func() { d.hangs = true })
		close(held)
		pass(time.Second)
		if !s.Busy() {
			t.Error("the desk was not told, and it is not seen")
		}
		d.with(func() { d.hangs = false })
		pass(time.Minute)
		if s.Busy() {
			t.Error("busy though all is done")
		}
	})
}
