package phone

import (
	"context"
	"fmt"

	"github.com/emiago/sipgo/sip"
)

// Options asks another end whether it is there (RFC 3261, 11), and returns the
// status of its answer. Host is name[:port].
func (p *Phone) Options(ctx context.Context, host string) (int, error) {
	target, err := p.uri("sip:" + host)
	if err != nil {
		return 0, err
	}
	req := sip.NewRequest(sip.OPTIONS, target)
	req.AppendHeader(p.contact(req.Transport()))
	res, err := p.client.Do(ctx, req, outside)
	if err != nil {
		return 0, fmt.Errorf("ask %s: %w", host, err)
	}
	return res.StatusCode, nil
}
