package media

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"
)

// A peer is a telephone of which a test writes every packet.
type peer struct {
	t    *testing.T
	conn *net.UDPConn
	to   netip.AddrPort
	head head
}

func newPeer(t *testing.T) *peer { return newPeerAt(t, net.IPv4(127, 0, 0, 1)) }

// newStranger is a peer at another address.
func newStranger(t *testing.T) *peer { return newPeerAt(t, net.IPv4(127, 0, 0, 2)) }

func newPeerAt(t *testing.T, ip net.IP) *peer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: ip})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &peer{t: t, conn: conn, head: head{kind: 0, seq: 100, ts: 1000, ssrc: 0xabc}}
}

func (p *peer) port() int { return p.conn.LocalAddr().(*net.UDPAddr).Port }

// offer is a plain one, with attributes added.
func (p *peer) offer(formats, more string) []byte {
	return fmt.Appendf(nil, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP %s\r\na=rtpmap:101 telephone-event/8000\r\n%s", p.port(), formats, more)
}

// dial connects a peer with a stream that has started.
func (p *peer) dial(s *Stream, formats string) {
	p.t.Helper()
	if _, err := s.Answer(p.offer(formats, "")); err != nil {
		p.t.Fatal(err)
	}
	p.to = s.Local()
	s.Start()
}

// sound sends one frame of a byte.
func (p *peer) sound(b byte) {
	frame := make([]byte, FrameBytes)
	for i := range frame {
		frame[i] = b
	}
	p.packet(0, p.head.ts, frame)
	p.head.ts += FrameBytes
}

// press sends the packets of a key.
func (p *peer) press(code byte) {
	for i := range 6 {
		b := make([]byte, eventBytes)
		event{code: code, dur: uint16(160 * min(i+1, 4)), end: i >= 3}.write(b)
		p.head.marker = i == 0
		p.packet(101, p.head.ts, b)
	}
	p.head.marker = false
	p.head.ts += 8 * FrameBytes
}

func (p *peer) packet(kind byte, ts uint32, payload []byte) {
	h := p.head
	h.kind, h.ts = kind, ts
	b := make([]byte, headBytes, headBytes+len(payload))
	h.write(b)
	p.head.seq++
	p.raw(append(b, payload...))
}

func (p *peer) raw(b []byte) {
	p.t.Helper()
	if _, err := p.conn.WriteToUDPAddrPort(b, p.to); err != nil {
		p.t.Fatal(err)
	}
}

// next returns the next packet that the peer gets.
func (p *peer) next() packet {
	p.t.Helper()
	b := make([]byte, packetBytes)
	if err := p.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		p.t.Fatal(err)
	}
	n, err := p.conn.Read(b)
	if err != nil {
		p.t.Fatal("nothing came:", err)
	}
	got, ok := parse(b[:n])
	if !ok {
		p.t.Fatalf("not RTP: %x", b[:n])
	}
	return got
}

// quiet reports how many bytes have come by now, or come within a tenth of a
// second. A packet of its own tells it that there are no more: a deadline may be
// over on a busy machine before anything was read.
func (p *peer) quiet() (all int) {
	p.t.Helper()
	<-time.After(100 * time.Millisecond)
	last := newPeer(p.t).conn
	if _, err := last.WriteTo([]byte("last"), p.conn.LocalAddr()); err != nil {
		p.t.Fatal(err)
	}
	if err := p.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		p.t.Fatal(err)
	}
	for b := make([]byte, packetBytes); ; {
		n, from, err := p.conn.ReadFrom(b)
		if err != nil {
			p.t.Fatal("the last packet never came:", err)
		}
		if from.String() == last.LocalAddr().String() {
			return all
		}
		all += n
	}
}

// until waits until a stream's figures are as a test wants them.
func until(t *testing.T, s *Stream, what string, ok func(Stats) bool) {
	t.Helper()
	for late := time.Now().Add(patience); !ok(s.Stats()); <-time.After(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%s: %+v", what, s.Stats())
		}
	}
}
