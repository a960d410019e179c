package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdless/holdless/callback"
)

const (
	// maxNap is how long the timetable sleeps at most. A longer timer would
	// not notice that the clock was set, or that the machine was asleep.
	maxNap = 30 * time.Second
	// onTime is how old a time may be and still be done as if it were now. So
	// long, too, it is watched whether a process dies over a job that it began.
	onTime = 2 * time.Minute
	// What failed is tried again after tryAgain, and then ever more seldom.
	tryAgain = time.Minute
	seldom   = 30 * time.Minute
)

// A Job is one thing that is done again and again.
type Job struct {
	Name    string
	When    string        // cron, of five fields: "30 7 * * 1-5", "@daily", "@every 10m"
	CatchUp time.Duration // a time that was missed, broke off or failed is made up for, if it is not older
	Do      func(context.Context) error
}

// A Timetable does jobs when their time comes, each time on one node only.
//
// Callbacks are not jobs: their time is in their row. The timetable is for
// what is done every morning, every night, every minute.
type Timetable struct {
	Jobs  []Job
	Zone  *time.Location
	Store callback.Store // remembers what was done
	Boot  string         // the process
	Now   func() time.Time
	Log   *slog.Logger
}

// Check reports everything that is wrong with the jobs.
func (t *Timetable) Check() error {
	var all []error
	seen := map[string]bool{}
	for _, j := range t.Jobs {
		if seen[j.Name] {
			all = append(all, fmt.Errorf("job %s: the name is used twice", j.Name))
		}
		seen[j.Name] = true
		if _, err := parse(j.When, t.Zone); err != nil {
			all = append(all, fmt.Errorf("job %s: %w", j.Name, err))
		}
	}
	return errors.Join(all...)
}

// Run does the jobs until ctx is done, and waits for those at work.
func (t *Timetable) Run(ctx context.Context) error {
	if err := t.Check(); err != nil {
		return err
	}
	rows := make([]*row, len(t.Jobs))
	for i, j := range t.Jobs {
		s, err := parse(j.When, t.Zone)
		if err != nil {
			return err
		}
		rows[i] = &row{Job: j, schedule: s}
	}
	var crew sync.WaitGroup
	defer crew.Wait()
	for {
		for _, r := range rows {
			t.look(ctx, r, &crew)
		}
		select {
		case <-time.After(t.nap(rows)):
		case <-ctx.Done():
			return nil
		}
	}
}

// A row is a job and how far it has come.
type row struct {
	Job
	schedule
	asked, answer time.Time   // next looked for last, and found
	seen          time.Time   // all times up to here are done with; zero before the first look
	left, watch   time.Time   // somebody else has that time in hand, and is watched until then
	busy          atomic.Bool // it is being done
}

// next is what the schedule says. It is asked twice a minute about a time that
// is hours away, and looks minute by minute: what was found is good until then.
func (r *row) next(after time.Time) time.Time {
	if after.Before(r.asked) || !after.Before(r.answer) {
		r.asked, r.answer = after, r.schedule.next(after)
	}
	return r.answer
}

// nap returns how long nothing is to be done.
func (t *Timetable) nap(rows []*row) time.Duration {
	now, nap := t.Now(), maxNap
	for _, r := range rows {
		if next := r.next(now); !next.IsZero() {
			nap = min(nap, next.Sub(now))
		}
	}
	return nap
}

// look does a job if a time of it has come since the last look.
func (t *Timetable) look(ctx context.Context, r *row, crew *sync.WaitGroup) {
	now := t.Now()
	if err := t.remember(ctx, r, now); err != nil {
		t.Log.Warn("timetable waits for the database", "job", r.Name, "err", err)
		return
	}
	at := r.latest(now)
	if at.IsZero() {
		at = r.unfinished(now)
	}
	if at.IsZero() {
		r.seen = now
		return
	}
	if r.busy.Load() {
		t.Log.Warn("job is still at work when its time comes again", "job", r.Name)
		r.seen = now
		return
	}
	mine, err := t.claim(ctx, r, at)
	if err != nil {
		t.Log.Warn("timetable waits for the database", "job", r.Name, "err", err)
		return
	}
	r.seen = now
	if !mine {
		r.others(at, now)
		return
	}
	r.left = time.Time{}
	r.busy.Store(true)
	crew.Go(func() {
		defer r.busy.Store(false)
		t.do(ctx, r, at)
	})
}

// remember finds out, at the first look, when the job was done last. A job
// that was never done has missed nothing.
func (t *Timetable) remember(ctx context.Context, r *row, now time.Time) error {
	if !r.seen.IsZero() {
		return nil
	}
	var key string
	err := t.Store.View(ctx, func(tx callback.Tx) (err error) {
		key, r.seen, err = tx.LastRun(r.Name)
		return err
	})
	if err == nil && key == r.key(r.seen) { // whoever began it may have died over it
		r.others(r.seen, now)
	}
	if errors.Is(err, callback.ErrNotFound) {
		r.seen, err = now, nil
	}
	if err == nil && r.seen.IsZero() {
		r.seen = now
	}
	return err
}

// others has a time watched that another process has in hand: if that one dies
// over it, it falls to somebody else.
func (r *row) others(at, now time.Time) {
	if !at.Equal(r.left) {
		r.left, r.watch = at, now.Add(onTime)
	}
}

// unfinished returns the time that is watched; zero when none is.
func (r *row) unfinished(now time.Time) time.Time {
	if r.CatchUp == 0 || now.After(r.watch) || now.Sub(r.left) > r.CatchUp {
		return time.Time{}
	}
	return r.left
}

// latest returns the last time of the job that has come since it was looked
// at, and that is not too old to be worth while.
func (r *row) latest(now time.Time) (at time.Time) {
	from := now.Add(-max(r.CatchUp, onTime))
	if r.seen.After(from) {
		from = r.seen
	}
	// A clock that was set back leaves seen in the future. What is done again
	// then is found in the store.
	if from.After(now) {
		from = now
	}
	for next := r.next(from); !next.IsZero() && !next.After(now); next = r.next(next) {
		at = next
	}
	return at
}

// claim reports whether it falls to this node to do the job.
func (t *Timetable) claim(ctx context.Context, r *row, at time.Time) (mine bool, err error) {
	err = t.Store.Update(ctx, func(tx callback.Tx) (err error) {
		mine, err = tx.StartRun(r.Name, r.key(at), t.Boot, at)
		return err
	})
	return mine, err
}

// do does a job, and tries again what went wrong as long as it is worth while.
func (t *Timetable) do(ctx context.Context, r *row, at time.Time) {
	for wait := tryAgain; !t.try(ctx, r, at); wait = min(2*wait, seldom) {
		if !t.Now().Add(wait).Before(at.Add(r.CatchUp)) {
			return
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// try does a job once, and reports whether it was done.
func (t *Timetable) try(ctx context.Context, r *row, at time.Time) bool {
	began := t.Now()
	err := safely(func() error { return r.Do(ctx) })
	if err != nil {
		t.Log.Error("job failed", "job", r.Name, "dur", t.Now().Sub(began), "err", err)
		return false
	}
	t.Log.Debug("job done", "job", r.Name, "dur", t.Now().Sub(began))
	err = t.Store.Update(ctx, func(tx callback.Tx) error {
		return tx.FinishRun(r.Name, r.key(at), t.Now())
	})
	if err != nil {
		t.Log.Warn("end of job not written down", "job", r.Name, "err", err)
	}
	return true
}

// safely turns a panic into an error that has the stack in it.
func safely(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}
