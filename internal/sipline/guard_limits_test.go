package sipline

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// watchman is a guard before whom only 192.0.2.0/24 is listed, at a clock that
// stands still until it is set.
func watchman(now *time.Time) *guard {
	return &guard{
		listed: netip.MustParsePrefix("192.0.2.0/24").Contains, phone: func(netip.Addr) bool { return false },
		admit: func(string) *rejection { return nil }, live: func(string) bool { return false },
		now: func() time.Time { return *now }, log: slog.New(slog.DiscardHandler), guests: map[netip.Addr]int{},
		packets: newBuckets(packetsPerSec, packetsBurst), invites: newBuckets(invitesPerSec, invitesBurst),
	}
}

// TestNewCallsOfOneSource holds that one source cannot begin more calls than its
// rate, is told when to come again, and keeps nobody else from calling.
func TestNewCallsOfOneSource(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	g := watchman(&now)
	one, other := netip.MustParseAddrPort("192.0.2.1:5060"), netip.MustParseAddrPort("192.0.2.2:5060")
	calls := func(src netip.AddrPort, n int) (in int) {
		for i := range n {
			v := g.judge(src, []byte(request("INVITE", fmt.Sprint("c", i), toUs, 1, sdpOffer)))
			if v.pass {
				in++
			} else if a := string(v.answer); !strings.HasPrefix(a, "SIP/2.0 503 ") || !strings.Contains(a, "Retry-After: "+retryAfterBusy) {
				t.Fatalf("too many calls are answered by %q", a)
			}
		}
		return in
	}
	if in := calls(one, invitesBurst+50); in != invitesBurst {
		t.Errorf("%d calls at once are let in, want %d", in, invitesBurst)
	}
	if in := calls(other, 10); in != 10 {
		t.Errorf("%d calls of another source are let in, want 10", in)
	}
	if now = now.Add(time.Second); calls(one, invitesPerSec+50) != invitesPerSec {
		t.Errorf("a second later it is not let in again at its rate, %d", invitesPerSec)
	}
}

// TestMessageTooLong holds that a message has a bound, whatever it says.
func TestMessageTooLong(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	g := watchman(&now)
	src := netip.MustParseAddrPort("192.0.2.1:5060")
	for _, tt := range []struct {
		size int
		pass bool
	}{{maxMessage, true}, {maxMessage + 1, false}} {
		msg := request("OPTIONS", "c", toUs, 1)
		msg = strings.Replace(msg, "\r\n", "\r\nSubject: "+strings.Repeat("x", tt.size-len(msg)-len("Subject: \r\n"))+"\r\n", 1)
		if v := g.judge(src, []byte(msg)); len(msg) != tt.size || v.pass != tt.pass {
			t.Errorf("of %d bytes: passed %v, want %v", len(msg), v.pass, tt.pass)
		}
	}
}

// TestGuardBreaks holds that a message which breaks the guard itself is dropped,
// and that the next one is read.
func TestGuardBreaks(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	g := watchman(&now)
	g.live = func(id string) bool {
		if id == "bad" {
			panic("broken")
		}
		return false
	}
	src := netip.MustParseAddrPort("192.0.2.1:5060")
	if v := g.judge(src, []byte(request("INVITE", "bad", toUs, 1, sdpOffer))); v.pass || len(v.answer) > 0 || g.counts.panics.Load() != 1 {
		t.Errorf("what broke it: %+v, %d panics", v, g.counts.panics.Load())
	}
	if v := g.judge(src, []byte(request("INVITE", "good", toUs, 1, sdpOffer))); !v.pass {
		t.Error("the next message is not read")
	}
}

// comes is a connection that says where it comes from.
type comes struct {
	net.Conn
	from net.Addr
}

// RemoteAddr implements [net.Conn].
func (c comes) RemoteAddr() net.Addr { return c.from }

// TestStrangersTakeNoConnection holds that a connection of a stranger is closed
// before a byte is read, so that many take no place from the carrier.
func TestStrangersTakeNoConnection(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	g := watchman(&now)
	s := newStreams(nil, &net.TCPAddr{}, g, slog.New(slog.DiscardHandler))
	close(s.closed) // whom it lets in, it cannot hand on
	for i := range byte(2) {
		near, far := net.Pipe()
		s.take(comes{near, &net.TCPAddr{IP: net.IPv4(203, 0, 113, i), Port: 5060}})
		if _, err := far.Read(make([]byte, 1)); err == nil {
			t.Error("a stranger is told something")
		}
	}
	if n := g.counts.denied.Load(); n != 2 {
		t.Errorf("%d connections are counted as denied, want 2", n)
	}
}
