package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/internal/phone"
)

// lookAtTrunks asks each trunk by OPTIONS whether it is there.
func lookAtTrunks(ctx context.Context, c config) []symptom {
	if len(c.SIP.Trunks) == 0 {
		return []symptom{{poor, "trunks: there are none; nobody can call or be called", "add one to sip.trunks"}}
	}
	var all []symptom
	for _, name := range slices.Sorted(maps.Keys(c.SIP.Trunks)) {
		all = append(all, askTrunk(ctx, name, c.SIP.Trunks[name].Host))
	}
	return all
}

func askTrunk(ctx context.Context, name, host string) symptom {
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	began := time.Now()
	if strings.HasPrefix(host, "tcp:") || strings.HasPrefix(host, "tls:") {
		return symptom{poor, fmt.Sprintf("trunk %s: %s is reached by TCP or TLS, which is not asked from here", name, host), "see /readyz of the service"}
	}
	code, err := options(ctx, host)
	switch {
	case err != nil:
		return symptom{ill, fmt.Sprintf("trunk %s: no answer from %s to OPTIONS: %v", name, host, err), "see host, the firewall, and that the carrier knows our address"}
	case code >= 300:
		return symptom{poor, fmt.Sprintf("trunk %s: %s answers OPTIONS with %d", name, host, code), "it is there; ask the carrier if calls fail"}
	}
	return symptom{good, fmt.Sprintf("trunk %s: %s answers in %s", name, host, time.Since(began).Round(time.Millisecond)), ""}
}

// options asks from the address that packets to the host leave from.
func options(ctx context.Context, host string) (code int, err error) {
	host = strings.TrimPrefix(host, "udp:")
	addr := host
	if _, _, err := net.SplitHostPort(host); err != nil {
		addr = net.JoinHostPort(host, "5060") // RFC 3261, 19.1.2
	}
	route, err := (&net.Dialer{}).DialContext(ctx, "udp", addr)
	if err != nil {
		return 0, err
	}
	from, _, err := net.SplitHostPort(route.LocalAddr().String())
	if err = errors.Join(err, route.Close()); err != nil {
		return 0, err
	}
	p, err := phone.Open(phone.Config{Listen: net.JoinHostPort(from, "0"), User: "holdless"})
	if err != nil {
		return 0, err
	}
	code, err = p.Options(ctx, host)
	return code, errors.Join(err, p.Close())
}
