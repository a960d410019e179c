package scheduler

import "sync"

// hands bounds how much is done at the same time.
type hands struct {
	max   int
	freed func() // called when one becomes free after none was

	mu   sync.Mutex
	busy int
}

// take takes those that are free, so many at the most, and returns how many.
func (h *hands) take(most int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := min(h.max-h.busy, most)
	h.busy += n
	return n
}

// some reports whether any is in use.
func (h *hands) some() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.busy > 0
}

// back gives back n that had nothing to do.
func (h *hands) back(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy -= n
}

// done gives back one that has done its work.
func (h *hands) done() {
	h.mu.Lock()
	none := h.busy == h.max
	h.busy--
	h.mu.Unlock()
	if none {
		h.freed()
	}
}
