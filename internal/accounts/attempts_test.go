package accounts

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/limits"
)

// Not parallel: the others would count in the memory that is measured.
func TestLongNamesTakeNoMemory(t *testing.T) {
	var g Registry
	g.Now = time.Now
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 64 {
		_ = g.try(t.Context(), tries(fmt.Sprint(i)+strings.Repeat("x", 1<<20), "192.0.2.1")...) // some are refused
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("64 names of a MiB take %d MiB", grown>>20)
	}
	runtime.KeepAlive(&g)
}

func TestTriesOfANetwork(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := Registry{Now: func() time.Time { return now }, Limits: &limits.Memory{}}
	for i := range triesAtOnce {
		if err := g.try(t.Context(), tries(fmt.Sprint(i), fmt.Sprintf("2001:db8::%x", i))...); err != nil {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	if g.try(t.Context(), tries("another", "2001:db8::1:2")...) == nil {
		t.Error("another address of the same /64 has tries of its own")
	}
	for _, other := range []string{"2001:db8:0:1::1", "192.0.2.1", "192.0.2.2"} {
		if err := g.try(t.Context(), tries(other, other)...); err != nil {
			t.Errorf("%s: %v", other, err)
		}
	}
	g.forgive(t.Context(), "another", "2001:db8::3")
	if err := g.try(t.Context(), tries("another", "2001:db8::4")...); err != nil {
		t.Errorf("what was given back is kept from the /64: %v", err)
	}
}
