package phone

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/holdless/holdless/internal/media"
)

// rate is samples, and in G.711 bytes, a second.
const rate = 8000

// WriteWAV writes what was heard as a WAV file: 8 kHz, mono, in the codec of
// the call itself.
func (c *Call) WriteWAV(w io.Writer) error {
	heard := c.Heard()
	head := waveHeader(c.sound.stream.Codec(), len(heard))
	if _, err := w.Write(append(head, heard...)); err != nil {
		return fmt.Errorf("write WAV: %w", err)
	}
	return nil
}

// waveHeader is that of RFC 2361: format 7 is PCMU, 6 is PCMA.
func waveHeader(codec media.Codec, n int) []byte {
	format := uint16(7)
	if codec == media.PCMA {
		format = 6
	}
	le := binary.LittleEndian
	b := append([]byte("RIFF"), le.AppendUint32(nil, uint32(50+n+n%2))...)
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 18)
	b = le.AppendUint16(b, format)
	b = le.AppendUint16(b, 1)    // channel
	b = le.AppendUint32(b, rate) // samples a second
	b = le.AppendUint32(b, rate) // bytes a second
	b = le.AppendUint16(b, 1)    // bytes a sample
	b = le.AppendUint16(b, 8)    // bits a sample
	b = le.AppendUint16(b, 0)
	b = append(b, "fact"...)
	b = le.AppendUint32(b, 4)
	b = le.AppendUint32(b, uint32(n))
	b = append(b, "data"...)
	return le.AppendUint32(b, uint32(n))
}
