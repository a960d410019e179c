package interop

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// TestTwilioCrash kills the real program again and again while it dials over
// Twilio, which lives on, and which at times carries out an order and never
// answers. HOLDLESS_CRASH is the number of kills: then it must be ready again
// within 2 s, too.
func TestTwilioCrash(t *testing.T) {
	t.Parallel()
	kills, soon := 10, patience/4 // when everything else is tested beside it
	if n, err := strconv.Atoi(os.Getenv("HOLDLESS_CRASH")); err == nil {
		kills, soon = n, 2*time.Second
	}
	x, dir := openExchange(t, 0.05), t.TempDir()
	v := &victim{exchange: x, t: t, file: x.settings(t, dir)}
	n := 6 * kills
	promises(t, filepath.Join(dir, "data"), n, time.Duration(kills)*500*time.Millisecond)
	for i := range kills {
		if i%4 == 3 { // while it comes up
			v.begin()
			<-time.After(rand.N(300 * time.Millisecond))
		} else {
			v.start()
			<-time.After(rand.N(time.Second))
		}
		v.kill()
	}
	v.start()
	v.settle(filepath.Join(dir, "data"))
	v.hangsUp(filepath.Join(dir, "data"))
	v.kill()
	x.judge(t, v.kept(filepath.Join(dir, "data")), n)
	t.Logf("%d kills, %d orders carried out and not answered; ready after %s (median), %s (slowest)", kills, x.lost.Load(), v.median(), slices.Max(v.starts))
	if v.median() > soon {
		t.Errorf("half of the starts took longer than %s", soon)
	}
}
