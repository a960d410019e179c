package sipline

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// A hop is one way to reach the called party.
type hop struct {
	trunk *trunk // nil for a SIP URI that is no trunk's
	place *place
	uri   sip.Uri
	name  string // of the host, for a certificate
	last  bool   // there is no other way
}

// hops lists the ways to an address: a number goes by every trunk in turn, a
// SIP URI straight to its host.
func (l *Line) hops(addr string) ([]hop, error) {
	if !strings.Contains(addr, ":") {
		if !isNumber(addr) {
			return nil, fmt.Errorf("%w: %q", errAddr, cut(addr))
		}
		var all []hop
		for _, t := range l.trunks {
			u := sip.Uri{Scheme: "sip", User: addr, Host: t.target.host, Port: t.target.port}
			all = append(all, hop{trunk: t, place: t.place, uri: u, name: t.target.host})
		}
		return all, nil
	}
	var u sip.Uri
	if err := sip.ParseUri(addr, &u); err != nil || !printable(addr) || (u.Scheme != "sip" && u.Scheme != "sips") || u.Host == "" {
		return nil, fmt.Errorf("%w: %q", errAddr, cut(addr))
	}
	u.Headers = nil
	for _, t := range l.trunks {
		if strings.EqualFold(t.target.host, u.Host) && (u.Port == 0 || u.Port == t.target.port) {
			u.Port = t.target.port
			return []hop{{trunk: t, place: t.place, uri: u, name: u.Host}}, nil
		}
	}
	return []hop{{place: l.places.of(&u), uri: u, name: u.Host}}, nil
}

// places remembers the hosts of SIP URIs, which are those of agents and few.
type places struct {
	resolver Resolver
	now      func() time.Time

	mu sync.Mutex
	by map[target]*place
}

// maxPlaces bounds what is remembered.
const maxPlaces = 1024

func (p *places) of(u *sip.Uri) *place {
	t := target{network: "udp", host: u.Host, port: u.Port}
	if n, ok := u.UriParams.Get("transport"); ok {
		t.network = strings.ToLower(n)
	}
	if u.Scheme == "sips" {
		t.network = "tls"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if found := p.by[t]; found != nil {
		return found
	}
	if len(p.by) >= maxPlaces {
		clear(p.by)
	}
	p.by[t] = &place{target: t, resolver: p.resolver, now: p.now}
	return p.by[t]
}
