package scheduler

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
)

func TestFencesItself(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		pass(6 * time.Second) // beats at 0 and 5 s
		d.with(func() { d.deaf = true })
		d.in(8500*time.Millisecond, 9*time.Second) // at 14.5 and 15 s
		pass(24 * time.Second)
		l.check(t, 14500*time.Millisecond)
		d.with(func() { d.deaf = false })
		pass(time.Second)
		if n := len(l.at); n != 2 {
			t.Errorf("dialled %d, want 2 once the heart beats again", n)
		}
	})
}

func TestTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, l := newFakeDesk(), &fakeLine{began: time.Now()}
		s := newScheduler(d, l)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := s.Run(t.Context()); !errors.Is(err, ErrTakenOver) {
				t.Errorf("run: %v, want ErrTakenOver", err)
			}
		})
		pass(7 * time.Second)
		d.with(func() { d.given = callback.ErrMoved })
		d.in(5 * time.Second)
		pass(10 * time.Second)
		wg.Wait()
		l.check(t)
	})
}

// When the database was away, the others had no chance to say that they live.
func TestGivesOthersTimeToShowThatTheyLive(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, _ *fakeLine) {
		pass(6 * time.Second)
		d.with(func() { d.down = errors.New("connection refused") })
		pass(time.Minute)
		d.with(func() { d.down, d.recovers = nil, 0 })
		pass(14 * time.Second)
		d.with(func() {
			if d.recovers != 0 {
				t.Error("took others for dead when the database had only just come back")
			}
		})
		pass(10 * time.Second)
		d.with(func() {
			if d.recovers == 0 {
				t.Error("never looked for the dead again")
			}
		})
	})
}

func TestDatabaseDown(t *testing.T) {
	for name, fail := range map[string]func(*fakeDesk){
		"refuses": func(d *fakeDesk) { d.down = errors.New("connection refused") },
		"hangs":   func(d *fakeDesk) { d.hangs = true },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
				pass(7 * time.Second)
				d.with(func() { fail(d) })
				d.in(3*time.Second, 4*time.Second)
				pass(time.Minute)
				l.check(t)
				d.with(func() { d.down, d.hangs = nil, false })
				pass(5 * time.Second)
				if n := len(l.at); n != 2 {
					t.Errorf("dialled %d within 5 s of the database's return, want 2", n)
				}
			})
		})
	}
}

// A call that was begun while the database went away is told to it when it is
// back.
func TestInsists(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		l.do = func(context.Context, callback.Ring) error {
			d.with(func() { d.down = errors.New("connection refused") })
			return nil
		}
		d.in(time.Second)
		pass(20 * time.Second)
		d.check(t)
		d.with(func() { d.down = nil })
		pass(time.Second)
		d.check(t, "sent c01.000")
	})
}

func TestStopsGracefully(t *testing.T) {
	for _, tt := range []struct {
		name  string
		takes time.Duration
		want  []string
	}{
		{"what is in hand is finished", 9 * time.Second, []string{"sent c01.000"}},
		{"but not for ever", time.Hour, []string{"unsent c01.000: context canceled"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, l := newFakeDesk(), &fakeLine{began: time.Now()}
				l.do = func(ctx context.Context, _ callback.Ring) error {
					select {
					case <-time.After(tt.takes):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				s := newScheduler(d, l)
				d.in(time.Second, 1500*time.Millisecond)
				ctx, stop := context.WithTimeout(t.Context(), 1200*time.Millisecond)
				defer stop()
				if err := s.Run(ctx); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(l.began); took > 1200*time.Millisecond+s.Config.Grace {
					t.Errorf("stopped after %s", took)
				}
				l.check(t, time.Second)
				d.check(t, tt.want...)
			})
		})
	}
}

// The safety job finds what the dispatcher has not taken, here because it is
// not running at all.
func TestSafety(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		d, l := newFakeDesk(), &fakeLine{began: time.Now()}
		s := newScheduler(d, l)
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
		s.prepare()
		s.pulse(t.Context())
		d.in(0)
		pass(overdue + time.Second)
		if err := s.Safety().Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.check(t, overdue+time.Second)
		if !strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("no alarm in %q", log.String())
		}
	})
}

func TestConfig(t *testing.T) {
	t.Parallel()
	if err := DefaultConfig().check(); err != nil {
		t.Errorf("defaults: %v", err)
	}
	err := Config{}.check()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 8 {
		t.Errorf("check of nothing: %v, want eight mistakes", err)
	}
}

// The database is told once that it is missed, and once that it is back.
func TestSaysOnceThatTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		d := newFakeDesk()
		s := newScheduler(d, &fakeLine{})
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
		d.down = errors.New("connection refused")
		for range 5 {
			s.pulse(t.Context())
		}
		d.down = nil
		for range 5 {
			s.pulse(t.Context())
		}
		if n := strings.Count(log.String(), "\n"); n != 2 {
			t.Errorf("%d lines:\n%s", n, log.String())
		}
	})
}
