package media

import "net/netip"

// wanted is how many packets in a row from one address prove it, when it is
// not the one that was signalled.
const wanted = 5

// A source decides whose packets are taken. The address in the SDP is believed
// at once. Another port, or the address that the SIP messages come from, is
// believed after a few consistent packets, and only as long as nothing is
// settled; then everything else is foreign for the rest of the session. That
// is what closes the door to bled and injected media: a stranger's packet is
// never taken, and nothing is ever sent to where it came from.
type source struct {
	said    netip.AddrPort // in the SDP
	trusted netip.Addr     // where the SIP messages come from
	settled netip.AddrPort
	next    candidate
}

type candidate struct {
	addr netip.AddrPort
	ssrc uint32
	seq  uint16
	seen int
}

// negotiated begins anew when the peer names another address.
func (s *source) negotiated(said netip.AddrPort) {
	if said == s.said {
		return
	}
	*s = source{said: said, trusted: s.trusted}
}

// admit reports whether a packet is from the peer, and settles on its address.
func (s *source) admit(from netip.AddrPort, p *packet) bool {
	if s.settled.IsValid() {
		return from == s.settled
	}
	if from == s.said || s.proven(from, p) {
		s.settled = from
		return true
	}
	return false
}

func (s *source) proven(from netip.AddrPort, p *packet) bool {
	if from.Addr() != s.said.Addr() && from.Addr() != s.trusted {
		return false
	}
	c := &s.next
	// A gap of two packets is a loss, a larger one another stream.
	if from == c.addr && p.ssrc == c.ssrc && newer(p.seq, c.seq) && p.seq-c.seq <= 3 {
		c.seen++
	} else {
		*c = candidate{addr: from, ssrc: p.ssrc, seen: 1}
	}
	c.seq = p.seq
	return c.seen >= wanted
}

// from returns the address of the peer's packets, as far as it is known.
func (s *source) from() netip.AddrPort {
	if s.settled.IsValid() {
		return s.settled
	}
	return s.said
}
