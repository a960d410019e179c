//go:build year

package simulation

import (
	"slices"
	"testing"
	"time"
)

// TestYear takes a minute, and is therefore asked for by its build tag. Its
// halves are lived through side by side, one on each of two processors.
func TestYear(t *testing.T) {
	t.Parallel()
	for _, half := range []struct {
		name string
		from time.Time
		days int
	}{
		{"from January", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), 181},
		{"from July", time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC), 184},
	} {
		t.Run(half.name, func(t *testing.T) {
			t.Parallel()
			p := usual(*seed, half.days)
			p.from = half.from
			liveUntil(t, p, append(slices.Clone(sometimes), "served, and not called back")...)
		})
	}
}
