package sipline

import (
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/holdless/holdless/internal/linetest"
)

// TestWalks holds talks in which keys are pressed at random: the caller hears
// what the bare menu says, and the same is promised. HOLDLESS_WALKS says how
// many; make walks holds 1,000.
func TestWalks(t *testing.T) {
	t.Parallel()
	n, err := strconv.Atoi(os.Getenv("HOLDLESS_WALKS"))
	if err != nil {
		n = 21
	}
	atOnce := make(chan struct{}, 21)
	var all sync.WaitGroup
	for _, walk := range linetest.Walks(t, n) {
		atOnce <- struct{}{}
		all.Go(func() {
			defer func() { <-atOnce }()
			t.Run(walk.Name, func(t *testing.T) { linetest.HoldWalk(t, walk, newVisitor) })
		})
	}
	all.Wait()
}
