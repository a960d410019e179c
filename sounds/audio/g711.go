package audio

import "math/bits"

// ULaw encodes a sample in mu-law (ITU-T G.711, table 2).
func ULaw(s int16) byte {
	const bias, clip = 0x84, 32635
	v, sign := int(s), byte(0)
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, clip) + bias
	segment := bits.Len(uint(v)) - 8
	return ^(sign | byte(segment<<4) | byte(v>>(segment+3)&0x0f))
}

// ALaw encodes a sample in A-law (ITU-T G.711, table 1).
func ALaw(s int16) byte {
	v, mask := int(s)>>3, byte(0xd5) // even bits are inverted, and the sign
	if v < 0 {
		v, mask = -v-1, 0x55
	}
	segment := max(bits.Len(uint(v))-5, 0)
	step := max(segment, 1)
	return (byte(segment<<4) | byte(v>>step&0x0f)) ^ mask
}

// FromULaw decodes a sample of mu-law.
func FromULaw(b byte) int16 { return fromULaw[b] }

// FromALaw decodes a sample of A-law.
func FromALaw(b byte) int16 { return fromALaw[b] }

// Transcode returns mu-law bytes in A-law.
func Transcode(ulaw []byte) []byte {
	out := make([]byte, len(ulaw))
	for i, b := range ulaw {
		out[i] = ulawToALaw[b]
	}
	return out
}

var (
	fromULaw = table(func(b byte) int16 {
		b = ^b
		v := (int(b&0x0f)<<3+0x84)<<(b>>4&7) - 0x84
		return signed(v, b&0x80 != 0)
	})
	fromALaw = table(func(b byte) int16 {
		b ^= 0x55
		v, segment := int(b&0x0f)<<4+8, int(b>>4&7)
		if segment > 0 {
			v = (v + 0x100) << (segment - 1)
		}
		return signed(v, b&0x80 == 0)
	})
	ulawToALaw = table(func(b byte) byte { return ALaw(fromULaw[b]) })
)

func signed(v int, negative bool) int16 {
	if negative {
		return int16(-v)
	}
	return int16(v)
}

func table[T any](f func(byte) T) (all [256]T) {
	for i := range all {
		all[i] = f(byte(i))
	}
	return all
}
