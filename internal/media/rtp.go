package media

import "encoding/binary"

// headBytes is the length of an RTP header without extras (RFC 3550, 5.1).
const headBytes = 12

// A packet is an RTP packet that was received.
type packet struct {
	raw     []byte
	payload []byte
	head    int // where the payload begins in raw
	ssrc    uint32
	ts      uint32
	seq     uint16
	kind    byte // payload type
	marker  bool
}

// parse reads an RTP packet. It runs for every packet, so it is written out
// here instead of taken from a library, which would allocate.
func parse(b []byte) (packet, bool) {
	if len(b) < headBytes || b[0]>>6 != 2 {
		return packet{}, false
	}
	p := packet{
		raw: b, marker: b[1]&0x80 != 0, kind: b[1] & 0x7f,
		seq:  binary.BigEndian.Uint16(b[2:]),
		ts:   binary.BigEndian.Uint32(b[4:]),
		ssrc: binary.BigEndian.Uint32(b[8:]),
	}
	// RFC 5761, 4: these payload types are RTCP that came to the wrong port.
	if p.kind >= 64 && p.kind < 96 {
		return packet{}, false
	}
	end, ok := trim(b)
	p.head = headLen(b)
	if !ok || p.head > end {
		return packet{}, false
	}
	p.payload = b[p.head:end]
	return p, true
}

// headLen returns where the payload begins: after the contributing sources
// and the extension (RFC 3550, 5.1 and 5.3.1). It may lie beyond the packet.
func headLen(b []byte) int {
	n := headBytes + 4*int(b[0]&15)
	if b[0]&0x10 == 0 {
		return n
	}
	if len(b) < n+4 {
		return n + 4
	}
	return n + 4 + 4*int(binary.BigEndian.Uint16(b[n+2:]))
}

// trim returns where the payload ends: its last byte counts the padding,
// itself included (RFC 3550, 5.1).
func trim(b []byte) (int, bool) {
	if b[0]&0x20 == 0 {
		return len(b), true
	}
	pad := int(b[len(b)-1])
	return len(b) - pad, pad > 0 && pad <= len(b)-headBytes
}

// A head is the part of an RTP header that differs between packets we send.
type head struct {
	marker bool
	kind   byte
	seq    uint16
	ts     uint32
	ssrc   uint32
}

func (h head) write(b []byte) {
	b[0], b[1] = 0x80, h.kind
	if h.marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], h.seq)
	binary.BigEndian.PutUint32(b[4:], h.ts)
	binary.BigEndian.PutUint32(b[8:], h.ssrc)
}

// newer reports whether sequence number a comes after b (RFC 1982).
func newer(a, b uint16) bool { return int16(a-b) > 0 }
