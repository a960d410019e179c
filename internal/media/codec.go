package media

import "math/bits"

// A Codec is one of the two ways of RFC 3551 to write telephone sound.
type Codec byte

// The codecs, by their static payload types (RFC 3551, table 4).
const (
	PCMU Codec = 0
	PCMA Codec = 8
)

// String returns the name of the codec in SDP.
func (c Codec) String() string {
	if c == PCMA {
		return "PCMA"
	}
	return "PCMU"
}

// Silence returns the byte of this codec that is no sound at all.
func (c Codec) Silence() byte {
	if c == PCMA {
		return 0xd5
	}
	return 0xff
}

// Decode returns the linear sample of one byte (ITU-T G.711).
func (c Codec) Decode(b byte) int16 {
	if c == PCMA {
		return decodeA(b)
	}
	return decodeMu(b)
}

// Encode writes one linear sample as a byte (ITU-T G.711).
func (c Codec) Encode(sample int16) byte {
	if c == PCMA {
		return encodeA(sample)
	}
	return encodeMu(sample)
}

// toMu and toA change one codec into the other.
var (
	toMu = table(PCMA, PCMU)
	toA  = table(PCMU, PCMA)
)

func table(from, to Codec) (t [256]byte) {
	for i := range t {
		t[i] = to.Encode(from.Decode(byte(i)))
	}
	return t
}

// transcode rewrites sound in place.
func transcode(b []byte, from, to Codec) {
	if from == to {
		return
	}
	t := &toMu
	if to == PCMA {
		t = &toA
	}
	for i, x := range b {
		b[i] = t[x]
	}
}

// bias is what G.711 adds to a magnitude of mu-law, in 16-bit scale.
const bias = 0x84

func decodeMu(b byte) int16 {
	b = ^b
	m := (int16(b&15)<<3+bias)<<(b>>4&7) - bias
	if b&0x80 != 0 {
		return -m
	}
	return m
}

func encodeMu(s int16) byte {
	x, sign := int(s), byte(0)
	if x < 0 {
		x, sign = -x, 0x80
	}
	x = min(x, 32635) + bias
	seg := bits.Len(uint(x)) - 8
	return ^(sign | byte(seg)<<4 | byte(x>>(seg+3))&15)
}

func decodeA(b byte) int16 {
	b ^= 0x55
	m := int16(b&15)<<4 + 8
	if seg := b >> 4 & 7; seg > 0 {
		m = (m + 0x100) << (seg - 1)
	}
	if b&0x80 == 0 {
		return -m
	}
	return m
}

func encodeA(s int16) byte {
	x, sign := int(s), byte(0x80)
	if x < 0 {
		x, sign = -x-1, 0
	}
	x >>= 4
	seg := max(bits.Len(uint(x))-4, 0)
	return (sign | byte(seg)<<4 | byte(x>>max(seg-1, 0))&15) ^ 0x55
}
