package media

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// quarantine is how long a used pair of ports rests, so that late packets of
// one call cannot reach the next.
const quarantine = 30 * time.Second

// ports hands out pairs of an even port for RTP and the odd one above it for
// RTCP (RFC 3550, 11), at random, so that they cannot be guessed.
type ports struct {
	first, pairs int

	mu    sync.Mutex
	inUse map[int]bool
	rests map[int]time.Time
	now   func() time.Time
}

// A pair is two sockets of one call.
type pair struct {
	port int
	rtp  *socket
	rtcp *socket
}

func newPorts(low, high int) *ports {
	first := low + low%2
	return &ports{
		first: first, pairs: (high - first + 1) / 2,
		inUse: map[int]bool{}, rests: map[int]time.Time{}, now: time.Now,
	}
}

func (p *ports) open(ip netip.Addr) (*pair, error) {
	if p.pairs <= 0 {
		return nil, ErrNoPorts
	}
	start := rand.IntN(p.pairs)
	for i := range p.pairs {
		port := p.first + 2*((start+i)%p.pairs)
		if !p.take(port) {
			continue
		}
		pair, err := bind(ip, port)
		if err == nil {
			return pair, nil
		}
		p.drop(port)
		if !errors.Is(err, syscall.EADDRINUSE) {
			return nil, err
		}
	}
	return nil, ErrNoPorts
}

func (p *ports) take(port int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inUse[port] || p.now().Before(p.rests[port]) {
		return false
	}
	delete(p.rests, port)
	p.inUse[port] = true
	return true
}

// drop gives back a port that another program has.
func (p *ports) drop(port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.inUse, port)
}

// rest puts a used port into quarantine.
func (p *ports) rest(port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.inUse, port)
	p.rests[port] = p.now().Add(quarantine)
}

func bind(ip netip.Addr, port int) (*pair, error) {
	rtp, err := listen(netip.AddrPortFrom(ip, uint16(port)))
	if err != nil {
		return nil, err
	}
	rtcp, err := listen(netip.AddrPortFrom(ip, uint16(port+1)))
	if err != nil {
		rtp.close()
		return nil, err
	}
	return &pair{port: port, rtp: rtp, rtcp: rtcp}, nil
}
