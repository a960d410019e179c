package media

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"time"
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

// meet returns the session that an offer leads to.
func (s session) meet(d *sdp, c Config) (session, error) {
	i, ok := s.pick(d)
	if !ok {
		return s, ErrNoCodec
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
// before, or the first that we speak.
func (s *session) pick(d *sdp) (int, bool) {
	if s.agreed && s.index < len(d.media) && d.media[s.index].speech() {
		return s.index, true
	}
	for i := range d.media {
		m := &d.media[i]
		if _, _, ok := s.choose(m); ok && m.speech() && m.port != 0 {
			return i, true
		}
	}
	return 0, false
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
		if ok && m.maps[f] == "TELEPHONE-EVENT/8000" && n >= 96 {
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

// write writes a description. Its version counts up when it has changed
// (RFC 3264, 8).
func (s *session) write(local netip.AddrPort, media string) []byte {
	family := "IP4"
	if local.Addr().Is6() {
		family = "IP6"
	}
	host := "IN " + family + " " + local.Addr().String()
	body := "s=-\r\nc=" + host + "\r\nt=0 0\r\n" +
		strings.ReplaceAll(media, "$port", strconv.Itoa(int(local.Port())))
	if s.body != "" && s.body != body {
		s.version++
	}
	s.body = body
	return fmt.Appendf(nil, "v=0\r\no=- %d %d %s\r\n%s", s.id, s.version, host, body)
}

// offered writes the media lines of an offer: those there have been, with
// only the sound in use.
func (s *session) offered() string {
	formats := []string{strconv.Itoa(int(s.types[0])), strconv.Itoa(int(s.types[1]))}
	if s.codec == PCMA {
		formats[0], formats[1] = formats[1], formats[0]
	}
	s.eventIn = s.eventType
	ours := s.sound(formats, true, sendRecv)
	if len(s.lines) == 0 {
		return ours
	}
	return s.among(ours)
}

// answered writes the media lines of an answer: one for each of the offer.
func (s *session) answered() string {
	if s.off {
		return s.among("")
	}
	s.eventIn = s.eventType
	return s.among(s.sound([]string{strconv.Itoa(int(s.audioType))}, s.hasEvents, s.answerWay))
}

// among puts our sound in its place between lines that are refused, with port
// 0 (RFC 3264, 6).
func (s *session) among(ours string) string {
	var b strings.Builder
	for i := range s.lines {
		m := &s.lines[i]
		if i == s.index && ours != "" {
			b.WriteString(ours)
			continue
		}
		fmt.Fprintf(&b, "m=%s 0 %s %s\r\n", m.kind, m.proto, strings.Join(m.formats, " "))
	}
	return b.String()
}

// sound writes the line of our sound.
func (s *session) sound(formats []string, events bool, way direction) string {
	var b strings.Builder
	if events {
		formats = append(formats, strconv.Itoa(int(s.eventType)))
	}
	fmt.Fprintf(&b, "m=audio $port RTP/AVP %s\r\n", strings.Join(formats, " "))
	for i, codec := range []Codec{PCMU, PCMA} {
		if n := strconv.Itoa(int(s.types[i])); n == formats[0] || n == formats[1%len(formats)] {
			fmt.Fprintf(&b, "a=rtpmap:%s %s/8000\r\n", n, codec)
		}
	}
	if events {
		fmt.Fprintf(&b, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", s.eventType, s.eventType)
	}
	fmt.Fprintf(&b, "a=ptime:20\r\na=%s\r\n", way)
	return b.String()
}
