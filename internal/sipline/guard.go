package sipline

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// What the guard lets pass.
const (
	maxMessage      = 16 << 10
	packetsPerSec   = 1000 // from one source
	packetsBurst    = 2000
	invitesPerSec   = 100 // new calls, from one source
	invitesBurst    = 200
	retryAfterBusy  = "2"
	retryAfterDrain = "30"
)

// A guard stands in front of sipgo and decides about every message. It never
// fails: what it cannot judge is dropped. It answers nobody who is not listed,
// and it answers without keeping state, so that a flood costs no memory and
// nothing is sent more often than it was received.
type guard struct {
	listed func(netip.Addr) bool          // a trunk's address
	phone  func(netip.Addr) bool          // that of an agent's telephone
	admit  func(callID string) *rejection // may a new call come in?
	live   func(callID string) bool       // is it a call of ours?

	carries func(netip.AddrPort) bool // are calls up with this address?
	now     func() time.Time
	log     *slog.Logger

	packets *buckets
	invites *buckets
	shut    atomic.Bool // nothing is let in any more

	mu     sync.Mutex
	guests map[netip.Addr]int // whom we are calling, without being a trunk

	counts counts
}

// Counts says what the guard has done so far.
type Counts struct {
	Passed    uint64 // messages let in
	Denied    uint64 // from sources that are not listed
	Flooded   uint64 // above the rate of one source
	Malformed uint64 // not SIP, or not clean
	Refused   uint64 // answered with an error
	Overload  uint64 // new calls answered by 503
	Panics    uint64 // messages that broke something
}

type counts struct {
	passed, denied, flooded, malformed, refused, overload, panics atomic.Uint64
}

func (c *counts) snapshot() Counts {
	return Counts{
		c.passed.Load(), c.denied.Load(), c.flooded.Load(), c.malformed.Load(),
		c.refused.Load(), c.overload.Load(), c.panics.Load(),
	}
}

// A verdict is what becomes of a message.
type verdict struct {
	pass   bool
	answer []byte         // sent to the source, if any
	to     netip.AddrPort // where an answer over UDP goes
	end    bool           // the stream that it came on cannot be read on
}

// judge decides about one message.
func (g *guard) judge(src netip.AddrPort, data []byte) (v verdict) {
	defer func() {
		if p := recover(); p != nil {
			g.counts.panics.Add(1)
			g.log.Error("guard panicked", "addr", src.Addr().String(), "err", p)
			v = verdict{end: true}
		}
	}()
	listed, known := g.knows(src.Addr())
	switch {
	case g.shut.Load():
		return verdict{end: true}
	case !known:
		g.counts.denied.Add(1)
		return verdict{end: true}
	case !g.packets.take(src.Addr().Unmap(), g.now()):
		g.counts.flooded.Add(1)
		return verdict{}
	}
	if len(bytes.Trim(data, "\r\n")) == 0 {
		return verdict{} // RFC 5626, 4.4.1: a sign of life
	}
	return g.read(src, data, listed)
}

// knows reports whether src is a trunk's, and whether it may be heard at all.
func (g *guard) knows(src netip.Addr) (listed, known bool) {
	src = src.Unmap()
	if g.listed(src) {
		return true, true
	}
	if g.phone(src) {
		return false, true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return false, g.guests[src] > 0
}

// host lets somebody who is called be heard until the returned function is
// called.
func (g *guard) host(a netip.Addr) func() {
	a = a.Unmap()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.guests[a]++
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.guests[a]--; g.guests[a] <= 0 {
			delete(g.guests, a)
		}
	})
}

// errUnclean marks bytes that must not reach a parser, nor anybody else.
var errUnclean = errors.New("control characters or size")

// read looks into a message whose source may be heard.
func (g *guard) read(src netip.AddrPort, data []byte, listed bool) verdict {
	msg, err := parse(data)
	if err != nil {
		g.counts.malformed.Add(1)
		if !listed {
			return verdict{end: true}
		}
		return g.refuse(src, data, misread(data))
	}
	switch m := msg.(type) {
	case *sip.Response:
		if m.StatusCode < 100 || m.StatusCode > 699 || m.CSeq() == nil || m.CallID() == nil || m.From() == nil || m.To() == nil {
			g.counts.malformed.Add(1)
			return verdict{} // RFC 4475, 3.1.2.5 and 3.1.2.19: a bad response is discarded
		}
	case *sip.Request:
		if v, ok := g.readRequest(src, data, m, listed); !ok {
			return v
		}
	}
	g.counts.passed.Add(1)
	return verdict{pass: true}
}

func (g *guard) readRequest(src netip.AddrPort, data []byte, r *sip.Request, listed bool) (verdict, bool) {
	no := validate(r)
	if !bytes.HasPrefix(data, []byte(r.Method)) {
		// Methods are case-sensitive (RFC 3261, 7.1); sipgo has raised this one.
		no = &rejection{code: 501, reason: "Not Implemented", header: "Allow: " + allowValue()}
	}
	if no != nil {
		if !listed {
			return verdict{end: true}, false
		}
		return g.refuse(src, data, no), false
	}
	callID := r.CallID().Value()
	_, within := r.To().Params.Get("tag")
	if !listed && !g.concerns(r, within) {
		g.counts.denied.Add(1)
		return verdict{}, false
	}
	if r.Method != sip.INVITE || within || g.live(callID) {
		return verdict{}, true
	}
	no = g.admit(callID)
	if no == nil && !g.invites.take(src.Addr().Unmap(), g.now()) {
		no = &rejection{503, "Service Unavailable", "Retry-After: " + retryAfterBusy}
	}
	if no == nil {
		return verdict{}, true
	}
	g.counts.overload.Add(1)
	return g.refuse(src, data, no), false
}

// concerns reports whether a request is about a call of ours: within it, or the
// wish of a telephone to take the place of another (RFC 3891).
func (g *guard) concerns(r *sip.Request, within bool) bool {
	if h := r.GetHeader("Replaces"); h != nil && !within {
		p, _ := parseReplaces(h.Value())
		return g.live(p.callID)
	}
	return (within || r.Method == sip.CANCEL) && g.live(r.CallID().Value())
}

// refuse answers a request that goes no further.
func (g *guard) refuse(src netip.AddrPort, data []byte, no *rejection) verdict {
	g.counts.refused.Add(1)
	answer, to := refusal(src, data, no)
	return verdict{answer: answer, to: to, end: no.code == 400}
}

// parse reads a whole message. Control characters are refused before sipgo
// sees them: it would pass them on.
func parse(data []byte) (sip.Message, error) {
	if len(data) > maxMessage || !clean(data) {
		return nil, errUnclean
	}
	msg, err := sip.ParseMessage(data)
	if err != nil {
		return nil, err
	}
	return msg, nil
}

// clean reports whether the head of a message has nothing but text in lines
// that end in CRLF, with UTF-8 beyond ASCII (RFC 3261, 25.1).
func clean(data []byte) bool {
	head, _, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	for i, c := range head {
		switch {
		case c == '\r':
			if i+1 < len(head) && head[i+1] != '\n' {
				return false
			}
		case c == '\n':
			if i == 0 || head[i-1] != '\r' {
				return false
			}
		case c == '\t':
		case c < 0x20 || c == 0x7f:
			return false
		}
	}
	return true
}
