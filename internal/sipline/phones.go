package sipline

import (
	"context"
	"net/netip"
	"sync/atomic"
)

// phones are the addresses of agents' telephones that are no trunk's: a call of
// ours may be put through from one to another.
type phones struct {
	list func() []string // numbers and SIP URIs; nil for none
	at   atomic.Pointer[map[netip.Addr]bool]
}

// has reports whether a telephone of an agent is at an address.
func (p *phones) has(a netip.Addr) bool {
	known := p.at.Load()
	return known != nil && (*known)[a]
}

// lookUpPhones keeps in mind where the telephones of agents are.
func (l *Line) lookUpPhones(ctx context.Context) {
	for {
		known := map[netip.Addr]bool{}
		for _, addr := range l.phones.list() {
			hops, err := l.hops(addr)
			if err != nil || len(hops) == 0 || hops[0].trunk != nil {
				continue
			}
			all, err := hops[0].place.addrs(ctx)
			if err != nil {
				l.log.Debug("telephone not found", "addr", addr, "err", err)
			}
			for _, a := range all {
				known[a.Addr()] = true
			}
		}
		l.phones.at.Store(&known)
		if !sleep(ctx, resolveFor) {
			return
		}
	}
}
