package sipline

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/ivr"
)

// piped is a listener without sockets, and the far end of a connection that
// has come in by it.
func piped(t *testing.T, carries bool) (far net.Conn, ours net.Conn) {
	t.Helper()
	g := &guard{
		listed: func(netip.Addr) bool { return true }, live: func(string) bool { return true },
		carries: func(netip.AddrPort) bool { return carries }, now: time.Now, log: slog.New(slog.DiscardHandler),
		packets: newBuckets(packetsPerSec, packetsBurst), guests: map[netip.Addr]int{},
	}
	s := newStreams(nil, &net.TCPAddr{}, g, slog.New(slog.DiscardHandler))
	near, far := net.Pipe()
	go s.take(near)
	m := <-s.in
	t.Cleanup(func() { _, _ = m.conn.Close(), far.Close() })
	return far, m.conn
}

// TestSilentConnections holds that a connection must say something soon, may
// then be idle for some minutes, and for as long as it likes while it carries a
// call.
func TestSilentConnections(t *testing.T) {
	for _, tt := range []struct {
		name    string
		speaks  bool
		carries bool
		ends    time.Duration
	}{
		{"says nothing", false, false, streamMessage},
		{"falls silent", true, false, streamIdle},
		{"carries a call", true, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				far, ours := piped(t, tt.carries)
				read := make(chan error, 4)
				go func() {
					b := make([]byte, 65536)
					for {
						_, err := ours.Read(b)
						read <- err
						if err != nil {
							return
						}
					}
				}()
				if tt.speaks {
					_, _ = far.Write([]byte(request("OPTIONS", "c", toUs+";tag=x", 1)))
					if err := <-read; err != nil {
						t.Fatal(err)
					}
				}
				began := time.Now()
				select {
				case err := <-read:
					if took := time.Since(began); !errors.Is(err, io.EOF) || took != tt.ends {
						t.Errorf("ended after %v by %v, want %v", took, err, tt.ends)
					}
				case <-time.After(time.Hour):
					if tt.ends != 0 {
						t.Error("still open after an hour")
					}
				}
			})
		})
	}
}

// TestWriteToTheDeaf holds that whoever reads nothing holds up nobody.
func TestWriteToTheDeaf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, ours := piped(t, true)
		began := time.Now()
		_, err := ours.Write([]byte("SIP/2.0 200 OK\r\n\r\n"))
		if took := time.Since(began); !errors.Is(err, os.ErrDeadlineExceeded) || took != streamMessage {
			t.Errorf("given up after %v by %v", took, err)
		}
	})
}

// TestGoodbyeByAnotherWay holds that a call which came by a connection that is
// gone is hung up at the address in its Contact.
func TestGoodbyeByAnotherWay(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	d := newDesk(map[string][]ivr.Turn{"in": slices.Repeat([]ivr.Turn{{Listen: &ivr.Listen{Max: 1, Wait: 2 * time.Second}}}, 1000)})
	l := open(t, d, tcp)
	conn := dialTCP(t, l)
	contact := fmt.Sprintf("<sip:carrier@%s;transport=tcp>", inner.Addr())
	invite := strings.Replace(request("INVITE", "c1", toUs, 1, strings.ReplaceAll(sdpOffer, "10.0.0.9", "127.0.0.1")),
		"<sip:carrier@10.0.0.9:5060>", contact, 1)
	ok := exchange(t, conn, strings.ReplaceAll(invite, "SIP/2.0/UDP", "SIP/2.0/TCP"))
	if !strings.HasPrefix(ok, "SIP/2.0 200") {
		t.Fatalf("got %q", ok)
	}
	_, err = conn.Write([]byte(strings.ReplaceAll(request("ACK", "c1", field(ok, "To"), 1), "SIP/2.0/UDP", "SIP/2.0/TCP")))
	if err != nil {
		t.Fatal(err)
	}
	d.hears(t, "in 1 silence") // the ACK has come
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	d.put("in") // nothing more is asked: it is hung up after the next silence
	if err := inner.(*net.TCPListener).SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	again, err := inner.Accept()
	if err != nil {
		t.Fatalf("nobody says goodbye: %v", err)
	}
	defer again.Close()
	b := make([]byte, 65536)
	n, err := again.Read(b)
	if err != nil || !strings.HasPrefix(string(b[:n]), "BYE ") {
		t.Fatalf("got %q: %v", b[:n], err)
	}
	_, _ = again.Write([]byte(answer(string(b[:n]), "200 OK", "")))
}

// TestIdleConnections is attack A6 on a larger scale: of 5,000 connections that
// say nothing, from sources that are listed, a bounded number is kept.
func TestIdleConnections(t *testing.T) {
	l := open(t, newDesk(nil), func(c *Config) {
		tcp(c)
		c.Trunks["carrier"] = Trunk{Host: "127.0.0.1:9", Allow: []string{"127.0.0.0/8"}}
	})
	before := runtime.NumGoroutine()
	to := net.TCPAddrFromAddrPort(l.Addrs()[0])
	const all = 5000
	for i := range all {
		from := &net.TCPAddr{IP: net.IPv4(127, 0, byte(1+i/250), byte(1+i%250))}
		c, err := net.DialTCP("tcp", from, to)
		if err != nil {
			t.Skipf("connection %d: %v", i, err)
		}
		defer c.Close()
	}
	_, more := net.Dial("tcp", to.String()) // the last one in the row has been seen with this one
	if more != nil {
		t.Fatal(more)
	}
	late := time.Now().Add(patience)
	for l.Counts().Flooded+maxStreams < all && time.Now().Before(late) {
		<-time.After(10 * time.Millisecond)
	}
	s := l.socket("tcp", l.Addrs()[0].Addr()).streams
	s.mu.Lock()
	kept := s.count
	s.mu.Unlock()
	if kept > maxStreams || kept == 0 {
		t.Errorf("%d connections are kept, want %d at the most", kept, maxStreams)
	}
	if n := runtime.NumGoroutine() - before; n > 2*maxStreams {
		t.Errorf("%d goroutines for %d connections", n, kept)
	}
}
