package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/holdless/holdless/internal/web"
)

// checks are what must hold for callers to be served.
func (s *service) checks() []web.Check {
	steady := &steady{}
	return []web.Check{
		{Name: "database", Do: s.store.Ping},
		{Name: "disk", Do: func(context.Context) error { return roomIn(s.config.Data) }},
		{Name: "clock", Do: func(context.Context) error { return steady.look(time.Now(), time.Since(s.began)) }},
		{Name: "trunks", Do: s.trunksUp},
	}
}

// leastRoom is how many bytes of disk must be free: with less, the next
// promises may not be written.
const leastRoom = 64 << 20

// roomIn reports that a disk is nearly full. What does not tell is not.
func roomIn(dir string) error {
	free, _, err := freeSpace(dir)
	if err == nil && free < leastRoom {
		return fmt.Errorf("%d MB are free in %s: make room", free>>20, dir)
	}
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

const (
	jump = time.Minute // what a time server corrects is less
	calm = time.Minute // how long after a jump nothing is promised by this clock
)

// steady notices when the clock on the wall moves otherwise than time passes:
// it was set, or the machine stood still.
type steady struct {
	mu     sync.Mutex
	wall   time.Time     // at the last look
	passed time.Duration // since the process began, then
	jumped time.Duration // when, by passed; 0 for never
	by     time.Duration
}

// look compares the clock with the time that passed since the process began.
func (s *steady) look(wall time.Time, passed time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	wall = wall.Round(0) // without the reading that cannot jump
	off := wall.Sub(s.wall) - (passed - s.passed)
	if !s.wall.IsZero() && off.Abs() > jump {
		s.jumped, s.by = passed, off
	}
	s.wall, s.passed = wall, passed
	if s.by != 0 && passed-s.jumped < calm {
		return fmt.Errorf("it jumped by %s %s ago: keep it right with NTP", s.by.Round(time.Second), (passed - s.jumped).Round(time.Second))
	}
	return nil
}
