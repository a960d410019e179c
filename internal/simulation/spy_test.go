package simulation

import (
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
)

// hidden is by how much a planted bug has promises seem to end later.
const hidden = 48 * time.Hour

// take remembers a callback that is taken up, and puts right what a planted bug
// has hidden of it.
func (s *spy) take(c *callback.Callback, from callback.State) {
	if until, ok := s.until[c.ID]; ok && c.Until.Equal(until.Add(hidden)) {
		c.Until = until
	}
	if owner, ok := s.owner[c.ID]; ok {
		c.Owner = owner
	}
	waits := from == callback.BookedState || from == callback.RetryWait
	if waits && (c.State == callback.Claimed || c.State == callback.CustomerDialing) {
		s.dials[c.ID] = *c
	}
	if _, ok := s.dials[c.ID]; ok {
		s.agent[c.ID] = c.Agent
	}
}

// DueCallbacks implements [callback.Callbacks].
func (s *spy) DueCallbacks(now time.Time, most int) ([]callback.Callback, error) {
	all, err := s.Tx.DueCallbacks(now, most)
	for i, c := range all {
		if s.w.plan.bug.inOrderOfComing {
			s.until[c.ID], all[i].Until = c.Until, c.Until.Add(hidden)
		}
		if s.w.plan.bug.forgetsOwners {
			s.owner[c.ID], all[i].Owner = c.Owner, ""
		}
	}
	return all, err
}

// Waiters implements [callback.Waiters].
func (s *spy) Waiters(queue string) ([]callback.Waiter, error) {
	all, err := s.Tx.Waiters(queue)
	for _, w := range all {
		if w.Ready {
			s.ready[w.Talk] = true
		}
	}
	if s.w.plan.bug.lastFirst {
		slices.Reverse(all)
	}
	return all, err
}

// PutWaiter implements [callback.Waiters].
func (s *spy) PutWaiter(w callback.Waiter) error {
	if s.ready[w.Talk] && !w.Ready {
		s.up = append(s.up, w.Talk)
	}
	return s.Tx.PutWaiter(w)
}

// PutStatus implements [callback.Roster].
func (s *spy) PutStatus(one callback.Status) error {
	if s.w.plan.bug.forgetsBreaks && one.State == callback.OnBreak {
		return nil
	}
	if s.w.plan.bug.staysFree && one.State == callback.OnCall && isDialIn(one.Ref) {
		return nil
	}
	if s.w.plan.bug.forgetsTakers && (s.queue || s.colleague || s.w.taker(one)) {
		return nil
	}
	if one.State == callback.OnRing && !s.colleague {
		s.rung[one.Ref] = one.Agent
		if was, err := s.Tx.Status(one.Agent); err == nil && (was.State == callback.OnBreak || was.State == callback.Offline) {
			s.w.violated("I33", "%s is rung, or kept for somebody, and is at %s since %s", one.Agent, was.State, was.Since.UTC().Format(time.DateTime))
		}
	}
	return s.Tx.PutStatus(one)
}

// FindCallbacks implements [callback.Callbacks].
func (s *spy) FindCallbacks(f callback.Filter) ([]callback.Callback, error) {
	if s.w.plan.bug.forgetsDials && slices.Equal(f.States, []callback.State{callback.CustomerDialing}) {
		return nil, nil
	}
	all, err := s.Tx.FindCallbacks(f)
	if s.dialIn && slices.Contains(f.States, callback.RetryWait) && len(all) > 0 {
		s.first = all[0].ID
	}
	return all, err
}

// OpenCallback implements [callback.Callbacks].
func (s *spy) OpenCallback(queue string, phone callback.Phone) (callback.Callback, error) {
	if s.w.plan.bug.callsWhoWasServed {
		return callback.Callback{}, callback.ErrNotFound
	}
	return s.Tx.OpenCallback(queue, phone)
}

// Dialing implements [callback.Ledger].
func (s *spy) Dialing() (callback.Dialing, error) {
	if s.w.plan.bug.neverStops {
		return callback.Dialing{}, nil
	}
	return s.Tx.Dialing()
}
