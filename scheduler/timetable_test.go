package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
)

// runs is a store that remembers which jobs were done, and nothing else.
type runs struct {
	callback.Tx
	mu   sync.Mutex
	at   map[string]time.Time // by job and key
	last map[string]time.Time // by job
	boot map[string]string    // who has it in hand, by job and key; "" when it is finished
	dead map[string]bool      // processes
	down error
}

func (r *runs) Update(_ context.Context, fn func(callback.Tx) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down != nil {
		return r.down
	}
	return fn(r)
}

func (r *runs) View(ctx context.Context, fn func(callback.Tx) error) error { return r.Update(ctx, fn) }

func (r *runs) StartRun(job, key, boot string, at time.Time) (bool, error) {
	if _, begun := r.at[job+" "+key]; begun && !r.dead[r.boot[job+" "+key]] {
		return false, nil
	}
	r.at[job+" "+key], r.boot[job+" "+key] = at, boot
	r.last[job] = at
	return true, nil
}

func (r *runs) FinishRun(job, key string, _ time.Time) error {
	r.boot[job+" "+key] = ""
	return nil
}

func (r *runs) dies(boot string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dead[boot] = true
}

func (r *runs) LastRun(job string) (string, time.Time, error) {
	at, ok := r.last[job]
	if !ok {
		return "", at, callback.ErrNotFound
	}
	return at.UTC().Format("2006-01-02T15:04"), at, nil
}

func (r *runs) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = err
}

func newRuns() *runs {
	return &runs{at: map[string]time.Time{}, last: map[string]time.Time{}, boot: map[string]string{}, dead: map[string]bool{}}
}

// done lists when a job was done.
type done struct {
	mu sync.Mutex
	at []string
}

func (d *done) do(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = append(d.at, time.Now().Format("02T15:04"))
	return nil
}

func (d *done) check(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.at) != len(want) {
		t.Fatalf("done %v, want %v", d.at, want)
	}
	for i := range want {
		if d.at[i] != want[i] {
			t.Errorf("done %v, want %v", d.at, want)
		}
	}
}

// table runs a timetable in the bubble, which begins on 1 January 2000 at
// midnight UTC, a Saturday, until the returned function is called.
func table(t *testing.T, store callback.Store, jobs ...Job) (stop func()) {
	t.Helper()
	return tableOf(t, "b", store, jobs...)
}

func tableOf(t *testing.T, boot string, store callback.Store, jobs ...Job) (stop func()) {
	t.Helper()
	tt := &Timetable{Jobs: jobs, Zone: time.UTC, Store: store, Boot: boot, Now: time.Now, Log: quiet()}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := tt.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	return func() { cancel(); wg.Wait() }
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// pass lets virtual time pass.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestTimetable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var morning, tens done
		stop := table(t, newRuns(),
			Job{Name: "list", When: "30 7 * * 1-5", Do: morning.do},
			Job{Name: "tens", When: "@every 12h", Do: tens.do})
		pass(74 * time.Hour) // until Tuesday at 02:00
		stop()
		morning.check(t, "03T07:30")
		tens.check(t, "01T12:00", "02T00:00", "02T12:00", "03T00:00", "03T12:00", "04T00:00")
	})
}

func TestTimetableCatchesUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		down time.Duration
		want []string
	}{
		{"in time", 3 * time.Hour, []string{"01T01:00", "01T04:30"}},
		{"of several the last one", 50 * time.Hour, []string{"01T01:00", "03T03:30"}},
		{"too late", 6 * time.Hour, []string{"01T01:00"}},
		{"nothing missed", time.Hour, []string{"01T01:00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var d done
				store := newRuns()
				job := Job{Name: "j", When: "0 1,3 * * *", CatchUp: 4 * time.Hour, Do: d.do}
				stop := table(t, store, job)
				pass(90 * time.Minute)
				stop()
				pass(tt.down)
				stop = table(t, store, job)
				pass(time.Minute)
				stop()
				d.check(t, tt.want...)
			})
		})
	}
}

func TestTimetableOncePerCluster(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d done
		store := newRuns()
		job := Job{Name: "j", When: "@every 1h", Do: d.do}
		first, second := table(t, store, job), table(t, store, job)
		pass(150 * time.Minute)
		first()
		second()
		d.check(t, "01T01:00", "01T02:00")
	})
}

// TestTimetableTriesAgain has a job fail, by an error or a panic: it is tried
// again while it is worth while, and done once.
func TestTimetableTriesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d, never done
		tries := 0
		stop := table(t, newRuns(),
			Job{Name: "list", When: "30 7 * * *", CatchUp: 4 * time.Hour, Do: func(ctx context.Context) error {
				switch tries++; tries {
				case 1:
					return errors.New("the database is away")
				case 2:
					panic("at the disco")
				}
				return d.do(ctx)
			}},
			Job{Name: "never", When: "30 7 * * *", CatchUp: time.Hour, Do: func(ctx context.Context) error {
				return errors.Join(never.do(ctx), errors.New("no"))
			}})
		pass(30 * time.Hour)
		stop()
		d.check(t, "01T07:33")
		never.check(t, "01T07:30", "01T07:31", "01T07:33", "01T07:37", "01T07:45", "01T08:01")
	})
}

