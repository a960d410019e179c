package sipline

import (
	"sync"
	"time"
)

// tasks are what a line still does on its own, calls and last messages. New
// ones may begin while somebody waits for the end of all.
type tasks struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n comes to 0; nil when nobody waits
}

// Go runs f on its own.
func (t *tasks) Go(f func()) {
	done := t.begin()
	go func() {
		defer done()
		f()
	}()
}

// begin counts a task that runs already.
func (t *tasks) begin() (done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n++
	return sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.n--; t.n == 0 && t.idle != nil {
			close(t.idle)
			t.idle = nil
		}
	})
}

// wait returns when all tasks are done, or after d.
func (t *tasks) wait(d time.Duration) {
	t.mu.Lock()
	if t.n == 0 {
		t.mu.Unlock()
		return
	}
	if t.idle == nil {
		t.idle = make(chan struct{})
	}
	idle := t.idle
	t.mu.Unlock()
	late := time.NewTimer(d)
	defer late.Stop()
	select {
	case <-idle:
	case <-late.C:
	}
}
