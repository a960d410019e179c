package media

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Bounds on what a stranger may send us to read.
const (
	maxSDP     = 16 << 10
	maxMedia   = 16
	maxFormats = 64
)

// A direction is which way sound goes, seen by who writes it (RFC 3264, 5.1).
type direction string

const (
	sendRecv direction = "sendrecv"
	sendOnly direction = "sendonly"
	recvOnly direction = "recvonly"
	inactive direction = "inactive"
)

// An sdp is what we read of an SDP (RFC 4566). Attributes that we do
// not know are passed over, as they must be.
type sdp struct {
	addr  string // of the session, "" when missing
	way   direction
	media []mediaLine
}

// A mediaLine is an m= line with what belongs to it.
type mediaLine struct {
	kind    string
	port    int
	proto   string
	formats []string
	addr    string
	way     direction
	rtcp    int // RFC 3605, 0 when missing
	maps    map[string]string
}

func parseSDP(b []byte) (*sdp, error) {
	if len(b) > maxSDP {
		return nil, fmt.Errorf("%w: %d bytes", ErrSDP, len(b))
	}
	d := &sdp{way: sendRecv}
	n := 0
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		if n++; n == 1 && line != "v=0" {
			return nil, fmt.Errorf("%w: it does not begin with v=0", ErrSDP)
		}
		if len(line) < 2 || line[1] != '=' {
			return nil, fmt.Errorf("%w: line %d", ErrSDP, n)
		}
		if err := d.line(line[0], line[2:]); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrSDP, n, err)
		}
	}
	if n == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrSDP)
	}
	return d, nil
}

func (d *sdp) line(kind byte, v string) error {
	switch kind {
	case 'm':
		return d.addMedia(v)
	case 'c':
		return d.connection(v)
	case 'a':
		d.attribute(v)
	}
	return nil
}

// last returns the media that lines belong to, nil at session level.
func (d *sdp) last() *mediaLine {
	if len(d.media) == 0 {
		return nil
	}
	return &d.media[len(d.media)-1]
}

// addMedia reads "audio 49170 RTP/AVP 0 8 101" (RFC 4566, 5.14).
func (d *sdp) addMedia(v string) error {
	f := strings.Fields(v)
	if !printable(v) || len(f) < 4 || len(f) > 3+maxFormats || len(d.media) >= maxMedia {
		return fmt.Errorf("m=%.40q", v)
	}
	ports, _, _ := strings.Cut(f[1], "/")
	port, err := strconv.ParseUint(ports, 10, 16)
	if err != nil {
		return fmt.Errorf("port %.20q", f[1])
	}
	d.media = append(d.media, mediaLine{
		kind: f[0], port: int(port), proto: f[2], formats: f[3:],
		addr: d.addr, way: d.way, maps: map[string]string{},
	})
	return nil
}

// printable guards what an answer repeats of an offer.
func printable(v string) bool {
	return strings.IndexFunc(v, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// connection reads "IN IP4 192.0.2.1" (RFC 4566, 5.7).
func (d *sdp) connection(v string) error {
	f := strings.Fields(v)
	if len(f) != 3 {
		return fmt.Errorf("c=%.40q", v)
	}
	addr, _, _ := strings.Cut(f[2], "/")
	if m := d.last(); m != nil {
		m.addr = addr
		return nil
	}
	d.addr = addr
	return nil
}

func (d *sdp) attribute(v string) {
	name, value, _ := strings.Cut(v, ":")
	m := d.last()
	switch way := direction(name); way {
	case sendRecv, sendOnly, recvOnly, inactive:
		d.direct(way)
		return
	}
	if m == nil {
		return
	}
	switch name {
	case "rtpmap":
		m.rtpmap(value)
	case "rtcp":
		m.rtcpPort(value)
	}
}

// direct sets the direction of a media line, or of all that follow.
func (d *sdp) direct(way direction) {
	if m := d.last(); m != nil {
		m.way = way
		return
	}
	d.way = way
}

// rtpmap reads "101 telephone-event/8000" (RFC 4566, 6). One that is broken
// says nothing, which is no reason to refuse a call.
func (m *mediaLine) rtpmap(v string) {
	f := strings.Fields(v)
	if len(f) == 2 && len(m.maps) < maxFormats {
		m.maps[f[0]] = strings.ToUpper(f[1])
	}
}

// rtcpPort reads "53020" or "53020 IN IP4 192.0.2.1" (RFC 3605, 2.1); we send
// reports to the address of the sound only.
func (m *mediaLine) rtcpPort(v string) {
	f := strings.Fields(v)
	if len(f) == 0 {
		return
	}
	if port, err := strconv.ParseUint(f[0], 10, 16); err == nil {
		m.rtcp = int(port)
	}
}

// anyOn reports whether any line is wanted at all (RFC 3264, 8.2).
func (d *sdp) anyOn() bool {
	return slices.ContainsFunc(d.media, func(m mediaLine) bool { return m.port != 0 })
}

// speech reports whether this is sound over plain RTP.
func (m *mediaLine) speech() bool { return m.kind == "audio" && m.proto == "RTP/AVP" }

// codec returns the codec of a format, if it is one of ours.
func (m *mediaLine) codec(format string) (Codec, bool) {
	name, mapped := m.maps[format]
	switch {
	case name == "PCMU/8000", name == "PCMU/8000/1", !mapped && format == "0":
		return PCMU, true
	case name == "PCMA/8000", name == "PCMA/8000/1", !mapped && format == "8":
		return PCMA, true
	}
	return 0, false
}

// host returns the address of the sound. A name instead of an address is not
// looked up: nothing on the way to an answer waits for the network.
func (m *mediaLine) host() (netip.Addr, error) {
	ip, err := netip.ParseAddr(m.addr)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%w: %.60q", ErrAddress, m.addr)
	}
	return ip.Unmap(), nil
}
