package audio

import "testing"

func TestG711(t *testing.T) {
	// Values of ITU-T G.711, tables 1a to 2b, on a 16-bit scale.
	tests := []struct {
		linear     int16
		ulaw, alaw byte
	}{
		{0, 0xff, 0xd5},
		{-1, 0x7f, 0x55},
		{32767, 0x80, 0xaa},
		{-32768, 0x00, 0x2a},
		{1000, 0xce, 0xfa},
		{-1000, 0x4e, 0x7a},
		{132, 0xef, 0xdd},
		{16000, 0x90, 0xba},
	}
	for _, tt := range tests {
		if got := ULaw(tt.linear); got != tt.ulaw {
			t.Errorf("ULaw(%d) = %#02x, want %#02x", tt.linear, got, tt.ulaw)
		}
		if got := ALaw(tt.linear); got != tt.alaw {
			t.Errorf("ALaw(%d) = %#02x, want %#02x", tt.linear, got, tt.alaw)
		}
	}
}

func TestG711RoundTrip(t *testing.T) {
	for i := range 256 {
		b := byte(i)
		if got := ALaw(FromALaw(b)); got != b {
			t.Errorf("A-law %#02x came back as %#02x", b, got)
		}
		if got := ULaw(FromULaw(b)); got != b && b != 0x7f { // 0x7f is minus zero
			t.Errorf("mu-law %#02x came back as %#02x", b, got)
		}
	}
	for _, b := range []byte{0x80, 0xff, 0x00} {
		if got, want := Transcode([]byte{b})[0], ALaw(FromULaw(b)); got != want {
			t.Errorf("Transcode(%#02x) = %#02x, want %#02x", b, got, want)
		}
	}
}
