package sipline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// A Desk takes calls and carries on their talks. [callback.Desk] is one.
type Desk interface {
	liveline.Desk
	Answer(ctx context.Context, in callback.Inbound) (ivr.Turn, error)
}

// A Voice turns prompts into sound. [sounds.Voice] is one.
type Voice interface {
	Say(lang string, p ivr.Prompt) []sounds.Clip
	Waiting() sounds.Clip
	Beep() sounds.Clip                        // after which somebody speaks
	Take(wav []byte) (name string, err error) // puts aside what was spoken
}

// Ports is what a line needs of the rest of the house.
type Ports struct {
	Desk     Desk
	Voice    Voice
	Check    func(addr string) error // may this number be called? Asked right before each INVITE
	Phones   func() []string         // where agents are rung: they put calls through to each other; nil for none
	Resolver Resolver                // the system's when nil
	Now      func() time.Time        // [time.Now] when nil
	Log      *slog.Logger
}

// A Line carries calls by SIP.
type Line struct {
	conf    Config
	desk    Desk
	voice   Voice
	check   func(addr string) error
	now     func() time.Time
	log     *slog.Logger
	holder  *liveline.Holder
	guard   *guard
	trunks  []*trunk
	phones  phones
	places  places // of SIP URIs that are no trunk's
	engines []*media.Engine
	open    func(peer netip.Addr) (stream, error) // sound for a call with whose signalling is there

	ua      *sipgo.UserAgent
	server  *sipgo.Server
	sockets []*socket

	book  book          // live calls
	rung  rungs         // calls placed not long ago
	work  tasks         // calls, and what is still to be sent
	up    chan struct{} // closed when the line serves
	upped sync.Once
	end   chan struct{} // closed when the service ends: nothing is waited for any more
	ended sync.Once
}

var _ liveline.Line = (*Line)(nil)

// New checks the configuration and opens the sockets. Serve must follow, or
// Close.
func New(c Config, p Ports) (*Line, error) {
	if err := c.Check(); err != nil {
		return nil, fmt.Errorf("sip: %w", err)
	}
	l, err := newLine(c, p)
	if err != nil {
		return nil, err
	}
	if err := l.furnish(); err != nil {
		return nil, fmt.Errorf("sip: %w", err)
	}
	if err := l.bind(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// furnish makes the media, an engine for IPv4 and one for IPv6.
func (l *Line) furnish() error {
	all, err := l.conf.media()
	if err != nil {
		return err
	}
	byFamily := map[bool]*media.Engine{}
	for _, m := range all {
		engine, err := media.New(m, l.log)
		if err != nil {
			return err
		}
		l.engines = append(l.engines, engine)
		byFamily[m.IP.Is4()] = engine
	}
	l.open = func(peer netip.Addr) (stream, error) {
		engine := byFamily[peer.Is4()]
		if engine == nil {
			return nil, fmt.Errorf("nothing is listened on that %s could send sound to", peer)
		}
		return engine.Open()
	}
	return nil
}

// newLine makes a line that has neither sockets nor media yet.
func newLine(c Config, p Ports) (*Line, error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Resolver == nil {
		p.Resolver = net.DefaultResolver
	}
	if p.Check == nil {
		p.Check = func(string) error { return nil }
	}
	trunks, err := newTrunks(c.Trunks, p.Resolver, p.Now)
	if err != nil {
		return nil, fmt.Errorf("sip: %w", err)
	}
	l := &Line{
		conf: c, desk: p.Desk, voice: p.Voice, check: p.Check, now: p.Now, log: p.Log,
		trunks: trunks, phones: phones{list: p.Phones}, up: make(chan struct{}), end: make(chan struct{}),
		places: places{resolver: p.Resolver, now: p.Now, by: map[target]*place{}},
		book:   newBook(c.MaxCalls), rung: newRungs(),
	}
	l.holder = &liveline.Holder{Desk: p.Desk, Line: l, Name: "sip", Log: p.Log}
	l.holder.Switchboard, _ = p.Desk.(liveline.Switchboard)
	l.guard = &guard{
		listed: l.listed, phone: l.phones.has, admit: l.book.admit, live: l.book.has, carries: l.book.carries, now: p.Now, log: p.Log,
		packets: newBuckets(packetsPerSec, packetsBurst), invites: newBuckets(invitesPerSec, invitesBurst),
		guests: map[netip.Addr]int{},
	}
	return l, l.agent()
}

// What sipgo has but once for the whole process, and guards by nothing, is
// set before anything runs.
var _ = tame()

// tame lets long messages leave over UDP, as with Identity header fields
// (RFC 8224): sipgo refuses what would not fit an Ethernet frame, and IP
// itself splits it. The places in sipgo that know no logger of ours fall
// silent.
func tame() bool {
	sip.UDPMTUSize = maxMessage + 200
	sip.SetDefaultLogger(slog.New(slog.DiscardHandler))
	return true
}

// agent sets up the transaction layer.
func (l *Line) agent() error {
	quiet := newQuiet(l.log)
	var err error
	l.ua, err = sipgo.NewUA(
		sipgo.WithUserAgent("holdless"),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(quiet)),
		sipgo.WithUserAgentTransactionLayerOptions(
			sip.WithTransactionLayerLogger(quiet),
			sip.WithTransactionLayerUnhandledResponseHandler(l.stray),
		),
	)
	if err != nil {
		return fmt.Errorf("sip: %w", err)
	}
	l.server, err = sipgo.NewServer(l.ua, sipgo.WithServerLogger(quiet))
	if err != nil {
		return fmt.Errorf("sip: %w", err)
	}
	return nil
}

// Holder returns what holds talks over this line, for a [liveline.Dialer].
func (l *Line) Holder() *liveline.Holder { return l.holder }

// listed reports whether an address is that of a trunk.
func (l *Line) listed(a netip.Addr) bool { return l.trunkOf(a) != nil }

// trunkOf returns the trunk that an address belongs to.
func (l *Line) trunkOf(a netip.Addr) *trunk {
	for _, t := range l.trunks {
		if t.owns(a) {
			return t
		}
	}
	return nil
}

// Trunks says how each trunk does.
func (l *Line) Trunks() []TrunkState {
	var all []TrunkState
	for _, t := range l.trunks {
		all = append(all, t.state())
	}
	return all
}

// Calls returns how many calls are up.
func (l *Line) Calls() int { return l.book.count() }

// Counts says what the guard has done so far.
func (l *Line) Counts() Counts { return l.guard.counts.snapshot() }

// Addrs returns the addresses that are listened on, in the order of the
// configuration.
func (l *Line) Addrs() []netip.AddrPort {
	var all []netip.AddrPort
	for _, s := range l.sockets {
		if s.listens {
			all = append(all, s.addr)
		}
	}
	return all
}

// Up is closed when calls can come and go.
func (l *Line) Up() <-chan struct{} { return l.up }

// Drain lets no call in any more and waits for those that are up. When ctx is
// done it says goodbye to them.
func (l *Line) Drain(ctx context.Context) error {
	idle := l.book.drain()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	for _, leg := range l.book.legs() {
		l.log.Warn("call cut off by the end of service", "talk", leg.talk)
		_ = leg.Hangup(ctx) // a leg that has left already is no fault
	}
	return context.Cause(ctx)
}
