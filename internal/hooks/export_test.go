package hooks

import (
	"context"
	"net"
	"syscall"
	"time"
)

// FailTime is how long an endpoint may take nothing.
const FailTime = failTime

// Step reads and sends once.
func (p *Publisher) Step(ctx context.Context, name string) (more bool, err error) {
	client := p.client(p.Endpoints[name])
	defer client.CloseIdleConnections()
	return p.step(ctx, name, client)
}

// PublicOnly looks at an address.
func PublicOnly(address string) error { return publicOnly("tcp", address, syscall.RawConn(nil)) }

// SetPatience sets how long an answer is waited for.
func (p *Publisher) SetPatience(d time.Duration) { p.patience = d }

// SetFrom sets how endpoints are reached.
func (p *Publisher) SetFrom(d net.Dialer) { p.from = d }
