package main

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	// garbage is how much may lie about before it is collected, in percent of
	// what is in use. A call leaves more garbage behind than it ever holds, so
	// at Go's own 100 most of what a few calls seem to need would be that.
	garbage = 25
	// mostGarbage is what a service with very many calls comes to.
	mostGarbage = 100
)

// A broom decides how much garbage may lie about. With few calls nearly all
// that lives is sound, and to collect often costs next to nothing. With many
// there is more to look through, and more garbage, so that to collect as often
// would cost one part in eight of all time. But then each call has brought
// memory of its own, and may bring some for garbage.
type broom struct {
	idle uint64 // bytes in use when the start was over
}

// settle gives back what only the start has needed. What lies in pools, as the
// 16 MB that migrations were read with, outlives one collection.
func settle() broom {
	runtime.GC()
	debug.FreeOSMemory()
	return broom{idle: inUse()}
}

// inUse is what the last collection has found in use, stacks included.
func inUse() uint64 {
	found := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}}
	metrics.Read(found)
	return found[0].Value.Uint64() + found[1].Value.Uint64()
}

// percent is how much garbage may lie about when so much is in use. What is
// used beyond a quarter more than at the start, as some 200 calls do, may lie
// about a second time.
func (b broom) percent(used uint64) int {
	usual := b.idle + b.idle/4
	if used <= usual {
		return garbage
	}
	return min(garbage+int(100*(used-usual)/used), mostGarbage)
}

// during sweeps as much as is needed while something is done, unless the
// operator has chosen for himself.
func (b broom) during(ctx context.Context, do func(context.Context) error) error {
	if os.Getenv("GOGC") != "" {
		return do(ctx)
	}
	watched, stop := context.WithCancel(context.WithoutCancel(ctx))
	var watch sync.WaitGroup
	defer watch.Wait()
	defer stop()
	debug.SetGCPercent(garbage)
	watch.Go(func() { b.watch(watched) })
	return do(ctx)
}

// watch looks every second. To set the percentage stops everything for a
// moment, so small changes are let be.
func (b broom) watch(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for now := garbage; ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if want := b.percent(inUse()); want >= now+5 || want <= now-5 {
			debug.SetGCPercent(want)
			now = want
		}
	}
}
