package media

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	plain := rtp.Header{Version: 2, PayloadType: 8, SequenceNumber: 7, Timestamp: 9, SSRC: 11, Marker: true}
	rich := plain
	rich.CSRC = []uint32{1, 2, 3}
	if err := rich.SetExtension(1, []byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		p    rtp.Packet
		pad  byte
	}{
		{"plain", rtp.Packet{Header: plain, Payload: []byte("sound")}, 0},
		{"sources and extension", rtp.Packet{Header: rich, Payload: []byte("sound")}, 0},
		{"padding", rtp.Packet{Header: plain, Payload: []byte("sound")}, 4},
		{"all of it", rtp.Packet{Header: rich, Payload: []byte("sound")}, 8},
		{"no payload", rtp.Packet{Header: plain}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.p.Padding, tt.p.PaddingSize = tt.pad > 0, tt.pad
			b, err := tt.p.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			p, ok := parse(b)
			if !ok || p.kind != 8 || p.seq != 7 || p.ts != 9 || p.ssrc != 11 || !p.marker {
				t.Errorf("parse: %+v, %t", p, ok)
			}
			if !bytes.Equal(p.payload, tt.p.Payload) {
				t.Errorf("payload %q, want %q", p.payload, tt.p.Payload)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	good := make([]byte, 20)
	head{kind: 8}.write(good)
	change := func(at int, to byte) []byte {
		b := bytes.Clone(good)
		b[at] = to
		return b
	}
	for _, tt := range []struct {
		name string
		b    []byte
	}{
		{"nothing", nil},
		{"four bytes", []byte{0x80, 0, 0, 1}},
		{"version 1", change(0, 0x40)},
		{"more sources than bytes", change(0, 0x8f)},
		{"extension beyond the end", append(change(0, 0x90)[:12], 0, 0, 0xff, 0xff)},
		{"half an extension", change(0, 0x90)[:14]},
		{"padding of nothing", change(0, 0xa0)},
		{"padding beyond the payload", func() []byte { b := change(0, 0xa0); b[19] = 9; return b }()},
		{"a report on the wrong port", change(1, 200)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if p, ok := parse(tt.b); ok {
				t.Errorf("taken: %+v", p)
			}
		})
	}
}

// TestHeadIsRead has another library read what we write.
func TestHeadIsRead(t *testing.T) {
	t.Parallel()
	want := head{marker: true, kind: 101, seq: 65535, ts: 1 << 31, ssrc: 0xfeedbeef}
	b := make([]byte, 16)
	want.write(b)
	var p rtp.Packet
	if err := p.Unmarshal(b); err != nil {
		t.Fatal(err)
	}
	got := head{p.Marker, p.PayloadType, p.SequenceNumber, p.Timestamp, p.SSRC}
	if got != want || p.Version != 2 {
		t.Errorf("read %+v, want %+v", got, want)
	}
}

func FuzzParse(f *testing.F) {
	b := make([]byte, 40)
	head{kind: 8}.write(b)
	f.Add(b)
	f.Add([]byte{0xb3, 0x80, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, ok := parse(b)
		if !ok {
			return
		}
		if p.head < headBytes || p.head+len(p.payload) > len(b) {
			t.Fatalf("payload %d+%d of %d bytes", p.head, len(p.payload), len(b))
		}
		var other rtp.Packet
		if err := other.Unmarshal(b); err == nil && other.SSRC != p.ssrc {
			t.Fatalf("source %x, another library reads %x", p.ssrc, other.SSRC)
		}
	})
}
