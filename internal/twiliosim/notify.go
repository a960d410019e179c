package twiliosim

import (
	"context"
	"net/url"
	"time"
)

// courier delivers the status callbacks of one call, text or conference, in
// order unless there is mischief.
type courier struct {
	sim  *Sim
	last chan struct{} // closed when the one before has been delivered
}

type notice struct {
	address string
	form    url.Values
}

// notify delivers a status callback after those before it.
func (c *courier) notify(address string, form url.Values) {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	c.send(address, form)
}

// send is notify for those who hold the lock.
func (c *courier) send(address string, form url.Values) {
	if address == "" {
		return
	}
	s := c.sim
	before, done := c.last, make(chan struct{})
	c.last = done
	fate := s.mischief()
	s.work.Go(func() {
		if before != nil {
			<-before
		}
		if fate.late > 0 {
			close(done)
			if !s.wait(s.life, fate.late) {
				return
			}
		} else {
			defer close(done)
		}
		for range fate.times {
			s.tell(notice{address, form})
		}
	})
}

// fate is what happens to one callback.
type fate struct {
	times int
	late  time.Duration
}

// mischief must be called with the lock held.
func (s *Sim) mischief() fate {
	m, f := s.config.Mischief, fate{times: 1}
	if s.chance.Float64() < m.Double {
		f.times = 2
	}
	if s.chance.Float64() < m.Drop {
		f.times = 0
	}
	if s.chance.Float64() < m.Shuffle {
		f.late = time.Duration(1 + s.chance.Int64N(int64(3*time.Second)))
	}
	if s.chance.Float64() < m.Delay {
		f.late = s.lateness()
	}
	return f
}

// lateness must be called with the lock held.
func (s *Sim) lateness() time.Duration {
	late := s.config.Mischief.Late
	if late == 0 {
		late = time.Hour
	}
	return late/2 + time.Duration(s.chance.Int64N(int64(late/2)+1))
}

// tell posts one callback. An answer that is not good is a problem; Twilio
// would only note it.
func (s *Sim) tell(n notice) {
	r, err := s.post(context.WithoutCancel(s.life), n.address, n.form)
	switch {
	case err != nil:
		s.problem("%v", err)
	case r.status/100 != 2:
		s.problem("callback %s was answered with %d", n.address, r.status)
	}
}
