//go:build !linux || portable

package media

import (
	"os"
	"sync"
	"time"
)

// A pacer counts steps by the clock, so that ticks lost by the ticker are
// made good.
type pacer struct {
	ticker *time.Ticker
	start  time.Time
	step   time.Duration
	seen   int
	once   sync.Once
	done   chan struct{}
}

func newPacer(step time.Duration) (*pacer, error) {
	return &pacer{ticker: time.NewTicker(step), start: time.Now(), step: step, done: make(chan struct{})}, nil
}

// wait returns how many steps have passed since it was called last.
func (p *pacer) wait(*[8]byte) (int, error) {
	select {
	case <-p.ticker.C:
	case <-p.done:
		return 0, os.ErrClosed
	}
	now := int(time.Since(p.start) / p.step)
	due := now - p.seen
	p.seen = now
	return due, nil
}

// close ends a wait.
func (p *pacer) close() {
	p.once.Do(func() {
		p.ticker.Stop()
		close(p.done)
	})
}
