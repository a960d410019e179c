package sipline

import (
	"net/netip"
	"testing"
	"time"
)

func TestBucketsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBuckets(10, 20)
	now := time.Now()
	for i := range 3 * maxSources {
		b.take(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now)
	}
	if got := len(b.by); got > maxSources {
		t.Errorf("%d sources are remembered, want at most %d", got, maxSources)
	}
	if !b.take(netip.MustParseAddr("192.0.2.1"), now.Add(time.Minute)) {
		t.Error("a new source is not heard after the others have gone")
	}
	six := newBuckets(1, 1)
	if !six.take(netip.MustParseAddr("2001:db8::1"), now) || six.take(netip.MustParseAddr("2001:db8::2"), now) {
		t.Error("two addresses of one /64 have a bucket each")
	}
}

// open lets everything pass.
func (b *buckets) open() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rate, b.burst = 1e9, 1e9
	clear(b.by)
}
