package media

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// captures are where SIPp keeps one recorded press for each key.
const captures = "/usr/share/sip-tester"

// TestRecordedKeys reads presses that real equipment has sent.
func TestRecordedKeys(t *testing.T) {
	t.Parallel()
	names := map[string]byte{"star": '*', "pound": '#'}
	for i := range byte(10) {
		names[string('0'+i)] = '0' + i
	}
	if _, err := os.Stat(captures); err != nil {
		t.Skip("SIPp is not installed: recorded key presses were not read")
	}
	for name, want := range names {
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join(captures, "dtmf_2833_"+name+".pcap"))
			if err != nil {
				t.Fatal(err)
			}
			var k keypad
			var got []byte
			for _, p := range recorded(b) {
				if key, ok := k.hear(&p); ok {
					got = append(got, key)
				}
			}
			if string(got) != string(want) {
				t.Errorf("keys %q, want %q", got, want)
			}
		})
	}
}

// recorded returns the RTP packets in a capture of Ethernet frames.
func recorded(b []byte) (all []packet) {
	const fileHead, recordHead, frameHead = 24, 16, 14 + 20 + 8
	for b = b[fileHead:]; len(b) > recordHead; {
		n := recordHead + int(binary.LittleEndian.Uint32(b[8:]))
		if p, ok := parse(b[recordHead+frameHead : n]); ok {
			all = append(all, p)
		}
		b = b[n:]
	}
	return all
}
