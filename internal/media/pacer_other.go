//go:build !linux || portable

package media

import (
	"os"
	"sync"
	"time"
)

// A pacer waits by the timers of the runtime.
type pacer struct {
	once sync.Once
	done chan struct{}
}

func newPacer() (*pacer, error) { return &pacer{done: make(chan struct{})}, nil }

// wait returns at a time, not before it.
func (p *pacer) wait(until time.Time) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-p.done:
		return os.ErrClosed
	}
}

// close ends a wait.
func (p *pacer) close() { p.once.Do(func() { close(p.done) }) }
