package scheduler

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
)

// errLate is why a call was not placed by a process that stood still after it
// had written down that it would: others may have taken over.
var errLate = errors.New("too late to be sent")

// together is how many calls are taken in hand in one go. A call must leave soon
// after it was decided upon: the first waits until the last is written down.
const together = 4

// dispatch takes in hand what is due, until ctx is done. What it takes in hand
// is done under work, which outlives ctx: an intent that was written down must
// not be left without its call.
func (s *Scheduler) dispatch(ctx, work context.Context, crew *sync.WaitGroup) error {
	for ctx.Err() == nil {
		looked := s.Now()
		more, err := s.round(work, crew)
		if more {
			continue
		}
		nap := s.Config.Tick
		if err == nil && s.alive() {
			nap = s.nap(work, looked)
		}
		select {
		case <-time.After(nap):
		case <-s.Desk.Wake():
		case <-s.poke:
		case <-s.dead:
			return ErrTakenOver
		case <-ctx.Done():
		}
	}
	return nil
}

// nap returns how long nothing will be due. What was due when it was looked
// for, and was not taken, waits for an agent: Wake tells when one is free.
func (s *Scheduler) nap(ctx context.Context, looked time.Time) time.Duration {
	var next time.Time
	err := s.ask(ctx, func(ctx context.Context) (err error) {
		next, err = s.Desk.NextDue(ctx, looked)
		return err
	})
	if err != nil || next.IsZero() {
		return s.Config.Tick
	}
	return min(s.Config.Tick, next.Sub(s.Now()))
}

// round takes in hand what is due now; more when there may be more of it.
func (s *Scheduler) round(ctx context.Context, crew *sync.WaitGroup) (more bool, err error) {
	if !s.alive() {
		return false, nil
	}
	calls, err := s.claimCalls(ctx, crew)
	if err != nil {
		return false, err
	}
	texts, err := s.claimTexts(ctx, crew)
	return calls || texts, err
}

func (s *Scheduler) claimCalls(ctx context.Context, crew *sync.WaitGroup) (more bool, err error) {
	n := 0 // callers in line are served all the same
	if !s.stopped.Load() {
		n = s.dials.take(together)
	}
	var rings []callback.Ring
	unsure := s.ask(ctx, func(ctx context.Context) (err error) {
		rings, err = s.Desk.Claim(ctx, n)
		return err
	})
	for _, r := range rings {
		crew.Go(func() {
			defer s.dials.done()
			s.dial(ctx, r, unsure)
		})
	}
	s.dials.back(n - len(rings))
	return unsure == nil && n > 0 && len(rings) == n, unsure
}

// dial places one call, unless the desk is unsure of it, and tells the desk whether
// it left. It goes on telling until the desk has heard it: else the agent would be
// kept busy by nothing.
func (s *Scheduler) dial(ctx context.Context, r callback.Ring, unsure error) {
	err := unsure
	if err == nil {
		err = safely(func() error { return s.place(ctx, r) })
	}
	if err == nil {
		s.insist(ctx, func(ctx context.Context) error { return s.Desk.Sent(ctx, r.Ref) })
		return
	}
	s.Log.Warn("call not sent", "callback", r.Callback, "talk", r.Talk, "err", err)
	s.insist(ctx, func(ctx context.Context) error { return s.Desk.Unsent(ctx, r, err) })
}

func (s *Scheduler) place(ctx context.Context, r callback.Ring) error {
	if !s.Now().Before(r.Before) {
		return errLate
	}
	return s.Dialer.Dial(ctx, r)
}

func (s *Scheduler) claimTexts(ctx context.Context, crew *sync.WaitGroup) (more bool, err error) {
	n := s.texts.take(s.Config.Texts)
	if n == 0 {
		return false, nil
	}
	var due []callback.Message
	unsure := s.ask(ctx, func(ctx context.Context) (err error) {
		due, err = s.Desk.ClaimMessages(ctx, n)
		return err
	})
	for _, m := range due {
		crew.Go(func() {
			defer s.texts.done()
			s.text(ctx, m, unsure)
		})
	}
	s.texts.back(n - len(due))
	return unsure == nil && len(due) == n, unsure
}

// text sends one message, unless the desk is unsure of it, and tells the desk what
// became of it.
func (s *Scheduler) text(ctx context.Context, m callback.Message, unsure error) {
	how, err := callback.Postponed, unsure
	if err == nil {
		how, err = s.send(ctx, m)
	}
	if err != nil {
		s.Log.Warn("message not sent", "order", m.ID, "do", m.Kind, "try", m.Tries, "err", err)
	}
	s.insist(ctx, func(ctx context.Context) error { return s.Desk.Delivered(ctx, m, how, err) })
}

func (s *Scheduler) send(ctx context.Context, m callback.Message) (callback.Delivery, error) {
	if wait := m.Leaves.Sub(s.Now()); !m.Leaves.IsZero() && wait > 0 && !s.rest(ctx, wait) {
		return callback.Postponed, ctx.Err()
	}
	if now := s.Now(); !now.Before(m.Lease) || !m.Until.IsZero() && !now.Before(m.Until) {
		return callback.Postponed, errLate
	}
	sent := false
	err := safely(func() error {
		err := s.Texter.Text(ctx, m)
		sent = true
		return err
	})
	switch {
	case err == nil:
		return callback.Delivered, nil
	case errors.Is(err, ErrPermanent):
		return callback.Undelivered, err
	case errors.Is(err, ErrUnknown), !sent: // it panicked: nobody knows
		return callback.Unclear, err
	}
	return callback.Postponed, err
}

// insist tells the desk something until it has heard it. When ctx is done, it
// tries once more.
func (s *Scheduler) insist(ctx context.Context, tell func(context.Context) error) {
	for {
		err := s.ask(context.WithoutCancel(ctx), tell)
		switch {
		case err == nil:
			return
		case decided(err):
			s.Log.Warn("somebody else decided first", "err", err)
			return
		case !s.rest(ctx, s.Config.Tick):
			s.Log.Error("desk was not told in time", "err", err)
			return
		}
	}
}
