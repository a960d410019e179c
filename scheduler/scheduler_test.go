package scheduler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
)

// A fakeDesk has a list of what is due, and writes down what it is told.
type fakeDesk struct {
	mu       sync.Mutex
	wake     chan struct{}
	due      []time.Time // callbacks
	letters  []callback.Message
	waits    int // of those due, how many wait for an agent who is busy
	agents   int // who are free
	down     error
	torn     error // it breaks off as something is written down
	hangs    bool
	deaf     bool  // Beat alone fails
	given    error // up by the others
	told     []string
	claims   int
	recovers int
	sweeps   int
	keep     time.Duration // how long a ring may take to leave
	slow     time.Duration // how long it takes to write one down
}

func newFakeDesk() *fakeDesk {
	return &fakeDesk{wake: make(chan struct{}, 1), agents: 1000, keep: 500 * time.Millisecond}
}

// ask takes the lock, unless the database is down.
func (d *fakeDesk) ask(ctx context.Context) error {
	d.mu.Lock()
	if d.hangs {
		d.mu.Unlock()
		<-ctx.Done()
		return ctx.Err()
	}
	if d.down != nil {
		defer d.mu.Unlock()
		return d.down
	}
	return nil
}

func (d *fakeDesk) Claim(ctx context.Context, limit int) ([]callback.Ring, error) {
	if err := d.ask(ctx); err != nil {
		return nil, err
	}
	rings := d.take(limit)
	slow, torn := d.slow, d.torn
	d.mu.Unlock()
	for i := range rings {
		rings[i].Before = rings[i].Before.Add(time.Duration(i) * slow)
		<-time.After(slow)
	}
	if len(rings) == 0 {
		return nil, nil
	}
	return rings, torn
}

// take takes up to limit of what is due.
func (d *fakeDesk) take(limit int) []callback.Ring {
	d.claims++
	var rings []callback.Ring
	now := time.Now()
	for i := d.waits; len(d.due) > i && !d.due[i].After(now) && len(rings) < limit && d.agents > 0; {
		id := "c" + d.due[i].Format("05.000")
		rings = append(rings, callback.Ring{Callback: id, Ref: id, Before: now.Add(d.keep)})
		d.due = slices.Delete(d.due, i, i+1)
		d.agents--
	}
	return rings
}

func (d *fakeDesk) Sent(ctx context.Context, ref string) error { return d.tell(ctx, "sent "+ref) }

func (d *fakeDesk) Unsent(ctx context.Context, r callback.Ring, cause error) error {
	line, _, _ := strings.Cut(cause.Error(), "\n")
	return d.tell(ctx, "unsent "+r.Ref+": "+line)
}

func (d *fakeDesk) ClaimMessages(ctx context.Context, limit int) ([]callback.Message, error) {
	if err := d.ask(ctx); err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	n := min(limit, len(d.letters))
	got := d.letters[:n]
	d.letters = d.letters[n:]
	if n == 0 {
		return nil, nil
	}
	return got, d.torn
}

func (d *fakeDesk) Delivered(ctx context.Context, m callback.Message, how callback.Delivery, _ error) error {
	return d.tell(ctx, fmt.Sprintf("%s %s", m.ID, how))
}

func (d *fakeDesk) NextDue(ctx context.Context, after time.Time) (time.Time, error) {
	if err := d.ask(ctx); err != nil {
		return time.Time{}, err
	}
	defer d.mu.Unlock()
	for _, at := range d.due {
		if at.After(after) {
			return at, nil
		}
	}
	return time.Time{}, nil
}

func (d *fakeDesk) Wake() <-chan struct{} { return d.wake }

func (d *fakeDesk) Beat(ctx context.Context) error {
	if err := d.ask(ctx); err != nil {
		return err
	}
	defer d.mu.Unlock()
	if d.deaf {
		return errors.New("heartbeat is late")
	}
	return d.given
}

func (d *fakeDesk) Recover(ctx context.Context) error { return d.count(ctx, &d.recovers) }
func (d *fakeDesk) Sweep(ctx context.Context) error   { return d.count(ctx, &d.sweeps) }

func (d *fakeDesk) count(ctx context.Context, n *int) error {
	if err := d.ask(ctx); err != nil {
		return err
	}
	defer d.mu.Unlock()
	*n++
	return nil
}

