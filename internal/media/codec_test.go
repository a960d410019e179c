package media

import (
	"math"
	"testing"
)

func TestCodecs(t *testing.T) {
	t.Parallel()
	for _, c := range []Codec{PCMU, PCMA} {
		for i := range 256 {
			b := byte(i)
			got := c.Encode(c.Decode(b))
			if got != b && c.Decode(got) != c.Decode(b) {
				t.Errorf("%s: %#x comes back as %#x", c, b, got)
			}
		}
		for s := -32768; s <= 32767; s += 7 {
			off := math.Abs(float64(c.Decode(c.Encode(int16(s)))) - float64(s))
			if off > math.Max(math.Abs(float64(s))/16, 16) && s > -32400 && s < 32400 {
				t.Fatalf("%s: sample %d is off by %g", c, s, off)
			}
		}
		if s := c.Decode(c.Silence()); s < -8 || s > 8 {
			t.Errorf("%s: silence is %d", c, s)
		}
	}
}

// TestCodecAnchors compares with values of the tables in ITU-T G.711.
func TestCodecAnchors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		c    Codec
		b    byte
		want int16
	}{
		{PCMU, 0x00, -32124},
		{PCMU, 0x80, 32124},
		{PCMU, 0xff, 0},
		{PCMU, 0xfe, 8},
		{PCMA, 0xd5, 8},
		{PCMA, 0x55, -8},
		{PCMA, 0xaa, 32256},
		{PCMA, 0x2a, -32256},
	} {
		if got := tt.c.Decode(tt.b); got != tt.want {
			t.Errorf("%s %#x is %d, want %d", tt.c, tt.b, got, tt.want)
		}
	}
}

func TestTranscode(t *testing.T) {
	t.Parallel()
	b := []byte{PCMU.Encode(12000), PCMU.Encode(-300), PCMU.Silence()}
	transcode(b, PCMU, PCMA)
	for i, want := range []float64{12000, -300, 0} {
		if got := float64(PCMA.Decode(b[i])); math.Abs(got-want) > math.Abs(want)/16+16 {
			t.Errorf("sample %g became %g", want, got)
		}
	}
}
