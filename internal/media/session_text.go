package media

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

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
