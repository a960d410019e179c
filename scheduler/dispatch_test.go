package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

func TestDialsOnTheDot(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		d.in(1234*time.Millisecond, 1235*time.Millisecond, time.Hour)
		pass(10 * time.Second)
		l.check(t, 1234*time.Millisecond, 1235*time.Millisecond)
		d.check(t, "sent c01.234", "sent c01.235")
	})
}

// Who waits for a busy agent makes nobody else late.
func TestDialsOnTheDotBesideWhoWaits(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		d.with(func() { d.waits = 1 })
		d.in(time.Second, 2345*time.Millisecond)
		pass(10 * time.Second)
		l.check(t, 2345*time.Millisecond)
	})
}

// When many are due at once, and the store is slow to write them down, none is
// too late to leave because of those behind it.
func TestManyDueOnASlowStore(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		d.with(func() { d.slow = 60 * time.Millisecond })
		d.in(slices.Repeat([]time.Duration{time.Second}, 33)...)
		pass(10 * time.Second)
		if n := len(l.at); n != 33 {
			t.Errorf("%d calls left, want 33", n)
		}
		d.check(t, slices.Repeat([]string{"sent c01.000"}, 33)...)
	})
}

func TestWakes(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		pass(1300 * time.Millisecond)
		d.in(0)
		d.wake <- struct{}{}
		pass(time.Millisecond)
		l.check(t, 1300*time.Millisecond)
	})
}

func TestSlowDialHoldsUpNobody(t *testing.T) {
	bubble(t, func(s *Scheduler, d *fakeDesk, l *fakeLine) {
		l.do = func(context.Context, callback.Ring) error {
			<-time.After(5 * time.Second)
			return nil
		}
		var many []time.Duration
		for range s.Config.Dials + 6 {
			many = append(many, time.Second)
		}
		d.in(many...)
		pass(time.Second)
		if n := len(l.at); n != s.Config.Dials {
			t.Errorf("%d calls at once, want %d", n, s.Config.Dials)
		}
		pass(5 * time.Second)
		if n := len(l.at); n != len(many) {
			t.Errorf("%d calls in the end, want %d", n, len(many))
		}
		pass(5 * time.Second)
	})
}

func TestNothingSent(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		l.do = func(_ context.Context, r callback.Ring) error {
			if r.Ref == "c01.000" {
				return errors.New("no route")
			}
			panic("nil trunk")
		}
		d.in(time.Second, 2*time.Second)
		pass(3 * time.Second)
		d.check(t, "unsent c01.000: no route", "unsent c02.000: panic: nil trunk")
	})
}

// Between the intent and the call the process stood still: others may have
// taken over, so that nothing may leave.
func TestFencing(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		d.with(func() { d.keep = 0 })
		d.in(time.Second)
		pass(3 * time.Second)
		l.check(t)
		d.check(t, "unsent c01.000: "+errLate.Error())
	})
}

// What may be written down or not, for the database broke off as it was, is neither
// called nor sent. It is given back, whatever is true.
func TestGivesBackWhatMayBeStored(t *testing.T) {
	bubble(t, func(s *Scheduler, d *fakeDesk, l *fakeLine) {
		l.text = func(m callback.Message) error {
			t.Errorf("%s was sent", m.ID)
			return nil
		}
		lease := time.Now().Add(time.Minute)
		d.with(func() {
			d.torn = errors.New("connection reset")
			for i := range s.Config.Texts {
				d.letters = append(d.letters, callback.Message{ID: fmt.Sprint(i), Lease: lease})
			}
		})
		d.in(2*time.Second, 2*time.Second+time.Millisecond)
		pass(5 * time.Second)
		l.check(t)
		told := len(d.told)
		if told != s.Config.Texts+2 {
			t.Fatalf("desk was told %q", d.told)
		}
		d.told = d.told[told-3:]
		slices.Sort(d.told)
		if !strings.HasSuffix(d.told[0], " again") {
			t.Errorf("desk was told %q", d.told)
		}
		d.told = d.told[1:]
		d.check(t, "unsent c02.000: connection reset", "unsent c02.001: connection reset")
	})
}

func TestNoAgentIsNoReasonToHurry(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		d.with(func() { d.agents = 0 })
		d.in(time.Second)
		pass(61 * time.Second)
		if d.claims > 70 {
			t.Errorf("%d claims in a minute without an agent", d.claims)
		}
		d.with(func() { d.agents = 1 })
		d.wake <- struct{}{}
		pass(time.Millisecond)
		l.check(t, 61*time.Second)
	})
}

func TestStopDialing(t *testing.T) {
	bubble(t, func(s *Scheduler, d *fakeDesk, l *fakeLine) {
		l.text = func(callback.Message) error { return nil }
		s.StopDialing()
		d.in(time.Second)
		d.with(func() { d.claims, d.letters = 0, []callback.Message{{ID: "m", Lease: time.Now().Add(time.Minute)}} })
		pass(10 * time.Second)
		l.check(t)
		d.check(t, "m sent")
		if d.claims == 0 {
			t.Error("callers in line were not served")
		}
		s.StartDialing()
		pass(time.Millisecond)
		l.check(t, 10*time.Second)
	})
}
