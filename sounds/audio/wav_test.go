package audio

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// file builds a WAV file: a header as in RFC 2361, and the data.
func file(format, channels, rate, bits int, data []byte) []byte {
	var b bytes.Buffer
	le := binary.LittleEndian
	b.WriteString("RIFF")
	b.Write(le.AppendUint32(nil, uint32(36+len(data))))
	b.WriteString("WAVE")
	b.WriteString("LIST\x03\x00\x00\x00abc\x00") // a chunk to pass over, padded
	b.WriteString("fmt ")
	b.Write(le.AppendUint32(nil, 16))
	for _, v := range []int{format, channels} {
		b.Write(le.AppendUint16(nil, uint16(v)))
	}
	b.Write(le.AppendUint32(nil, uint32(rate)))
	b.Write(le.AppendUint32(nil, uint32(rate*channels*bits/8)))
	for _, v := range []int{channels * bits / 8, bits} {
		b.Write(le.AppendUint16(nil, uint16(v)))
	}
	b.WriteString("data")
	b.Write(le.AppendUint32(nil, uint32(len(data))))
	b.Write(data)
	return b.Bytes()
}

func TestReadWAV(t *testing.T) {
	tests := []struct {
		name string
		file []byte
		want []float64
	}{
		{"16 bits", file(formatPCM, 1, 8000, 16, []byte{0, 0x40, 0, 0xc0}), []float64{0.5, -0.5}},
		{"stereo", file(formatPCM, 2, 8000, 16, []byte{0, 0x40, 0, 0, 0, 0xc0, 0, 0}), []float64{0.25, -0.25}},
		{"8 bits", file(formatPCM, 1, 8000, 8, []byte{192, 64}), []float64{0.5, -0.5}},
		{"mu-law", file(formatULaw, 1, 8000, 8, []byte{ULaw(16000), ULaw(-16000)}), []float64{0.488, -0.488}},
		{"A-law", file(formatALaw, 1, 8000, 8, []byte{ALaw(16000), ALaw(-16000)}), []float64{0.488, -0.488}},
		{"half a sample at the end", file(formatPCM, 1, 8000, 16, []byte{0, 0x40, 7}), []float64{0.5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ReadWAV(tt.file)
			if err != nil {
				t.Fatal(err)
			}
			if p.Rate != 8000 || len(p.Samples) != len(tt.want) {
				t.Fatalf("got %d samples at %d Hz", len(p.Samples), p.Rate)
			}
			for i, want := range tt.want {
				if math.Abs(p.Samples[i]-want) > 0.02 {
					t.Errorf("sample %d is %.3f, want %.3f", i, p.Samples[i], want)
				}
			}
		})
	}
}

// TestReadWAVFromPipe has the length that espeak-ng claims, which writes the
// header before it knows.
func TestReadWAVFromPipe(t *testing.T) {
	f := file(formatPCM, 1, 8000, 16, []byte{0, 0x40, 0, 0xc0})
	binary.LittleEndian.PutUint32(f[len(f)-8:], 0x7ffff000)
	if p, err := ReadWAV(f); err != nil || len(p.Samples) != 2 {
		t.Errorf("got %d samples and %v", len(p.Samples), err)
	}
}

func TestReadWAVMistakes(t *testing.T) {
	long := file(formatULaw, 1, 4000, 8, make([]byte, 4000*601))
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, "not a WAV file"},
		{"another kind", []byte("OggS, and more of it"), "not a WAV file"},
		{"no data", file(formatPCM, 1, 8000, 16, nil)[:50], "without samples"},
		{"no header", append([]byte("RIFF....WAVEdata\x02\x00\x00\x00"), 0, 0), "without header"},
		{"short header", []byte("RIFF....WAVEfmt \x02\x00\x00\x00\x01\x00"), "cut short"},
		{"24 bits", file(formatPCM, 1, 8000, 24, nil), "encoding 1 with 24 bits cannot be read"},
		{"MP3", file(0x55, 1, 8000, 16, nil), "encoding 85"},
		{"rate", file(formatPCM, 1, 1, 16, nil), "sampling rate 1 Hz"},
		{"channels", file(formatPCM, 0, 8000, 16, nil), "0 channels"},
		{"length", long, "10m1s is longer than 10m0s"},
		{"size", make([]byte, MaxBytes+1), "are more than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ReadWAV(tt.file); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzReadWAV(f *testing.F) {
	f.Add(file(formatPCM, 2, 44100, 16, []byte{1, 2, 3, 4, 5, 6, 7, 8}))
	f.Add(file(formatULaw, 1, 8000, 8, []byte{1, 2, 3}))
	f.Add(file(formatExtensible, 1, 8000, 16, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ReadWAV(b)
		if err != nil {
			return
		}
		if p.Rate < 4000 || p.Peak() > 1 || p.Duration() > MaxLength {
			t.Errorf("%d Hz, peak %.2f, %v", p.Rate, p.Peak(), p.Duration())
		}
	})
}
