package sipline

import (
	"context"
	"time"
)

// linger is how long a call goes on after our last word, which is still on its
// way, or waits in a jitter buffer: those of telephones hold up to 200 ms, and
// a BYE empties them.
const linger = 300 * time.Millisecond

// spoke notes that something was said until now.
func (l *leg) spoke() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = time.Now()
}

// linger lets the other side hear our last word.
func (l *leg) linger(ctx context.Context) {
	l.mu.Lock()
	rest := linger - time.Since(l.said)
	l.mu.Unlock()
	if rest <= 0 {
		return
	}
	heard := time.NewTimer(rest)
	defer heard.Stop()
	select {
	case <-heard.C:
	case <-l.gone:
	case <-ctx.Done():
	}
}
