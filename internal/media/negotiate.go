package media

import (
	"fmt"
	"net/netip"
	"time"
)

// Offer writes our session description: for an INVITE, a re-INVITE, or the
// 200 to an INVITE that had none.
func (s *Stream) Offer() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session.write(s.Local(), s.session.offered())
}

// Answer takes the peer's offer and writes the answer. When it returns an
// error, the stream goes on as before.
func (s *Stream) Answer(offer []byte) ([]byte, error) {
	d, err := parseSDP(offer)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next, err := s.session.meet(d, s.engine.config)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	s.adopt(next)
	return s.session.write(s.Local(), s.session.answered()), nil
}

// Accept takes the peer's answer to our offer. When it returns an error, the
// stream goes on as before.
func (s *Stream) Accept(answer []byte) error {
	d, err := parseSDP(answer)
	if err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.session
	if len(d.media) <= next.index || !d.media[next.index].speech() || d.media[next.index].port == 0 {
		return fmt.Errorf("accept: %w", ErrNoCodec)
	}
	if err := next.take(&d.media[next.index], s.engine.config); err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	s.adopt(next)
	return nil
}

// adopt makes a session the current one. The caller holds s.mu.
func (s *Stream) adopt(next session) {
	if next.remote != s.session.remote {
		s.way, s.strays = noWay, 0
		s.source.negotiated(next.remote)
		s.target = newTarget(next.remote)
	}
	s.session = next
	s.holds.Store(next.held)
	s.began = time.Now() // after a hold, silence counts from here
	switch {
	case next.hasEvents:
		s.ear = nil
	case s.ear == nil:
		s.ear = newEar()
	}
}

// controlAddr returns where the peer takes reports: the port it has named, or
// the one after that of the sound (RFC 3550, 11).
func (s *Stream) controlAddr() netip.AddrPort {
	from := s.source.from()
	if from == s.session.remote && s.session.rtcp != 0 {
		return netip.AddrPortFrom(from.Addr(), uint16(s.session.rtcp))
	}
	if from.Port() == 65535 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(from.Addr(), from.Port()+1)
}
