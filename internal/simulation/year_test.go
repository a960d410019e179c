//go:build year

package simulation

import (
	"testing"
	"time"
)

// TestYear takes minutes, and is therefore asked for by its build tag.
func TestYear(t *testing.T) {
	t.Parallel()
	p := usual(*seed, 365)
	p.from = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	live(t, p).judge(sometimes...)
}
