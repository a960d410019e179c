package accounts

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Not parallel: the others would count in the memory that is measured.
func TestLongNamesTakeNoMemory(t *testing.T) {
	var a attempts
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	now := time.Now()
	for i := range 64 {
		a.take(now, fmt.Sprint(i)+strings.Repeat("x", 1<<20), "192.0.2.1")
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("64 names of a MiB take %d MiB", grown>>20)
	}
	runtime.KeepAlive(&a)
}

func TestTriesOfANetwork(t *testing.T) {
	t.Parallel()
	var a attempts
	now := time.Now()
	for i := range triesAtOnce {
		if wait := a.take(now, fmt.Sprint(i), fmt.Sprintf("2001:db8::%x", i)); wait > 0 {
			t.Fatalf("try %d waits %s", i, wait)
		}
	}
	if a.take(now, "another", "2001:db8::1:2") == 0 {
		t.Error("another address of the same /64 has tries of its own")
	}
	for _, other := range []string{"2001:db8:0:1::1", "192.0.2.1", "192.0.2.2"} {
		if wait := a.take(now, other, other); wait > 0 {
			t.Errorf("%s waits %s", other, wait)
		}
	}
	a.forgive(now, "another", "2001:db8::3")
	if wait := a.take(now, "another", "2001:db8::4"); wait > 0 {
		t.Errorf("what was given back is kept from the /64: %s", wait)
	}
}
