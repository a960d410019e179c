// Package media carries the sound and the keys of calls: RTP, RTCP, RFC 4733
// and the SDP that agrees on them, all paced by one clock.
package media

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"
)

// Frame is the length of sound in one packet that we send.
const Frame = 20 * time.Millisecond

// FrameBytes is the length of a frame of PCMU or PCMA.
const FrameBytes = 160

// Errors that callers branch on.
var (
	// ErrNoPorts means that every port of the range is in use or in quarantine.
	ErrNoPorts = errors.New("no free media port")
	// ErrNoCodec means that the peer offers nothing that we speak (SIP 488).
	ErrNoCodec = errors.New("no codec in common")
	// ErrAddress means that the peer's address cannot be sent to (SIP 488).
	ErrAddress = errors.New("media address cannot be reached")
	// ErrSDP means that a session description is malformed (SIP 400).
	ErrSDP = errors.New("malformed session description")
	// ErrKey ends Play when the person presses a key.
	ErrKey = errors.New("a key was pressed")
	// ErrStopped ends Play when it is stopped or replaced by another sound.
	ErrStopped = errors.New("playing was stopped")
)

// A Config says where media is received.
type Config struct {
	// IP is the address that sockets are bound to.
	IP netip.Addr `yaml:"ip"`
	// Public is the address that peers are told; IP when it is missing.
	Public netip.Addr `yaml:"public"`
	// MinPort is the first port of the range.
	MinPort int `yaml:"min_port"`
	// MaxPort is the last port of the range. A call takes two ports.
	MaxPort int `yaml:"max_port"`
	// Mute sends nothing when nothing is to be said. Otherwise frames of
	// silence keep the path through NAT and carriers open.
	Mute bool `yaml:"mute"`
}

// check reports every mistake at once.
func (c Config) check() error {
	var errs []error
	if !c.IP.IsValid() {
		errs = append(errs, errors.New("ip: an address is needed"))
	}
	if c.IP.IsValid() && c.advertised().IsUnspecified() {
		errs = append(errs, errors.New("public: an address is needed when ip is every address"))
	}
	if c.IP.IsValid() && c.advertised().Is4() != c.IP.Is4() {
		errs = append(errs, errors.New("public: must be of the same family as ip"))
	}
	if c.MinPort < 1024 || c.MaxPort > 65535 || c.MaxPort <= c.MinPort {
		errs = append(errs, fmt.Errorf("ports %d-%d: want a range within 1024-65535", c.MinPort, c.MaxPort))
	}
	return errors.Join(errs...)
}

func (c Config) advertised() netip.Addr {
	if c.Public.IsValid() {
		return c.Public.Unmap()
	}
	return c.IP
}

// An Engine owns the clock and the ports of all streams.
type Engine struct {
	config Config
	log    *slog.Logger
	ports  *ports
	wheel  *wheel
}

// New checks the configuration. Nothing is heard or said until Run.
func New(c Config, log *slog.Logger) (*Engine, error) {
	c.IP = c.IP.Unmap()
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	return &Engine{config: c, log: log, ports: newPorts(c.MinPort, c.MaxPort), wheel: newWheel(log)}, nil
}

// Run turns the wheel until ctx is done, and then closes the streams that it
// still carries.
func (e *Engine) Run(ctx context.Context) error { return e.wheel.run(ctx) }

// Open takes a pair of ports for a call.
func (e *Engine) Open() (*Stream, error) {
	pair, err := e.ports.open(e.config.IP)
	if err != nil {
		return nil, fmt.Errorf("open media: %w", err)
	}
	return newStream(e, pair), nil
}
