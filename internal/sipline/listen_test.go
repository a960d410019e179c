package sipline

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// faulty is a socket whose reads fail now and then, and at last for good.
type faulty struct {
	net.PacketConn
	fails atomic.Int64
}

func (f *faulty) ReadFrom(b []byte) (int, net.Addr, error) {
	if f.fails.Add(-1) >= 0 {
		return 0, nil, errors.New("out of buffers")
	}
	return f.PacketConn.ReadFrom(b)
}

// TestReadErrors is trap S2: one bad read is no reason to be deaf.
func TestReadErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(1)
		e := n.listen("10.0.0.1:5060")
		f := &faulty{PacketConn: e}
		f.fails.Store(20)
		l, err := newLine(trunkAt("10.0.0.9"), Ports{Desk: menu(), Voice: voice{}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		l.open = func(netip.Addr) (stream, error) { return newSilent(), nil }
		l.addPackets(f)
		p := n.peer(t, "10.0.0.9:5060", e.addr)
		serve(t, l)
		up(p, "c1")
	})
}

func trunkAt(host string) Config {
	c := Defaults()
	c.Trunks = map[string]Trunk{"carrier": {Host: host + ":5060", Allow: []string{host}, Keepalive: time.Hour}}
	return c
}

// TestDeadListener is the other half of S2: sipgo says nothing when it stops
// listening; we do, so that the service can be started anew.
func TestDeadListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(1)
		e := n.listen("10.0.0.1:5060")
		l, err := newLine(trunkAt("10.0.0.9"), Ports{Desk: menu(), Voice: voice{}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		l.addPackets(e)
		done := make(chan error, 1)
		go func() { done <- l.Serve(t.Context()) }()
		<-l.Up()
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, errEnded) {
			t.Errorf("Serve: %v, want %v", err, errEnded)
		}
	})
}
