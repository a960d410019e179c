package sipline

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// names is a DNS of our own.
type names struct {
	srv   map[string][]*net.SRV
	hosts map[string][]netip.Addr
	slow  time.Duration
	fail  bool
	asked int
}

var errName = errors.New("no such host")

func (n *names) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if r := n.srv["_"+service+"._"+proto+"."+name]; r != nil && !n.fail {
		return "", r, nil
	}
	return "", nil, errName
}

func (n *names) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	n.asked++
	select {
	case <-time.After(n.slow):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if r := n.hosts[host]; r != nil && !n.fail {
		return r, nil
	}
	return nil, errName
}

// TestResolve is RFC 3263 and fault F9.
func TestResolve(t *testing.T) {
	dns := func() *names {
		return &names{
			srv: map[string][]*net.SRV{
				"_sip._udp.carrier.example":  {{Target: "b.carrier.example.", Port: 5070}, {Target: "a.carrier.example.", Port: 5080}},
				"_sips._tcp.carrier.example": {{Target: "a.carrier.example.", Port: 5061}},
			},
			hosts: map[string][]netip.Addr{
				"a.carrier.example": {netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.1")},
				"b.carrier.example": {netip.MustParseAddr("192.0.2.2")},
				"plain.example":     {netip.MustParseAddr("192.0.2.3")},
			},
		}
	}
	tests := []struct{ host, want string }{
		{"carrier.example", "192.0.2.2:5070 192.0.2.1:5080 [2001:db8::1]:5080"},
		{"tls:carrier.example", "192.0.2.1:5061 [2001:db8::1]:5061"},
		{"plain.example", "192.0.2.3:5060"},
		{"tls:plain.example", "192.0.2.3:5061"},
		{"plain.example:5090", "192.0.2.3:5090"},
		{"192.0.2.9", "192.0.2.9:5060"},
		{"[2001:db8::9]:5070", "[2001:db8::9]:5070"},
	}
	for _, tt := range tests {
		t.Run(tt.host, func(t *testing.T) {
			target, err := parseTarget(tt.host)
			if err != nil {
				t.Fatal(err)
			}
			p := &place{target: target, resolver: dns(), now: time.Now}
			addrs, err := p.addrs(t.Context())
			var got []string
			for _, a := range addrs {
				got = append(got, a.String())
			}
			if err != nil || strings.Join(got, " ") != tt.want {
				t.Errorf("got %q (%v), want %q", got, err, tt.want)
			}
		})
	}
	t.Run("the last good answer stands", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := dns()
			p := &place{target: target{network: "udp", host: "plain.example"}, resolver: d, now: time.Now}
			if _, err := p.addrs(t.Context()); err != nil {
				t.Fatal(err)
			}
			asked := d.asked
			if _, err := p.addrs(t.Context()); err != nil || d.asked != asked {
				t.Errorf("asked again at once: %v", err)
			}
			pass(time.Hour)
			d.slow = time.Minute
			began := time.Now()
			addrs, err := p.addrs(t.Context())
			if err != nil || len(addrs) != 1 || time.Since(began) > resolveWithin {
				t.Errorf("got %v (%v) after %v", addrs, err, time.Since(began))
			}
		})
	})
	t.Run("nothing is known", func(t *testing.T) {
		p := &place{target: target{network: "udp", host: "nowhere.example"}, resolver: dns(), now: time.Now}
		if _, err := p.addrs(t.Context()); !errors.Is(err, errName) {
			t.Errorf("got %v", err)
		}
	})
}
