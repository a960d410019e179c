package media

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
