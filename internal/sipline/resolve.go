package sipline

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// resolveWithin is how long a call waits for the DNS before it goes to the
// last address that was known.
const resolveWithin = 2 * time.Second

// resolveFor is how long addresses are used without asking again.
const resolveFor = time.Minute

// A Resolver looks names up. [net.Resolver] is one.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// A place remembers the addresses of a target.
type place struct {
	target   target
	resolver Resolver
	now      func() time.Time

	asking sync.Mutex // one question at a time
	mu     sync.Mutex
	last   []netip.AddrPort // good until something better is known
	at     time.Time
}

// addrs returns where to send, best first. When the DNS fails the last good
// answer stands.
func (p *place) addrs(ctx context.Context) ([]netip.AddrPort, error) {
	if last, fresh := p.known(); fresh {
		return last, nil
	}
	p.asking.Lock()
	defer p.asking.Unlock()
	last, fresh := p.known() // somebody else may have asked meanwhile
	if fresh {
		return last, nil
	}
	ctx, stop := context.WithTimeout(ctx, resolveWithin)
	defer stop()
	found, err := p.lookup(ctx)
	if err != nil && len(last) == 0 {
		return nil, fmt.Errorf("look up %s: %w", p.target.host, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = p.now()
	if err == nil {
		p.last = found
	}
	return slices.Clone(p.last), nil
}

func (p *place) known() (last []netip.AddrPort, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.last), len(p.last) > 0 && p.now().Sub(p.at) < resolveFor
}

// has reports whether an address is one of this place, without asking.
func (p *place) has(a netip.Addr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.last, func(ap netip.AddrPort) bool { return ap.Addr() == a })
}

// lookup is RFC 3263, 4.2: an address as it stands, a name with a port by A
// and AAAA, a name alone by SRV first.
func (p *place) lookup(ctx context.Context) ([]netip.AddrPort, error) {
	t := p.target
	if ip, err := netip.ParseAddr(strings.Trim(t.host, "[]")); err == nil {
		return []netip.AddrPort{netip.AddrPortFrom(ip.Unmap(), defaultPort(t))}, nil
	}
	if t.port == 0 {
		service, proto := "sip", t.network
		if t.network == "tls" {
			service, proto = "sips", "tcp"
		}
		if _, records, err := p.resolver.LookupSRV(ctx, service, proto, t.host); err == nil {
			if all := p.lookupAll(ctx, records); len(all) > 0 {
				return all, nil
			}
		}
	}
	return p.lookupHost(ctx, t.host, defaultPort(t))
}

// lookupAll keeps the order of the records, which is by priority and weight.
func (p *place) lookupAll(ctx context.Context, records []*net.SRV) (all []netip.AddrPort) {
	for _, r := range records {
		found, err := p.lookupHost(ctx, strings.TrimSuffix(r.Target, "."), r.Port)
		if err == nil {
			all = append(all, found...)
		}
	}
	return all
}

func (p *place) lookupHost(ctx context.Context, host string, port uint16) ([]netip.AddrPort, error) {
	ips, err := p.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	if len(ips) == 0 {
		return nil, errors.New("no addresses")
	}
	slices.SortStableFunc(ips, func(a, b netip.Addr) int { // IPv4 first: carriers' IPv6 is rare
		return boolToInt(b.Unmap().Is4()) - boolToInt(a.Unmap().Is4())
	})
	var all []netip.AddrPort
	for _, ip := range ips {
		all = append(all, netip.AddrPortFrom(ip.Unmap(), port))
	}
	return all, nil
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func defaultPort(t target) uint16 {
	switch {
	case t.port != 0:
		return uint16(t.port)
	case t.network == "tls":
		return 5061
	}
	return 5060
}
