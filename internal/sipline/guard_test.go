package sipline

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestStrangers is attacks A3 to A6 from sources that are not listed: nothing
// is answered and nothing is remembered (traps S4 and S6).
func TestStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(1)
		l, p, _ := virtual(t, n, menu(), nil)
		us := net.UDPAddrFromAddrPort(l.sockets[0].addr)
		const strangers = 20000
		var answered int
		for i := range strangers {
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{172, byte(i >> 16), byte(i >> 8), byte(i)}), 5060)
			e := n.listen(from.String())
			for _, msg := range []string{request("INVITE", fmt.Sprint("x", i), toUs, 1, sdpOffer), "junk"} {
				if _, err := e.WriteTo([]byte(msg), us); err != nil {
					t.Fatal(err)
				}
			}
			if i%1000 == 999 {
				synctest.Wait()
			}
			answered += len(e.in)
			if l.ua.TransportLayer().Pool("udp").Get(from.String()) != nil {
				t.Fatal("a stranger got into the pool of connections")
			}
		}
		pass(time.Minute)
		if answered > 0 {
			t.Errorf("%d answers went to strangers", answered)
		}
		if got := l.Counts(); got.Denied != 2*strangers || got.Passed > 1 { // the carrier's answer to OPTIONS
			t.Errorf("%+v: want all denied", got)
		}
		if got := len(l.guard.packets.by); got > 1 {
			t.Errorf("%d sources are remembered, want the carrier alone", got)
		}
		up(p, "c1") // the carrier is served as ever
	})
}

func BenchmarkJudge(b *testing.B) {
	g := &guard{
		listed: func(a netip.Addr) bool { return a == netip.MustParseAddr("192.0.2.1") },
		admit:  func(string) *rejection { return nil }, live: func(string) bool { return false },
		now: time.Now, log: slog.New(slog.DiscardHandler), guests: map[netip.Addr]int{},
		packets: newBuckets(1e9, 1e9), invites: newBuckets(1e9, 1e9),
	}
	msg := []byte(request("INVITE", "c1", toUs, 1, sdpOffer))
	for _, who := range []string{"192.0.2.1:5060", "192.0.2.2:5060"} {
		b.Run(who, func(b *testing.B) {
			src := netip.MustParseAddrPort(who)
			b.ReportAllocs()
			for b.Loop() {
				g.judge(src, msg)
			}
		})
	}
}

// TestPanicInARequest is trap S1: sipgo recovers from nothing.
func TestPanicInARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := menu()
		d.answer = func(callback.Inbound) error { panic("a bug") }
		l, p, _ := virtual(t, newNetwork(1), d, nil)
		p.send(request("INVITE", "c1", toUs, 1, sdpOffer))
		p.gets("SIP/2.0 500")
		synctest.Wait()
		if l.Counts().Panics != 1 || l.Calls() != 0 {
			t.Errorf("%+v, %d calls", l.Counts(), l.Calls())
		}
		d.mu.Lock()
		d.answer = nil
		d.mu.Unlock()
		up(p, "c2")
	})
}

// TestDeskSaysNo holds that a number nobody has is 404, and a desk in trouble
// 503, so that the carrier can try another machine.
func TestDeskSaysNo(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{fmt.Errorf("number: %w", callback.ErrNotFound), "SIP/2.0 404"},
		{errors.New("disk full"), "SIP/2.0 503"},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			d := menu()
			d.answer = func(callback.Inbound) error { return tt.err }
			_, p, _ := virtual(t, newNetwork(1), d, nil)
			p.send(request("INVITE", "c1", toUs, 1, sdpOffer))
			p.gets(tt.want)
		})
	}
}

// TestQuietLog is trap S5: what strangers send does not fill the disk.
func TestQuietLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := newQuiet(slog.New(slog.NewTextHandler(&out, nil))).With("caller", "x")
		for range 10000 {
			log.Error("failed to parse", "data", strings.Repeat("A", 5000)+"\x1b[2J\r\n")
		}
		if n := strings.Count(out.String(), "\n"); n != logBurst {
			t.Errorf("%d lines, want %d", n, logBurst)
		}
		if out.Len() > logBurst*400 {
			t.Errorf("%d bytes of log", out.Len())
		}
		if strings.ContainsAny(out.String(), "\x1b\r") {
			t.Error("control characters reached the log")
		}
		if strings.Contains(out.String(), "level=ERROR") {
			t.Error("a stranger raised an alarm")
		}
		out.Reset()
		pass(10 * time.Second)
		log.Error("failed to parse")
		if !strings.Contains(out.String(), "dropped=9980") {
			t.Errorf("%q does not say how much was left out", out.String())
		}
		out.Reset()
		log.Info("not worth a line")
		if out.Len() != 0 {
			t.Errorf("%q was logged", out.String())
		}
	})
}
