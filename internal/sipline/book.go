package sipline

import (
	"net/netip"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// A book has all live calls.
type book struct {
	max int

	mu       sync.Mutex
	by       map[dialogID]*leg
	calls    map[string]int // by Call-ID, from the INVITE on
	live     int
	draining bool
	idle     chan struct{}
}

// A dialogID is our side's name of a dialog (RFC 3261, 12).
type dialogID struct{ callID, tag string }

func newBook(limit int) book {
	return book{max: limit, by: map[dialogID]*leg{}, calls: map[string]int{}, idle: make(chan struct{})}
}

// admit says why no new call can come in now.
func (b *book) admit(string) *rejection {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.draining:
		return &rejection{503, "Service Unavailable", "Retry-After: " + retryAfterDrain}
	case b.live >= b.max:
		return &rejection{503, "Service Unavailable", "Retry-After: " + retryAfterBusy}
	}
	return nil
}

// enter counts a call from its INVITE on; leave must follow.
func (b *book) enter(callID string) (leave func(), ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.draining || b.live >= b.max {
		return nil, false
	}
	b.live++
	b.calls[callID]++
	return sync.OnceFunc(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.live--
		if b.calls[callID]--; b.calls[callID] == 0 {
			delete(b.calls, callID)
		}
		b.settle()
	}), true
}

// settle tells whoever drains that nothing is left.
func (b *book) settle() {
	if b.draining && b.live == 0 {
		select {
		case <-b.idle:
		default:
			close(b.idle)
		}
	}
}

// drain lets nobody in any more. The channel is closed when all have left.
func (b *book) drain() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.draining = true
	b.settle()
	return b.idle
}

func (b *book) has(callID string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[callID] > 0
}

// carries reports whether calls are up whose signalling goes to an address.
func (b *book) carries(a netip.AddrPort) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.by {
		if l.dialog.way.addr == a {
			return true
		}
	}
	return false
}

func (b *book) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.live
}

func (b *book) put(l *leg) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.by[l.dialog.id()] = l
}

func (b *book) drop(l *leg) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.by, l.dialog.id())
}

func (b *book) legs() (all []*leg) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.by {
		all = append(all, l)
	}
	return all
}

// find returns the leg that a request belongs to (RFC 3261, 12.2.2).
func (b *book) find(r *sip.Request) *leg {
	to, _ := r.To().Params.Get("tag")
	from, _ := r.From().Params.Get("tag")
	return b.dialog(r.CallID().Value(), to, from)
}

// dialog returns the leg of a dialog: ours is the To tag of what others send.
func (b *book) dialog(callID, to, from string) *leg {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.by[dialogID{callID, to}]
	if l == nil || l.dialog.remoteTag() != from {
		return nil
	}
	return l
}
