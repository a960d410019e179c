package scheduler

import (
	"context"
	"errors"
	"fmt"
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

func newScheduler(d *fakeDesk, l *fakeLine) *Scheduler {
	return &Scheduler{Desk: d, Dialer: l, Texter: l, Config: DefaultConfig(), Now: time.Now, Log: quiet()}
}

// bubble runs a scheduler over a fake desk and a fake line in virtual time,
// stops it after the test, and fails if it leaves a goroutine behind.
func bubble(t *testing.T, test func(s *Scheduler, d *fakeDesk, l *fakeLine)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, l := newFakeDesk(), &fakeLine{began: time.Now()}
		s := newScheduler(d, l)
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