func (d *fakeDesk) tell(ctx context.Context, what string) error {
	if err := d.ask(ctx); err != nil {
		return err
	}
	defer d.mu.Unlock()
	d.told = append(d.told, what)
	return nil
}

// with changes the desk while the scheduler runs.
func (d *fakeDesk) with(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

// in makes callbacks due, some time from now.
func (d *fakeDesk) in(after ...time.Duration) {
	d.with(func() {
		for _, a := range after {
			d.due = append(d.due, time.Now().Add(a))
		}
	})
}

// A fakeLine notes when it was told to call, and does what the test says.
type fakeLine struct {
	mu    sync.Mutex
	at    []time.Duration // since the bubble began
	began time.Time
	do    func(context.Context, callback.Ring) error
	text  func(callback.Message) error
}

func (l *fakeLine) Dial(ctx context.Context, r callback.Ring) error {
	l.mu.Lock()
	l.at = append(l.at, time.Since(l.began))
	l.mu.Unlock()
	if l.do == nil {
		return nil
	}
	return l.do(ctx, r)
}

func (l *fakeLine) Text(_ context.Context, m callback.Message) error { return l.text(m) }

func (l *fakeLine) check(t *testing.T, want ...time.Duration) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.at, want) {
		t.Errorf("dialled after %v, want %v", l.at, want)
	}
}

func (d *fakeDesk) check(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.told, want) {
		t.Errorf("desk was told %q, want %q", d.told, want)
	}
}

// bubble runs a scheduler over a fake desk and a fake line in virtual time,
// stops it after the test, and fails if it leaves a goroutine behind.
func bubble(t *testing.T, test func(s *Scheduler, d *fakeDesk, l *fakeLine)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, l := newFakeDesk(), &fakeLine{began: time.Now()}
		s := &Scheduler{Desk: d, Dialer: l, Texter: l, Config: DefaultConfig(), Now: time.Now, Log: quiet()}
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := s.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		test(s, d, l)
		stop()
		wg.Wait()
	})
}

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
		s := &Scheduler{Desk: d, Dialer: l, Texter: l, Config: DefaultConfig(), Now: time.Now, Log: quiet()}
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

func TestMessages(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		l.text = func(m callback.Message) error {
			switch m.Body {
			case "never":
				return fmt.Errorf("gateway: %w", ErrPermanent)
			case "perhaps":
				return fmt.Errorf("gateway: %w", ErrUnknown)
			case "later":
				return errors.New("429")
			case "panic":
				panic("nil gateway")
			}
			return nil
		}
		lease := time.Now().Add(time.Minute)
		d.with(func() {
			for i, body := range []string{"now", "never", "perhaps", "later", "panic"} {
				d.letters = append(d.letters, callback.Message{ID: fmt.Sprint(i), Body: body, Lease: lease})
			}
			d.letters = append(d.letters, callback.Message{ID: "lapsed", Lease: time.Now()})
		})
		pass(time.Second)
		slices.Sort(d.told)
		d.check(t, "0 sent", "1 failed", "2 unknown", "3 again", "4 unknown", "lapsed again")
	})
}

// A text waits for its turn to leave.
func TestTextsLeaveInTurn(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		began := time.Now()
		left := map[string]time.Duration{}
		l.text = func(m callback.Message) error {
			d.with(func() { left[m.ID] = time.Since(began) })
			return nil
		}
		d.with(func() {
			for i, wait := range []time.Duration{0, 100 * time.Millisecond, 1900 * time.Millisecond} {
				d.letters = append(d.letters, callback.Message{ID: fmt.Sprint(i), Leaves: began.Add(wait), Lease: began.Add(time.Minute)})
			}
		})
		d.wake <- struct{}{}
		pass(3 * time.Second)
		if left["1"]-left["0"] != 100*time.Millisecond || left["2"] != 1900*time.Millisecond {
			t.Errorf("left at %v", left)
		}
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
				s := &Scheduler{Desk: d, Dialer: l, Texter: l, Config: DefaultConfig(), Now: time.Now, Log: quiet()}
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
		s := &Scheduler{Desk: d, Dialer: l, Texter: l, Config: DefaultConfig(), Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))}
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
		s := &Scheduler{Desk: d, Config: DefaultConfig(), Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))}
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
