package media

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
	"time"
)

// freePairs returns the first of so many pairs of ports that nobody has. They lie
// below those that the kernel gives to whoever asks for any, and those of which
// other tests choose.
func freePairs(t *testing.T, n int) int {
	t.Helper()
	for range 1000 {
		first := 6000 + 2*rand.IntN(1900)
		all, err := newPorts(first, first+2*n-1), error(nil)
		for range n {
			var p *pair
			if p, err = all.open(loopback); err != nil {
				break
			}
			defer p.rtp.close()
			defer p.rtcp.close()
		}
		if err == nil {
			return first
		}
	}
	t.Fatalf("no %d pairs of ports are free", n)
	return 0
}

func TestPorts(t *testing.T) {
	t.Parallel()
	first := freePairs(t, 2)
	p := newPorts(first-1, first+4) // begins and ends with half a pair
	now := time.Unix(1000, 0)
	p.now = func() time.Time { return now }
	var got []int
	var all []*pair
	for range 2 {
		pair, err := p.open(loopback)
		if err != nil {
			t.Fatal(err)
		}
		got, all = append(got, pair.port), append(all, pair)
	}
	slices.Sort(got)
	if !slices.Equal(got, []int{first, first + 2}) {
		t.Errorf("ports %v", got)
	}
	if _, err := p.open(loopback); !errors.Is(err, ErrNoPorts) {
		t.Errorf("a third pair: %v", err)
	}
	all[0].rtp.close()
	all[0].rtcp.close()
	p.rest(all[0].port)
	now = now.Add(quarantine - 1)
	if _, err := p.open(loopback); !errors.Is(err, ErrNoPorts) {
		t.Errorf("a pair in quarantine: %v", err)
	}
	now = now.Add(1)
	again, err := p.open(loopback)
	if err != nil || again.port != all[0].port {
		t.Fatalf("after quarantine: %v", err)
	}
	for _, pair := range []*pair{all[1], again} {
		pair.rtp.close()
		pair.rtcp.close()
	}
}

// TestPortsCannotBeGuessed opens pairs one after the other: each is anywhere,
// not beside the last one.
func TestPortsCannotBeGuessed(t *testing.T) {
	t.Parallel()
	p := newPorts(10000, 19999)
	var got []int
	for range 6 {
		pair, err := p.open(loopback)
		if err != nil {
			t.Fatal(err)
		}
		defer pair.rtp.close()
		defer pair.rtcp.close()
		got = append(got, pair.port)
	}
	// By chance six of 5,000 pairs lie so close together once in 10^11 runs.
	if slices.Max(got)-slices.Min(got) < 40 {
		t.Errorf("ports %v are beside each other", got)
	}
}

func TestClosedPortsRest(t *testing.T) {
	t.Parallel()
	port := freePairs(t, 1)
	e, err := New(Config{IP: loopback, MinPort: port, MaxPort: port + 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	open(t, e).Close()
	if _, err := e.Open(); !errors.Is(err, ErrNoPorts) {
		t.Errorf("the ports of a call that has just ended: %v", err)
	}
}

func TestPortOfAnotherProgram(t *testing.T) {
	t.Parallel()
	first := freePairs(t, 2)
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: first + 1})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	p := newPorts(first, first+3) // the first is free, its neighbour is not
	pair, err := p.open(loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer pair.rtp.close()
	defer pair.rtcp.close()
	if pair.port != first+2 {
		t.Errorf("port %d, want %d", pair.port, first+2)
	}
}
