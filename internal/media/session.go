package media

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
)

// eventDefault is the payload type of telephone-events in our own offers.
const eventDefault = 101

// A session is what was agreed upon with the peer (RFC 3264).
type session struct {
	id      uint64
	version uint64
	body    string // what we wrote last, without the origin

	lines []mediaLine // of the offer, in its order, which must be kept
	index int         // of the sound among them

	agreed    bool
	held      bool // the peer does not listen
	off       bool // the peer has taken the sound out (port 0): not even reports are sent
	codec     Codec
	types     [2]byte // payload types of PCMU and PCMA
	audioType byte    // the one of codec
	hasEvents bool
	eventType byte // that the peer takes
	eventIn   byte // that we asked for
	remote    netip.AddrPort
	rtcp      int
	answerWay direction
}

func newSession() session {
	return session{
		id: rand.Uint64() >> 2, version: 1, types: [2]byte{byte(PCMU), byte(PCMA)},
		eventType: eventDefault, eventIn: eventDefault, answerWay: sendRecv,
	}
}

// meet returns the session that an offer leads to.
func (s session) meet(d *sdp, c Config) (session, error) {
	i, ok := s.pick(d)
	if !ok {
		return s, ErrNoCodec
	}
	if d.media[i].port == 0 && d.anyOn() {
		return s, ErrNoCodec // fax (T.38) or video instead of sound: whoever is refused goes on as before
	}
	s.lines, s.index = d.media, i
	if d.media[i].port == 0 {
		s.off, s.held = true, true // RFC 3264, 8.2
		return s, nil
	}
	err := s.take(&d.media[i], c)
	return s, err
}

// pick returns which line of an offer is the sound: the one that it was
// before, or, when that is not wanted any more, the first that we speak.
func (s *session) pick(d *sdp) (int, bool) {
	same := s.agreed && s.index < len(d.media) && d.media[s.index].speech()
	if same && d.media[s.index].port != 0 {
		return s.index, true
	}
	for i := range d.media {
		m := &d.media[i]
		if _, _, ok := s.choose(m); ok && m.speech() && m.port != 0 {
			return i, true
		}
	}
	return s.index, same
}

// take agrees to a line of the peer.
func (s *session) take(m *mediaLine, c Config) error {
	codec, kind, ok := s.choose(m)
	if !ok {
		return ErrNoCodec
	}
	host, err := m.host()
	if err != nil {
		return err
	}
	// RFC 3264, 8.4: the address 0.0.0.0 is the hold of old.
	if !host.IsUnspecified() {
		if err := reachable(host, c); err != nil {
			return err
		}
		s.remote = netip.AddrPortFrom(host, uint16(m.port))
	}
	s.agreed, s.off, s.codec, s.audioType, s.rtcp = true, false, codec, kind, m.rtcp
	s.types = [2]byte{byte(PCMU), byte(PCMA)}
	s.types[codec/PCMA] = kind
	s.takeEvents(m)
	s.held = host.IsUnspecified() || m.way == sendOnly || m.way == inactive
	s.answerWay = reply(m.way, host.IsUnspecified())
	return nil
}

// reply is the direction that answers one (RFC 3264, 6.1).
func reply(way direction, nowhere bool) direction {
	switch {
	case way == inactive, way == recvOnly && nowhere:
		return inactive
	case way == sendOnly, nowhere:
		return recvOnly
	case way == recvOnly:
		return sendOnly
	}
	return sendRecv
}

// reachable refuses addresses that no telephone has.
func reachable(ip netip.Addr, c Config) error {
	ours := c.advertised()
	switch {
	case ip.Is4() != ours.Is4(), ip.IsMulticast(), ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}),
		ip.IsLoopback() && !ours.IsLoopback(), ip.Zone() != "":
		return fmt.Errorf("%w: %s", ErrAddress, ip)
	}
	return nil
}

// choose returns the codec to speak: the one in use, as long as the peer
// still has it, or else the peer's favourite.
func (s *session) choose(m *mediaLine) (codec Codec, kind byte, ok bool) {
	for _, f := range m.formats {
		c, ours := m.codec(f)
		n, valid := payloadType(f)
		// The numbers below 96 are not free to mean something else.
		if !ours || !valid || n < 96 && n != byte(c) {
			continue
		}
		if s.agreed && c == s.codec {
			return c, n, true
		}
		if !ok {
			codec, kind, ok = c, n, true
		}
	}
	return codec, kind, ok
}

// takeEvents agrees to the peer's telephone-events (RFC 4733, 2.4.1).
func (s *session) takeEvents(m *mediaLine) {
	s.hasEvents = false
	for _, f := range m.formats {
		n, ok := payloadType(f)
		if ok && n >= 96 && strings.TrimSuffix(m.maps[f], "/1") == "TELEPHONE-EVENT/8000" {
			s.hasEvents, s.eventType = true, n
			return
		}
	}
}

// payloadType reads a payload type; those of RTCP are none (RFC 5761, 4).
func payloadType(f string) (byte, bool) {
	n, err := strconv.ParseUint(f, 10, 7)
	return byte(n), err == nil && (n < 64 || n >= 96)
}

// maySpeak reports whether the peer listens.
func (s *session) maySpeak() bool { return s.agreed && !s.held && s.remote.IsValid() }

// kindOf tells what a payload type means that the peer sends.
func (s *session) kindOf(kind byte) (itemKind, Codec) {
	switch {
	case kind == s.types[0]:
		return audio, PCMU
	case kind == s.types[1]:
		return audio, PCMA
	case kind == s.eventIn, s.hasEvents && kind == s.eventType:
		return keyEvent, PCMU
	}
	return nothing, PCMU
}

// typeOf returns the payload type that the peer knows a packet by.
func (s *session) typeOf(kind itemKind) (byte, bool) {
	if kind == audio {
		return s.audioType, true
	}
	return s.eventType, s.hasEvents
}
