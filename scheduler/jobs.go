package scheduler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
)

// overdue is how late something may be before it is an alarm.
const overdue = 5 * time.Second

// Safety returns the job that holds the dispatcher to its word: every minute
// it takes in hand what the dispatcher should have taken, and raises an alarm
// when anything is overdue.
func (s *Scheduler) Safety() Job {
	return Job{Name: "safety", When: "@every 1m", Do: s.makeSure}
}

func (s *Scheduler) makeSure(ctx context.Context) error {
	s.prepare()
	next, err := s.Desk.NextDue(ctx, time.Time{})
	if err != nil {
		return err
	}
	if late := s.Now().Sub(next); !next.IsZero() && late > overdue {
		s.Log.Error("something is overdue", "dur", late)
	}
	work, stop := context.WithTimeout(context.WithoutCancel(ctx), s.Config.Grace)
	defer stop()
	var crew sync.WaitGroup
	_, err = s.round(work, &crew)
	crew.Wait()
	return err
}

// Retention returns the job that forgets, every night, what is older than keep.
func (s *Scheduler) Retention(keep time.Duration, purge func(ctx context.Context, before time.Time) (int64, error)) Job {
	do := func(ctx context.Context) error {
		n, err := purge(ctx, s.Now().Add(-keep))
		if err == nil && n > 0 {
			s.Log.Info("old rows removed", "job", "retention", "order", n)
		}
		return err
	}
	return Job{Name: "retention", When: "40 3 * * *", CatchUp: 12 * time.Hour, Do: do}
}

// Lists are what agents get every morning: the callbacks of the day.
type Lists struct {
	When   string // cron
	Agents []string
	Today  func(ctx context.Context, agent string) ([]callback.Callback, error)
	Send   func(ctx context.Context, agent string, today []callback.Callback) error
}

// Job returns the job that sends the lists. An agent whose list cannot be sent
// does not keep the others from theirs.
func (l Lists) Job() Job {
	return Job{Name: "lists", When: l.When, CatchUp: 4 * time.Hour, Do: l.send}
}

func (l Lists) send(ctx context.Context) error {
	var all []error
	for _, a := range l.Agents {
		found, err := l.Today(ctx, a)
		if err == nil {
			err = l.Send(ctx, a, found)
		}
		if err != nil {
			all = append(all, fmt.Errorf("list of %s: %w", a, err))
		}
	}
	return errors.Join(all...)
}

// Reminders remind everybody, at the times of a timetable, of the callbacks
// that come before the next of these times.
type Reminders struct {
	When   string // cron
	Zone   *time.Location
	Now    func() time.Time
	Remind func(ctx context.Context, until time.Time) error
}

// Job returns the job that has people reminded. What was missed in the evening
// is still worth while in the morning.
func (r Reminders) Job() Job {
	return Job{Name: "reminders", When: r.When, CatchUp: 16 * time.Hour, Do: r.remind}
}

func (r Reminders) remind(ctx context.Context) error {
	times, err := parse(r.When, r.Zone)
	if err != nil {
		return err
	}
	return r.Remind(ctx, times.next(r.Now()))
}
