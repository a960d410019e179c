package sipline

import (
	"net/netip"
	"sync"
	"time"
)

// A bucket lets a burst pass, and then so many a second.
type bucket struct {
	tokens float64
	at     time.Time
}

// take takes one token, if there is one.
func (b *bucket) take(now time.Time, rate, burst float64) bool {
	b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()*rate)
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// maxSources bounds what a flood of sources can make us remember. Those that
// come after share one bucket.
const maxSources = 4096

// buckets has a bucket for each source.
type buckets struct {
	rate, burst float64

	mu     sync.Mutex
	by     map[netip.Addr]*bucket
	shared bucket
}

func newBuckets(rate, burst float64) *buckets {
	return &buckets{rate: rate, burst: burst, by: map[netip.Addr]*bucket{}}
}

// take reports whether a source may be heard once more.
func (b *buckets) take(src netip.Addr, now time.Time) bool {
	if src.Is6() {
		// Whoever has one address of IPv6 has the /64.
		p, err := src.Prefix(64)
		if err != nil {
			return false
		}
		src = p.Addr()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.by[src]
	if k == nil && len(b.by) >= maxSources {
		b.forget(now)
	}
	if k == nil && len(b.by) >= maxSources {
		return b.shared.take(now, b.rate, b.burst)
	}
	if k == nil {
		k = &bucket{tokens: b.burst, at: now}
		b.by[src] = k
	}
	return k.take(now, b.rate, b.burst)
}

// forget drops the sources whose buckets have filled up again: they are as
// good as new.
func (b *buckets) forget(now time.Time) {
	full := time.Duration(b.burst / b.rate * float64(time.Second))
	for src, k := range b.by {
		if now.Sub(k.at) > full {
			delete(b.by, src)
		}
	}
}
