package phone

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// ErrTransport means that an address wants another transport than UDP.
var ErrTransport = errors.New("not reached by UDP")

// Options asks another end whether it is there (RFC 3261, 11), and returns the
// status of its answer. Host is name[:port], with udp: before it or not.
func (p *Phone) Options(ctx context.Context, host string) (int, error) {
	if strings.HasPrefix(host, "tcp:") || strings.HasPrefix(host, "tls:") {
		return 0, ErrTransport
	}
	target, err := p.uri("sip:" + strings.TrimPrefix(host, "udp:"))
	if err != nil {
		return 0, err
	}
	req := sip.NewRequest(sip.OPTIONS, target)
	req.AppendHeader(p.contact())
	res, err := p.client.Do(ctx, req)
	if err != nil {
		return 0, fmt.Errorf("ask %s: %w", host, err)
	}
	return res.StatusCode, nil
}
