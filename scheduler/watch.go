package scheduler

import (
	"context"
	"errors"
	"time"

	"github.com/holdless/holdless/callback"
)

// beat tells the other nodes that this one lives, and takes over from those
// that died, until ctx is done.
func (s *Scheduler) beat(ctx context.Context) {
	for s.rest(ctx, s.pulse(ctx)) {
	}
}

// pulse beats once, and returns how long to wait until the next.
func (s *Scheduler) pulse(ctx context.Context) time.Duration {
	// Counted from before the beat: when it was long on its way, the others
	// may have seen it only at its beginning. time.Now, not s.Now: a clock
	// that is set must not look like a node that slept.
	began := time.Now()
	switch err := s.ask(ctx, s.Desk.Beat); {
	case errors.Is(err, callback.ErrMoved):
		s.Log.Error("other nodes took this one for dead", "err", err)
		close(s.dead)
		<-ctx.Done()
		return s.Config.Fence // there is nothing to wait for but the end
	case err != nil:
		return s.Config.Tick
	}
	before := s.beatAt.Swap(&began)
	if before == nil || began.Sub(*before) >= s.Config.Fence {
		defer s.nudge()
		// After a time without a database the other nodes look as dead as we
		// do. Those that live have a few beats to show it.
		s.trust = began.Add(3 * s.Config.Beat)
	}
	if before != nil && began.Before(s.trust) {
		return s.Config.Beat
	}
	if err := s.ask(ctx, s.Desk.Recover); err != nil {
		return s.Config.Tick
	}
	return s.Config.Beat
}

// alive reports whether the other nodes take this one for alive. While they
// may not, they may have taken over its work.
func (s *Scheduler) alive() bool {
	at := s.beatAt.Load()
	return at != nil && time.Since(*at) < s.Config.Fence
}

// sweep moves what time alone has changed, until ctx is done.
func (s *Scheduler) sweep(ctx context.Context) {
	for s.rest(ctx, s.Config.Sweep) {
		if s.alive() {
			_ = s.ask(ctx, s.Desk.Sweep) // told by ask, done again soon
		}
	}
}

// rest waits; false when ctx is done.
func (s *Scheduler) rest(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// ask puts one question to the desk. It does not wait for ever for a database
// that hangs, and logs once when it begins not to answer, and once when it
// answers again.
func (s *Scheduler) ask(ctx context.Context, question func(context.Context) error) error {
	short, cancel := context.WithTimeout(ctx, s.Config.Patience)
	defer cancel()
	err := safely(func() error { return question(short) })
	switch {
	case ctx.Err() != nil:
	case decided(err):
		if s.silent.Swap(false) {
			s.Log.Info("desk answers again")
		}
	case !s.silent.Swap(true):
		s.Log.Warn("desk does not answer, nothing is dialled until it does", "err", err)
	}
	return err
}

// decided reports whether the desk has answered, be it with a no.
func decided(err error) bool {
	return err == nil || errors.Is(err, callback.ErrMoved) || errors.Is(err, callback.ErrNotFound)
}