// TestTimetableOutlivesItsProcess has a process die over a job: another that
// lives, or the next to begin, does it, once, however late it is known that the
// first is dead. What was finished is not done again.
func TestTimetableOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		beside bool // the second process runs already
		ends   bool // the first dies after it has done the job
		want   []string
	}{
		{"another", true, false, []string{"01T07:31"}},
		{"the next", false, false, []string{"01T07:31"}},
		{"done", true, true, nil},
		{"done, the next", false, true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var d done
				store := newRuns()
				of := func(do func(context.Context) error) Job {
					return Job{Name: "list", When: "30 7 * * *", CatchUp: 4 * time.Hour, Do: do}
				}
				first := tableOf(t, "a", store, of(func(ctx context.Context) error {
					if tt.ends {
						return nil
					}
					<-ctx.Done()
					return ctx.Err()
				}))
				pass(7*time.Hour + 29*time.Minute + 59*time.Second)
				pass(2 * time.Second)
				second := func() {}
				if tt.beside {
					second = tableOf(t, "b", store, of(d.do))
				}
				pass(9 * time.Second)
				first()
				if !tt.beside {
					second = tableOf(t, "b", store, of(d.do))
				}
				pass(50 * time.Second)
				store.dies("a")
				pass(10 * time.Hour)
				second()
				d.check(t, tt.want...)
			})
		})
	}
}

// TestTimetableIsTakenOver has two processes beside each other from the
// beginning: when the one that came first dies over a job, the other does it.
func TestTimetableIsTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d done
		store, began, stops := newRuns(), make(chan string, 2), map[string]func(){}
		for _, boot := range []string{"a", "b"} {
			stops[boot] = tableOf(t, boot, store, Job{Name: "list", When: "30 7 * * *", CatchUp: 4 * time.Hour, Do: func(ctx context.Context) error {
				if began <- boot; len(began) == 1 {
					<-ctx.Done()
					return ctx.Err()
				}
				return d.do(ctx)
			}})
		}
		pass(7*time.Hour + 30*time.Minute + 10*time.Second)
		first := <-began
		began <- first // the next is the second
		stops[first]()
		delete(stops, first)
		pass(40 * time.Second)
		store.dies(first)
		pass(time.Hour)
		for _, stop := range stops {
			stop()
		}
		d.check(t, "01T07:31")
	})
}

func TestTimetableSurvives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newRuns()
		var d done
		stop := table(t, store,
			Job{Name: "panics", When: "@every 1h", Do: func(context.Context) error { panic("at the disco") }},
			Job{Name: "fails", When: "@every 1h", Do: func(context.Context) error { return errors.New("no") }},
			Job{Name: "lasts", When: "@every 1h", Do: func(ctx context.Context) error {
				_ = d.do(ctx)
				<-time.After(90 * time.Minute)
				return nil
			}})
		pass(4*time.Hour + time.Minute)
		stop()
		d.check(t, "01T01:00", "01T03:00")
		if n := len(store.at); n != 4+4+2 {
			t.Errorf("%d runs, want 10", n)
		}
	})
}

func TestTimetableWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d done
		store := newRuns()
		store.fail(errors.New("down"))
		stop := table(t, store, Job{Name: "j", When: "@every 1h", CatchUp: time.Hour, Do: d.do})
		pass(30 * time.Minute)
		store.fail(nil)
		pass(25 * time.Minute)
		store.fail(errors.New("down"))
		pass(20 * time.Minute)
		store.fail(nil)
		pass(10 * time.Minute)
		stop()
		d.check(t, "01T01:15")
	})
}

// A clock that is set back does nothing twice; one that is set forward and
// back again does not make the timetable wait for the future.
func TestTimetableWhenTheClockIsSet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d done
		var mu sync.Mutex
		var off time.Duration
		set := func(to time.Duration) { mu.Lock(); off = to; mu.Unlock() }
		tt := &Timetable{
			Jobs: []Job{{Name: "j", When: "0 * * * *", Do: d.do}}, Zone: time.UTC, Store: newRuns(), Log: quiet(),
			Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(off) },
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = tt.Run(ctx) })
		pass(65 * time.Minute)
		set(-2 * time.Hour) // the clock shows 23:05, and 00:00 and 01:00 come again
		pass(120 * time.Minute)
		set(0)
		pass(time.Minute)
		set(300 * 24 * time.Hour)
		pass(time.Minute)
		set(0)
		pass(55 * time.Minute)
		cancel()
		wg.Wait()
		// 00:00 comes for the first time when the clock is back: the bubble
		// began right at it.
		d.check(t, "01T01:00", "01T02:00", "01T04:00")
	})
}

func TestTimetableStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := false
		stop := table(t, newRuns(), Job{Name: "j", When: "@every 1m", Do: func(ctx context.Context) error {
			<-ctx.Done()
			<-time.After(time.Second)
			ended = true
			return nil
		}})
		pass(90 * time.Second)
		stop()
		if !ended {
			t.Error("left a job at work")
		}
	})
}

func TestTimetableRefuses(t *testing.T) {
	t.Parallel()
	tt := &Timetable{Zone: time.UTC, Jobs: []Job{{Name: "a", When: "@every 1s"}, {Name: "a", When: "@daily"}, {Name: "b", When: "x"}}}
	err := tt.Run(t.Context())
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 3 {
		t.Errorf("run: %v, want three mistakes", err)
	}
}
