package twiliosim

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Ring has a person call one of the account's numbers, and returns the call's
// SID at once. from "" withholds the number.
func (s *Sim) Ring(from, to string, p Person) (sid string) {
	if from == "" {
		from = "anonymous"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.newCall(from, to, "inbound", p)
	c.Status = "ringing"
	i := slices.IndexFunc(s.numbers, func(n *Number) bool { return n.Number == to })
	if i < 0 {
		s.problems = append(s.problems, fmt.Sprintf("%s is no number of the account", to))
		c.Status = "failed"
		c.hangUp()
		close(c.over)
		return c.SID
	}
	n := s.numbers[i]
	c.statusURL, c.events = n.StatusURL, []string{"completed"}
	s.work.Go(func() {
		c.follow(n.VoiceURL, n.VoiceFallbackURL)
		c.finish("completed")
	})
	return c.SID
}

// Await returns when a call is over.
func (s *Sim) Await(ctx context.Context, sid string) (Call, error) {
	c := s.find(sid)
	if c == nil {
		return Call{}, fmt.Errorf("await %s: %w", sid, errNoCall)
	}
	select {
	case <-c.over:
		return c.copy(), nil
	case <-ctx.Done():
		return c.copy(), fmt.Errorf("await %s: %w", sid, context.Cause(ctx))
	}
}

var errNoCall = errors.New("there is no such call")

// Hangup has the person hang up.
func (s *Sim) Hangup(sid string) {
	if c := s.find(sid); c != nil {
		c.hangUp()
	}
}

// Call returns what is known of a call.
func (s *Sim) Call(sid string) (Call, bool) {
	if c := s.find(sid); c != nil {
		return c.copy(), true
	}
	return Call{}, false
}

// Calls lists all calls, in the order in which they began.
func (s *Sim) Calls() []Call {
	s.mu.Lock()
	all := slices.Clone(s.calls)
	s.mu.Unlock()
	copies := make([]Call, len(all))
	for i, c := range all {
		copies[i] = c.copy()
	}
	return copies
}

// Settle returns when every call is over and all that was delayed has been
// delivered.
func (s *Sim) Settle(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.work.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("settle: %w", context.Cause(ctx))
	}
}
