package sipline

import (
	"testing"

	"github.com/holdless/holdless/internal/linetest"
)

// TestWalks holds talks with keys at random over SIP and RTP. They take as long as
// people do who wait and press keys, so many are held at once.
func TestWalks(t *testing.T) {
	t.Parallel()
	linetest.Stroll(t, 21, 125, newTown(t).visitor)
}
