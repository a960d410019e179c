package desk

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/holdless/holdless/callback"
)

// Run reads the journal on and tells the browsers, until ctx is done.
func (s *Server) Run(ctx context.Context) error {
	defer s.hub.close()
	if err := s.begin(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // it was told to end before it had begun
		}
		return err
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var warned []byte
	var team []callback.Status
	var told, beat time.Time // up to when it is known what comes, and what time it was when that was told last
	for minute, second := time.Now(), time.Now(); ; {
		select {
		case <-s.Desk.News():
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		if err := s.catchUp(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("desks not told", "err", err)
		}
		if time.Since(second) < warnEvery {
			continue
		}
		second = time.Now()
		if jumped(s.Desk.Now().Sub(beat), time.Since(minute)) || time.Since(minute) > beatEvery {
			minute, beat = time.Now(), s.Desk.Now()
			s.hub.tell(0, []event{{s.beat(), everybody}})
		}
		told = s.comes(ctx, told)
		if !s.hub.empty() {
			warned, team = s.warn(ctx, warned), s.turns(ctx, team)
		}
	}
}

// jumped reports whether a clock has gone faster than time did, as that of a
// demonstration may.
func jumped(clock, really time.Duration) bool { return clock-really > beatEvery/3 }

// begin finds the end of the journal, once, before anybody listens: a browser
// that is here before the reader must not miss what happens in between.
func (s *Server) begin(ctx context.Context) error {
	s.beginning.Lock()
	defer s.beginning.Unlock()
	if s.begun {
		return nil
	}
	end, err := s.Desk.LastEntry(ctx)
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	s.hub.tell(end, nil)
	s.begun = true
	return nil
}

// warn tells what everybody has to know now, if that is something else than
// before, and returns it.
func (s *Server) warn(ctx context.Context, before []byte) []byte {
	now := s.warning(ctx)
	if now != nil && !bytes.Equal(now, before) {
		s.hub.tell(0, []event{{now, everybody}})
	}
	return now
}

// catchUp tells all that is new in the journal.
func (s *Server) catchUp(ctx context.Context) error {
	for {
		entries, err := s.Desk.Journal(ctx, s.hub.last(), readMost)
		if err != nil || len(entries) == 0 {
			return err
		}
		end := entries[len(entries)-1].Seq
		if !s.hub.skip(end) {
			events, err := s.eventsOf(ctx, entries)
			if err != nil {
				return err
			}
			s.hub.tell(end, events)
		}
		if len(entries) < readMost {
			return nil
		}
	}
}

// eventsOf makes events of entries: one for each callback, however often it has
// changed, and those for the people themselves.
func (s *Server) eventsOf(ctx context.Context, entries []callback.Entry) ([]event, error) {
	entries, err := s.withPromises(ctx, entries)
	if err != nil {
		return nil, err
	}
	last := map[string]int64{}
	for _, e := range entries {
		if e.Callback != "" {
			last[e.Callback] = e.Seq
		}
	}
	var events []event
	for _, e := range entries {
		events = append(events, s.ended(e)...)
		if e.Kind == "person.erased" {
			events = append(events, event{wire(e.Seq, "fresh", "erased"), everybody})
		}
		if agent, state := stateOf(e); agent != "" {
			events = append(events, event{wire(e.Seq, "me", state), only(agent)})
			if words := s.setBy(e); words != "" {
				events = append(events, event{wire(e.Seq, "set", words), only(agent)})
			}
		}
		if last[e.Callback] != e.Seq {
			continue
		}
		more, err := s.changed(ctx, e)
		if err != nil {
			return nil, err
		}
		events = append(events, more...)
	}
	return append(events, s.briefs(ctx, entries)...), nil
}

// ended has it looked at whether somebody is still let in whose account has
// changed.
func (s *Server) ended(e callback.Entry) []event {
	if s.Ends == nil {
		return nil
	}
	if user := s.Ends(e); user != "" {
		return []event{{nil, func(p Person) bool { return p.Name == user }}}
	}
	return nil
}
