package sipline

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// The breaker of a trunk: after so many failures in a row it is left out,
// until one call may try again.
const (
	breakAfter = 5
	breakFor   = 30 * time.Second
)

// A trunk is one carrier at run time.
type trunk struct {
	name     string
	conf     Trunk
	target   target
	place    *place
	prefixes []netip.Prefix
	password string
	now      func() time.Time
	callID   string // of all its registrations

	mu         sync.Mutex
	live       int    // calls that are up or on their way
	pace       bucket // of new calls going out
	failures   int    // in a row
	openUntil  time.Time
	reachable  bool // the last OPTIONS was answered
	registered bool
	err        string            // why it is not reachable
	refused    string            // why it is not registered
	cseq       uint32            // of the last REGISTER
	nonces     map[string]uint32 // how often each was used
}

// A TrunkState says how a trunk does.
type TrunkState struct {
	Name       string
	Reachable  bool   // it answers OPTIONS
	Registered bool   // it knows where we are, where it has to
	Broken     bool   // it failed so often that it is left out for now
	Calls      int    // that are up
	Err        string // why no calls can go out; "" when they can
}

// Usable reports whether calls can go out on the trunk.
func (s TrunkState) Usable() bool { return s.Reachable && s.Registered && !s.Broken }

func newTrunk(name string, conf Trunk, r Resolver, now func() time.Time) (*trunk, error) {
	if err := conf.check(); err != nil {
		return nil, fmt.Errorf("trunk %s: %w", name, err)
	}
	conf = conf.withDefaults()
	t := &trunk{name: name, conf: conf, now: now, callID: rand.Text(), pace: bucket{tokens: conf.CallsPerSecond}}
	var err error
	if t.target, err = parseTarget(conf.Host); err != nil {
		return nil, fmt.Errorf("trunk %s: %w", name, err)
	}
	t.place = &place{target: t.target, resolver: r, now: now}
	for _, a := range conf.Allow {
		p, err := parsePrefix(a)
		if err != nil {
			return nil, fmt.Errorf("trunk %s: %w", name, err)
		}
		t.prefixes = append(t.prefixes, p)
	}
	if t.password, err = conf.password(); err != nil {
		return nil, fmt.Errorf("trunk %s: password: %w", name, err)
	}
	return t, nil
}

// newTrunks returns all trunks in the order in which they are tried.
func newTrunks(conf map[string]Trunk, r Resolver, now func() time.Time) ([]*trunk, error) {
	var all []*trunk
	var errs []error
	for name, c := range conf {
		t, err := newTrunk(name, c, r, now)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *trunk) int {
		return cmp.Or(cmp.Compare(a.conf.Order, b.conf.Order), cmp.Compare(a.name, b.name))
	})
	return all, errors.Join(errs...)
}

// owns reports whether an address is one of this trunk.
func (t *trunk) owns(a netip.Addr) bool {
	return slices.ContainsFunc(t.prefixes, func(p netip.Prefix) bool { return p.Contains(a) }) || t.place.has(a)
}

// Why a trunk takes no call now.
var (
	errBroken   = errors.New("the trunk has failed several times in a row")
	errFull     = errors.New("the trunk has as many calls as it may have")
	errTooFast  = errors.New("the trunk has as many new calls as it may have in a second")
	errShutting = errors.New("the line is closing")
)

// begin takes a place for a call going out.
func (t *trunk) begin() (end func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	switch {
	case now.Before(t.openUntil):
		return nil, errBroken
	case t.live >= t.conf.MaxCalls:
		return nil, errFull
	case !t.pace.take(now, t.conf.CallsPerSecond, max(1, t.conf.CallsPerSecond)):
		return nil, errTooFast
	}
	t.live++
	return sync.OnceFunc(t.end), nil
}

// take counts a call that came in.
func (t *trunk) take() (end func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live >= t.conf.MaxCalls {
		return nil, false
	}
	t.live++
	return sync.OnceFunc(t.end), true
}

func (t *trunk) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live--
}

// failed counts a call that the trunk could not carry.
func (t *trunk) failed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failures++; t.failures >= breakAfter {
		t.openUntil = t.now().Add(breakFor)
	}
}

// worked forgives a trunk its failures.
func (t *trunk) worked() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures, t.openUntil = 0, time.Time{}
}

func (t *trunk) setReachable(ok bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reachable, t.err = ok, ""
	if err != nil {
		t.err = err.Error()
	}
}

func (t *trunk) setRegistered(ok bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.registered, t.refused = ok, ""
	if err != nil {
		t.refused = err.Error()
	}
}

func (t *trunk) state() TrunkState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return TrunkState{
		Name: t.name, Reachable: t.reachable, Registered: t.registered || !t.conf.Register,
		Broken: t.now().Before(t.openUntil), Calls: t.live, Err: t.why(),
	}
}

// why says why no calls can go out. The caller holds t.mu.
func (t *trunk) why() string {
	switch {
	case !t.reachable:
		return cmp.Or(t.err, "it has not answered OPTIONS yet")
	case t.conf.Register && !t.registered:
		return "not registered: " + cmp.Or(t.refused, "it has not answered yet")
	case t.now().Before(t.openUntil):
		return errBroken.Error()
	}
	return ""
}

// sites returns where a call on this trunk may be sent, best first.
func (t *trunk) sites(ctx context.Context) ([]site, error) {
	addrs, err := t.place.addrs(ctx)
	if err != nil {
		return nil, err
	}
	var all []site
	for _, a := range addrs {
		all = append(all, site{network: t.target.network, addr: a, name: t.target.host})
	}
	return all, nil
}

// A site is one address that requests can be sent to.
type site struct {
	network string // "udp", "tcp", "tls"
	addr    netip.AddrPort
	name    string // that its certificate must bear
}
