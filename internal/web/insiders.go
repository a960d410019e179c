package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"

	"github.com/holdless/holdless/internal/accounts"
)

// MetricsConfig says who may read /metrics, and at /readyz what is missing.
type MetricsConfig struct {
	Allow []string `yaml:"allow"` // addresses and networks; none for everybody
}

func (m MetricsConfig) networks() ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, written := range m.Allow {
		network, err := netip.ParsePrefix(written)
		if ip, ipErr := netip.ParseAddr(written); ipErr == nil {
			network, err = netip.PrefixFrom(ip, ip.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("allow: %q is neither an address nor a network like 10.0.0.0/8", written)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}

// inside reports whether a request comes from where metrics may be read.
func (s *Server) inside(r *http.Request) bool {
	networks, err := s.Insiders.networks()
	if err != nil || len(s.Insiders.Allow) == 0 {
		return err == nil
	}
	ip, err := netip.ParseAddr(accounts.Address(r))
	return err == nil && slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(ip.Unmap()) })
}

func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	if !s.inside(r) {
		plain(w, http.StatusForbidden, "Not from this address: see http.metrics.allow.\n")
		return
	}
	s.Metrics.ServeHTTP(w, r)
}
