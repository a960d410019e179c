package media

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
)

// TestForgedPackets sends what strangers send into live calls: sound, keys,
// reports, junk. It must change nothing and bring nothing back.
func TestForgedPackets(t *testing.T) {
	t.Parallel()
	s := open(t, newEngine(t))
	far, stranger := newPeer(t), newPeer(t)
	far.dial(s, "0 101")
	far.sound(0x21)
	until(t, s, "the peer is heard", func(st Stats) bool { return st.Received == 1 })
	heard := hear(s)

	stranger.to = s.Local()
	stranger.head = far.head // it even knows the numbers
	for range 8 {
		stranger.sound(0x66)
	}
	stranger.press(5)
	for range 20 {
		stranger.raw([]byte{0x80, 200, 0, 0})
		stranger.raw([]byte("junk that is long enough to be a packet"))
	}
	until(t, s, "strangers are counted", func(st Stats) bool { return st.Foreign >= 14 && st.Malformed >= 40 })
	if n := stranger.quiet(); n != 0 {
		t.Errorf("a stranger got %d bytes", n)
	}
	if s.Pending() {
		t.Error("a stranger's key counted")
	}
	if heard.has([]byte{0x66}) {
		t.Error("a stranger was heard")
	}

	far.press(3)
	if k := key(t, s); k != '3' {
		t.Errorf("key %q of the peer", k)
	}
	if p := far.next(); len(p.payload) != FrameBytes {
		t.Errorf("the peer got %d bytes", len(p.payload))
	}
}

// TestSprayBeforeTheCall sprays a port before the peer has said anything.
func TestSprayBeforeTheCall(t *testing.T) {
	t.Parallel()
	s := open(t, newEngine(t))
	far, stranger := newPeer(t), newStranger(t)
	stranger.to = s.Local()
	stranger.press(5)
	far.dial(s, "0 101")
	for range 50 {
		stranger.sound(0x66)
	}
	until(t, s, "strangers are counted", func(st Stats) bool { return st.Foreign >= 50 })
	far.sound(0x21)
	until(t, s, "the peer is heard", func(st Stats) bool { return st.Received == 1 })
	stranger.press(5)
	until(t, s, "strangers are counted", func(st Stats) bool { return st.Foreign >= 62 })
	if n := stranger.quiet(); n != 0 || s.Pending() {
		t.Errorf("a stranger got %d bytes, keys waiting %t", n, s.Pending())
	}
}

// TestPortOfNAT follows a peer whose packets come from another port.
func TestPortOfNAT(t *testing.T) {
	t.Parallel()
	s := open(t, newEngine(t))
	told, real := newPeer(t), newPeer(t)
	told.dial(s, "0 101")
	real.to = s.Local()
	for range wanted {
		real.sound(0x21)
	}
	real.press(9)
	if k := key(t, s); k != '9' {
		t.Errorf("key %q", k)
	}
	real.next() // what we say goes there now
	if _, err := s.Answer(told.offer("0 101", "a=ptime:20\r\n")); err != nil {
		t.Fatal(err)
	}
	told.quiet()
	if n := told.quiet(); n != 0 {
		t.Errorf("after the same address was said again, %d bytes went there", n)
	}
}

func TestSource(t *testing.T) {
	t.Parallel()
	addr := netip.MustParseAddrPort
	const said, port, proxy, other = "192.0.2.1:4000", "192.0.2.1:4002", "198.51.100.7:9", "203.0.113.5:4000"
	type from struct {
		addr string
		n    int // packets in a row
		skip uint16
		ssrc uint32
	}
	for _, tt := range []struct {
		name string
		in   []from
		want string
	}{
		{"the address said, at once", []from{{said, 1, 0, 1}}, said},
		{"another port, proven", []from{{port, wanted, 0, 1}}, port},
		{"another port, not yet proven", []from{{port, wanted - 1, 0, 1}}, ""},
		{"another port, with one loss", []from{{port, 2, 0, 1}, {port, 3, 1, 1}}, port},
		{"another port, with jumps", []from{{port, 4, 0, 1}, {port, 4, 50, 1}}, ""},
		{"another port, source changes", []from{{port, 4, 0, 1}, {port, 4, 0, 2}}, ""},
		{"where SIP comes from", []from{{proxy, wanted, 0, 1}}, proxy},
		{"anybody", []from{{other, 1000, 0, 1}}, ""},
		{"anybody, then the address said", []from{{other, 1000, 0, 1}, {said, 1, 0, 2}}, said},
		{"another port nearly, then the address said", []from{{port, 4, 0, 1}, {said, 1, 0, 2}, {port, 99, 0, 1}}, said},
		{"nothing moves what is settled", []from{{said, 1, 0, 1}, {port, 99, 0, 1}, {proxy, 99, 0, 1}, {other, 99, 0, 1}}, said},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := source{trusted: addr(proxy).Addr()}
			s.negotiated(addr(said))
			seq := uint16(65530)
			for _, f := range tt.in {
				seq += f.skip
				for range f.n {
					seq++
					s.admit(addr(f.addr), &packet{seq: seq, ssrc: f.ssrc})
				}
			}
			got := ""
			if s.settled.IsValid() {
				got = s.settled.String()
			}
			if got != tt.want {
				t.Errorf("settled on %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSourceMoves(t *testing.T) {
	t.Parallel()
	one, two := netip.MustParseAddrPort("192.0.2.1:4000"), netip.MustParseAddrPort("192.0.2.2:4000")
	s := source{trusted: two.Addr()}
	s.negotiated(one)
	s.admit(one, &packet{})
	s.negotiated(one)
	if s.from() != one || !s.settled.IsValid() {
		t.Error("the same address said again unsettled the source")
	}
	s.negotiated(two)
	if s.admit(one, &packet{}) || !s.admit(two, &packet{}) || s.trusted != two.Addr() {
		t.Error("the source did not follow the new description")
	}
}

// TestReportsOfStrangers checks that reports from elsewhere are not believed, and
// that none are answered.
func TestReportsOfStrangers(t *testing.T) {
	t.Parallel()
	s := open(t, newEngine(t))
	far := newPeer(t)
	far.dial(s, "0 101")
	stranger := newStranger(t)
	stranger.to = netip.AddrPortFrom(s.Local().Addr(), s.Local().Port()+1)
	far.to = stranger.to
	far.raw([]byte{0x80, 201, 0, 0})
	for i := range 200 {
		stranger.raw(make([]byte, i%7))
		stranger.raw([]byte{0x81, 201, 0, 7, 1, 2, 3, byte(i)})
	}
	until(t, s, "junk is counted", func(st Stats) bool { return st.Malformed > 0 && st.Foreign >= batch-1 })
	if n := stranger.quiet(); n != 0 {
		t.Errorf("a stranger got %d bytes", n)
	}
	var b []byte
	b = append(b, 0x81, receiverReport, 0, 7, 0, 0, 0, 9)
	b = binary.BigEndian.AppendUint32(b, s.out.ssrc)
	b = append(b, 0x10, 0, 0, 42)
	b = append(b, make([]byte, 16)...)
	var r reports
	if !r.take(b, s.out.ssrc, s.began) || r.farLost != 42 {
		t.Errorf("the peer lost %d, want 42", r.farLost)
	}
	if fmt.Sprint(s.source.from().Addr()) != "127.0.0.1" {
		t.Error("the peer moved")
	}
}
