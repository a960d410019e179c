package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// The largest recording that is read.
const (
	MaxBytes  = 20 << 20
	MaxLength = 10 * time.Minute
)

var errNotWAV = errors.New("not a WAV file")

// Encodings of WAV samples (RFC 2361).
const (
	formatPCM        = 1
	formatALaw       = 6
	formatULaw       = 7
	formatExtensible = 0xfffe
)

// A header is the fmt chunk of a WAV file.
type header struct {
	format, channels, bits int
	rate                   int
}

// ReadWAV reads a WAV file of any rate: PCM of 8 or 16 bits, mu-law or A-law,
// one channel or several, which are mixed.
func ReadWAV(file []byte) (PCM, error) {
	if len(file) > MaxBytes {
		return PCM{}, fmt.Errorf("%d bytes are more than %d", len(file), MaxBytes)
	}
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return PCM{}, errNotWAV
	}
	var h header
	for rest := file[12:]; len(rest) >= 8; {
		name, body, after := chunk(rest)
		switch name {
		case "fmt ":
			var err error
			if h, err = readHeader(body); err != nil {
				return PCM{}, err
			}
		case "data":
			return h.samples(body)
		}
		rest = after
	}
	return PCM{}, errors.New("WAV file without samples")
}

// chunk splits off the first chunk. Programs that write to a pipe cannot know
// the length and claim too much, so a chunk ends with the file at the latest.
func chunk(file []byte) (name string, body, rest []byte) {
	body = file[8:]
	size := int(min(uint64(binary.LittleEndian.Uint32(file[4:])), uint64(len(body))))
	next := min(size+size%2, len(body)) // chunks are padded to even length
	return string(file[:4]), body[:size], body[next:]
}

func readHeader(b []byte) (header, error) {
	if len(b) < 16 {
		return header{}, errors.New("WAV header is cut short")
	}
	le := binary.LittleEndian
	h := header{
		format:   int(le.Uint16(b)),
		channels: int(le.Uint16(b[2:])),
		rate:     int(le.Uint32(b[4:])),
		bits:     int(le.Uint16(b[14:])),
	}
	if h.format == formatExtensible && len(b) >= 26 {
		h.format = int(le.Uint16(b[24:]))
	}
	return h, h.check()
}

func (h header) check() error {
	if h.rate < 4000 || h.rate > 192000 {
		return fmt.Errorf("sampling rate %d Hz is not within 4000 to 192000", h.rate)
	}
	if h.channels < 1 || h.channels > 8 {
		return fmt.Errorf("%d channels are not within 1 to 8", h.channels)
	}
	switch {
	case h.format == formatPCM && (h.bits == 8 || h.bits == 16):
	case (h.format == formatULaw || h.format == formatALaw) && h.bits == 8:
	default:
		return fmt.Errorf("encoding %d with %d bits cannot be read: save it as PCM, 16 bits", h.format, h.bits)
	}
	return nil
}

// samples decodes and mixes the data chunk.
func (h header) samples(b []byte) (PCM, error) {
	if h.rate == 0 {
		return PCM{}, errors.New("WAV file without header")
	}
	width := h.channels * h.bits / 8
	p := PCM{Rate: h.rate, Samples: make([]float64, len(b)/width)}
	if length := p.Duration(); length > MaxLength {
		return PCM{}, fmt.Errorf("%s is longer than %s", length.Round(time.Second), MaxLength)
	}
	for i := range p.Samples {
		var sum float64
		for c := range h.channels {
			sum += h.sample(b[i*width+c*h.bits/8:])
		}
		p.Samples[i] = sum / float64(h.channels)
	}
	return p, nil
}

func (h header) sample(b []byte) float64 {
	switch {
	case h.format == formatULaw:
		return float64(FromULaw(b[0])) / fullScale
	case h.format == formatALaw:
		return float64(FromALaw(b[0])) / fullScale
	case h.bits == 8:
		return float64(int(b[0])-128) / 128 // 8 bits have no sign
	}
	return float64(int16(binary.LittleEndian.Uint16(b))) / fullScale
}

// WAV makes a file of mu-law samples at 8 kHz (RFC 2361, format 7), whose header has
// the length of the extension and the count of samples that all formats but
// PCM need.
func WAV(samples []byte) []byte {
	const channels, bits = 1, 8
	pad := len(samples) % 2 // chunks are padded to even length
	le := binary.LittleEndian
	b := make([]byte, 0, 58+len(samples)+pad)
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, uint32(50+len(samples)+pad))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 18)
	b = le.AppendUint16(b, formatULaw)
	b = le.AppendUint16(b, channels)
	b = le.AppendUint32(b, Rate)
	b = le.AppendUint32(b, Rate)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint16(b, bits)
	b = le.AppendUint16(b, 0)
	b = append(b, "fact"...)
	b = le.AppendUint32(b, 4)
	b = le.AppendUint32(b, uint32(len(samples)))
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(len(samples)))
	b = append(b, samples...)
	return append(b, make([]byte, pad)...)
}
