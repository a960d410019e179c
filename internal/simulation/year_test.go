//go:build year

package simulation

import (
	"flag"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// halves are those of a year.
var halves = map[string]struct {
	from time.Time
	days int
}{
	"January": {time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), 181},
	"July":    {time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC), 184},
}

var half = flag.String("half", "", "of the year that this process lives through")

// TestYear takes a minute, and is therefore asked for by its build tag. Its
// halves are lived through side by side, each by a process of its own on one
// processor: in a bubble one goes on after the other, and to have them wake each
// other up on another processor takes half as long again.
func TestYear(t *testing.T) {
	t.Parallel()
	for name := range halves {
		t.Run("from "+name, func(t *testing.T) {
			t.Parallel()
			c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHalf$", "-test.v", "-test.timeout=50m", "-seed="+flag.Lookup("seed").Value.String(), "-half="+name)
			c.Env = append(os.Environ(), "GOMAXPROCS=1")
			said, err := c.CombinedOutput()
			t.Logf("%s", said)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestHalf lives through the half of a year that it is given.
func TestHalf(t *testing.T) {
	h, ok := halves[*half]
	if !ok {
		t.Skip("TestYear runs it, once for each half")
	}
	p := usual(*seed, h.days)
	p.from = h.from
	liveUntil(t, p, append(slices.Clone(sometimes), "served, and not called back")...)
}
