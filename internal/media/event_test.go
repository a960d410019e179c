package media

import (
	"encoding/binary"
	"testing"
)

// A tap is one event packet of a test: times in packets of 20 ms.
type tapped struct {
	seq  uint16
	ts   uint32
	code byte
	dur  uint16
	end  bool
	mark bool
}

func (e tapped) packet() *packet {
	b := make([]byte, eventBytes)
	event{code: e.code, dur: e.dur, end: e.end}.write(b)
	return &packet{payload: b, seq: e.seq, ts: e.ts, marker: e.mark, ssrc: 1}
}

// stroke is a whole press: start, updates, three ends.
func stroke(seq uint16, ts uint32, code byte) []tapped {
	return []tapped{
		{seq, ts, code, 160, false, true},
		{seq + 1, ts, code, 320, false, false},
		{seq + 2, ts, code, 480, false, false},
		{seq + 3, ts, code, 640, true, false},
		{seq + 4, ts, code, 640, true, false},
		{seq + 5, ts, code, 640, true, false},
	}
}

func join(all ...[]tapped) (out []tapped) {
	for _, a := range all {
		out = append(out, a...)
	}
	return out
}

func TestKeypad(t *testing.T) {
	t.Parallel()
	one, two := stroke(10, 8000, 1), stroke(20, 16000, 1)
	for _, tt := range []struct {
		name string
		in   []tapped
		want string
	}{
		{"a press", one, "1"},
		{"the same key twice", join(one, two), "11"},
		{"start lost", one[2:], "1"},
		{"only an end", one[5:], "1"},
		{"ends lost", join(one[:3], two), "11"},
		{"ends and the next start lost", join(one[:3], two[1:]), "11"},
		{"only one end of each", join(one[4:5], two[4:5]), "11"},
		{"end after the next press began", join(one[:3], two[:2], one[3:], two[2:]), "11"},
		{"late end with a new number", join(one[:3], two[:2], []tapped{{22, 8000, 1, 640, true, false}}), "11"},
		{"every packet twice", join(one[:1], one[:1], one[1:], one[1:]), "1"},
		{"out of order", []tapped{one[1], one[0], one[3], one[2], one[5], one[4]}, "1"},
		{"timestamp nought", stroke(1, 0, 4), "4"},
		{"always timestamp nought", join(stroke(1, 0, 4), stroke(10, 0, 4), stroke(20, 0, 5)), "445"},
		{"timestamp that moves in a press", []tapped{
			{1, 8000, 9, 160, false, true},
			{2, 8160, 9, 320, false, false},
			{3, 8320, 9, 480, false, false},
			{4, 8480, 9, 480, true, false},
			{5, 8640, 9, 480, true, false},
		}, "9"},
		{"marker on the first three packets", []tapped{
			{1, 8000, 9, 160, false, true}, {2, 8000, 9, 160, false, true}, {3, 8000, 9, 160, false, true}, {4, 8000, 9, 320, true, false},
		}, "9"},
		{"very long press in segments", []tapped{
			{1, 8000, 3, 160, false, true},
			{2, 8000, 3, 0xffff, false, false},
			{3, 8000 + 0xffff, 3, 160, false, false},
			{4, 8000 + 0xffff, 3, 0xffff, false, false},
			{5, 8000 + 2*0xffff, 3, 800, true, false},
		}, "3"},
		{"segment after a lost packet", []tapped{
			{1, 8000, 3, 64000, false, true}, {3, 8000 + 0xffff, 3, 160, false, false},
		}, "3"},
		{"two keys without a pause", join(stroke(1, 8000, 1), stroke(7, 8640, 2)), "12"},
		{"sequence and timestamp wrap", join(stroke(65533, 1<<32-1, 1), stroke(5, 4000, 2)), "12"},
		{"star, hash, letters", join(stroke(1, 1000, 10), stroke(11, 9000, 11), stroke(21, 18000, 12), stroke(31, 27000, 15)), "*#AD"},
		{"flash and other events", join(stroke(1, 1000, 16), stroke(11, 9000, 255)), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var k keypad
			var got []byte
			for _, e := range tt.in {
				if key, ok := k.hear(e.packet()); ok {
					got = append(got, key)
				}
			}
			if string(got) != tt.want {
				t.Errorf("keys %q, want %q", got, tt.want)
			}
		})
	}
}

func TestKeypadOfNewSource(t *testing.T) {
	t.Parallel()
	var k keypad
	p := stroke(100, 8000, 1)[0].packet()
	k.hear(p)
	p.ssrc, p.seq = 2, 7
	if _, ok := k.hear(p); !ok {
		t.Error("a key of a new source was taken for a late one")
	}
}

func FuzzKeypad(f *testing.F) {
	f.Add([]byte{1, 0x80, 0, 160, 1, 0, 1, 64})
	f.Fuzz(func(t *testing.T, b []byte) {
		var k keypad
		for seq := uint16(1); len(b) > 0; seq++ {
			n := min(len(b), 8)
			var ts [4]byte
			copy(ts[:], b[:n])
			key, ok := k.hear(&packet{payload: b[min(n, 4):n], seq: seq, ts: binary.BigEndian.Uint32(ts[:])})
			if ok && !validKeys(string(key)) {
				t.Fatalf("key %q", key)
			}
			b = b[n:]
		}
	})
}
