package scheduler

import "sync"

// hands bounds how much is done at the same time.
type hands struct {
	max   int
	freed func() // called when hands become free after none was

	mu   sync.Mutex
	busy int
}

// take takes all that are free, and returns how many.
func (h *hands) take() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.max - h.busy
	h.busy = h.max
	return n
}

// give gives n of them back.
func (h *hands) give(n int) {
	h.mu.Lock()
	none := h.busy == h.max
	h.busy -= n
	h.mu.Unlock()
	if none && n > 0 {
		h.freed()
	}
}
