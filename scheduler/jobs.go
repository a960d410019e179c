package scheduler

import (
	"context"
	"sync"
	"time"
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
	next, err := s.Desk.NextDue(ctx)
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
