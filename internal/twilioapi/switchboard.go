package twilioapi

import (
	"context"
	"sync"
	"time"
)

const (
	// longest is how long a call may last at Twilio; what nobody has told the
	// end of is forgotten after that.
	longest = 4*time.Hour + 10*time.Minute
	// memory is how long a call is remembered after its end: a callback that
	// comes late must not bring it back to life.
	memory = time.Hour
	// unheard is how long a call counts of which nobody can say whether it was
	// begun. If it was, a callback brings it back.
	unheard = 10 * time.Minute
)

// A switchboard knows which calls are live: those that we began, by their
// tokens, and all others that we have heard of, by their SIDs.
type switchboard struct {
	max int

	mu    sync.Mutex
	calls map[string]*live
	keys  map[string]string // by SID
	freed chan struct{}     // closed when a line becomes free
	swept time.Time
}

// live is what is known of one call.
type live struct {
	token  string
	sid    string // "" until it is known
	status Status
	since  time.Time     // when it was begun
	news   time.Time     // when it was last heard of
	rest   time.Time     // when it may be looked at again
	by     string        // what Twilio takes who answered for; "" until it has told
	known  chan struct{} // closed when sid is known
}

func newSwitchboard(most int) *switchboard {
	return &switchboard{max: most, calls: map[string]*live{}, keys: map[string]string{}, freed: make(chan struct{})}
}

// take waits for a free line and takes it.
func (s *switchboard) take(ctx context.Context, token string, now func() time.Time) error {
	for waited := false; ; waited = true {
		if ctx.Err() != nil && !waited {
			return context.Cause(ctx)
		}
		s.mu.Lock()
		s.sweep(now())
		if s.calls[token] != nil {
			s.mu.Unlock()
			return ErrKnown
		}
		if s.max == 0 || s.count() < s.max {
			s.add(token, &live{token: token, since: now(), news: now()})
			s.mu.Unlock()
			return nil
		}
		freed := s.freed
		s.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return ErrFull
		}
	}
}

// add must be called with the lock held.
func (s *switchboard) add(key string, l *live) *live {
	l.known = make(chan struct{})
	s.calls[key] = l
	return l
}

func (s *switchboard) count() int {
	n := 0
	for _, l := range s.calls {
		if !l.status.Final() {
			n++
		}
	}
	return n
}

// forget frees the line of a call that never was.
func (s *switchboard) forget(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(token)
	s.free()
}

func (s *switchboard) drop(key string) {
	if l := s.calls[key]; l != nil {
		delete(s.keys, l.sid)
		delete(s.calls, key)
	}
}

func (s *switchboard) free() {
	close(s.freed)
	s.freed = make(chan struct{})
}

// placed notes the SID of a call that we began.
func (s *switchboard) placed(token, sid string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.calls[token]
	if l == nil {
		l = s.add(token, &live{token: token, since: at, news: at})
	}
	s.identify(token, l, sid)
}

// lost notes when a call was begun of which we do not know whether it was.
func (s *switchboard) lost(token string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.calls[token]; l != nil {
		l.since = at
	}
}

func (s *switchboard) identify(key string, l *live, sid string) {
	if l.sid != "" || sid == "" {
		return
	}
	if old := s.keys[sid]; old != "" && old != key { // first heard of without its token
		l.status = s.calls[old].status
		delete(s.calls, old)
	}
	l.sid = sid
	s.keys[sid] = key
	close(l.known)
}

// heard notes how far a call has come; false when it was further already.
func (s *switchboard) heard(n News, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	key := s.key(n)
	l := s.calls[key]
	if l == nil {
		l = s.add(key, &live{token: n.Token, since: now})
	}
	s.identify(key, l, n.SID)
	l.news = now
	if !n.Status.After(l.status) {
		return false
	}
	l.status = n.Status
	if n.Status.Final() {
		s.free()
	}
	return true
}

func (s *switchboard) key(n News) string {
	key := s.keys[n.SID]
	switch {
	case key != "" && key != n.SID: // known by its token
		return key
	case n.Token != "":
		return n.Token
	}
	return n.SID
}

// sweep forgets what is long over. It must be called with the lock held.
func (s *switchboard) sweep(now time.Time) {
	if now.Sub(s.swept) < time.Minute {
		return
	}
	s.swept = now
	for key, l := range s.calls {
		quiet := now.Sub(l.news)
		if l.status.Final() && quiet > memory || l.sid == "" && quiet > unheard || quiet > longest {
			s.drop(key)
			s.free()
		}
	}
}

// expect makes room for what a callback may tell of a call from before a
// restart.
func (s *switchboard) expect(token string, since, now time.Time) live {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls[token] == nil {
		s.add(token, &live{token: token, since: since, news: now})
	}
	return *s.calls[token]
}

// look returns a copy of what is known of a call of ours.
func (s *switchboard) look(token string) (live, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.calls[token]; l != nil {
		return *l, true
	}
	return live{}, false
}

// all returns a copy of what is known of every live call.
func (s *switchboard) all(now time.Time) []live {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	var calls []live
	for _, l := range s.calls {
		if !l.status.Final() {
			calls = append(calls, *l)
		}
	}
	return calls
}

// rest leaves a call that could not be looked at in peace for a while.
func (s *switchboard) rest(sid string, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.calls[s.keys[sid]]; l != nil {
		l.rest = until
	}
}

// stranger tells whether no call but that of token has this SID.
func (s *switchboard) stranger(sid, token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.keys[sid]
	return key == "" || key == token || key == sid
}

// answered notes who has answered; false when that was told before.
func (s *switchboard) answered(sid, by string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.calls[s.keys[sid]]
	if l == nil {
		return true
	}
	first := l.by == ""
	l.by = by
	return first
}

func (s *switchboard) answeredBy(sid string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.calls[s.keys[sid]]; l != nil {
		return l.by
	}
	return ""
}
