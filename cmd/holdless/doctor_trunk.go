package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/holdless/holdless/internal/phone"
)

// lookAtTrunks asks each trunk by OPTIONS whether it is there.
func lookAtTrunks(ctx context.Context, c config) []symptom {
	if len(c.SIP.Trunks) == 0 {
		return []symptom{{poor, "trunks: there are none; nobody can call or be called", "add one to sip.trunks"}}
	}
	p, err := phone.Open(phone.Config{Listen: "0.0.0.0:0", User: "holdless"})
	if err != nil {
		return []symptom{{ill, "trunks: " + err.Error(), ""}}
	}
	var all []symptom
	for _, name := range slices.Sorted(maps.Keys(c.SIP.Trunks)) {
		all = append(all, askTrunk(ctx, p, name, c.SIP.Trunks[name].Host))
	}
	if err := p.Close(); err != nil {
		all = append(all, symptom{poor, "trunks: " + err.Error(), ""})
	}
	return all
}

func askTrunk(ctx context.Context, p *phone.Phone, name, host string) symptom {
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	began := time.Now()
	code, err := p.Options(ctx, host)
	switch {
	case errors.Is(err, phone.ErrTransport):
		return symptom{poor, fmt.Sprintf("trunk %s: %s is reached by TCP or TLS, which is not asked from here", name, host), "see /readyz of the service"}
	case err != nil:
		return symptom{ill, fmt.Sprintf("trunk %s: no answer from %s to OPTIONS: %v", name, host, err), "see host, the firewall, and that the carrier knows our address"}
	case code >= 300:
		return symptom{poor, fmt.Sprintf("trunk %s: %s answers OPTIONS with %d", name, host, code), "it is there; ask the carrier if calls fail"}
	}
	return symptom{good, fmt.Sprintf("trunk %s: %s answers in %s", name, host, time.Since(began).Round(time.Millisecond)), ""}
}
