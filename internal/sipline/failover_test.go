package sipline

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// twoTrunks is a line with a trunk that is tried before the usual one.
func twoTrunks(t *testing.T) (l *Line, first, second *peer) {
	t.Helper()
	n := newNetwork(1)
	l, second, _ = virtual(t, n, newDesk(nil), func(c *Config) {
		c.Trunks["a-first"] = Trunk{Host: "10.0.0.8:5060", Allow: []string{"10.0.0.8"}, Keepalive: time.Hour, CallsPerSecond: 100}
	})
	return l, n.peer(t, "10.0.0.8:5060", net.UDPAddrFromAddrPort(l.sockets[0].addr)), second
}

// TestSilentTrunk is fault F11: the next trunk is tried after 8 s, and what
// the silent one says late is undone.
func TestSilentTrunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, silent, other := twoTrunks(t)
		began := time.Now()
		ring(t, l, liveline.Call{})
		first := silent.gets("INVITE ")
		second := other.gets("INVITE ")
		if took := time.Since(began); took > 9*time.Second {
			t.Errorf("the other trunk was tried after %v", took)
		}
		if field(first, "Call-ID") != field(second, "Call-ID") {
			t.Error("the call has two names")
		}
		other.send(answer(second, "200 OK", "customer", theirs, sdpOffer))
		other.gets("ACK ")
		silent.send(answer(first, "180 Ringing", "late"))
		silent.gets("CANCEL ")
		silent.send(answer(first, "200 OK", "late", "Contact: <sip:late@10.0.0.8:5060>", sdpOffer))
		silent.gets("ACK ")
		silent.gets("BYE ")
	})
}

// TestFailover is fault F10: 503 moves on at once, and after five failures
// the trunk is left alone for a while.
func TestFailover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, broken, good := twoTrunks(t)
		call := func(i int, breaks bool) {
			began := time.Now()
			done := ring(t, l, liveline.Call{Ref: fmt.Sprint("ref", i)})
			if breaks {
				broken.send(answer(broken.gets("INVITE "), "503 Service Unavailable", "x"))
			}
			invite := good.gets("INVITE ")
			if took := time.Since(began); took > time.Second {
				t.Errorf("call %d went to the next trunk after %v", i, took)
			}
			good.send(answer(invite, "486 Busy Here", "customer"))
			if got := outcome(t, done); got != ivr.Busy {
				t.Errorf("call %d: %s", i, got)
			}
		}
		for i := range breakAfter {
			call(i, true)
		}
		call(100, false)
		if s := l.Trunks()[0]; !s.Broken {
			t.Errorf("the trunk is %+v", s)
		}
		pass(breakFor)
		call(101, true)
		if got := broken.count()["INVITE"]; got != 0 {
			t.Errorf("%d calls went to the broken trunk", got)
		}
	})
}

// TestRingsOnce holds that a telephone which has rung is not rung again by
// another trunk.
func TestRingsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, first, second := twoTrunks(t)
		done := ring(t, l, liveline.Call{})
		invite := first.gets("INVITE ")
		first.send(answer(invite, "180 Ringing", "x"))
		pass(time.Second)
		first.send(answer(invite, "503 Service Unavailable", "x"))
		if got := outcome(t, done); got != ivr.Carrier {
			t.Errorf("got %s", got)
		}
		if n := second.count()["INVITE"]; n != 0 {
			t.Error("the telephone rings again")
		}
	})
}

func TestUnsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(nil), nil)
		refuse := errors.New("number may not be called")
		var begun bool
		tests := []struct {
			name string
			call liveline.Call
			set  func()
		}{
			{"the time is over", liveline.Call{Before: time.Now().Add(-time.Second)}, func() {}},
			{"neither number nor URI", liveline.Call{Addr: "anna"}, func() {}},
			{"a URI with a header", liveline.Call{Addr: "sip:a\r\nX: y@10.0.0.9"}, func() {}},
			{"the rules forbid it", liveline.Call{}, func() { l.check = func(string) error { return refuse } }},
			{"the line drains", liveline.Call{}, func() {
				l.check = func(string) error { return nil }
				l.book.drain()
			}},
		}
		for _, tt := range tests {
			tt.set()
			tt.call.Begun = func() { begun = true }
			if got := outcome(t, ring(t, l, tt.call)); got != ivr.Unsent {
				t.Errorf("%s: %s", tt.name, got)
			}
		}
		synctest.Wait()
		if got := p.count(); len(got) != 0 || begun {
			t.Errorf("something left: %v", got)
		}
	})
}

func TestLimitsOfATrunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(nil), withTrunk(func(trunk *Trunk) { trunk.MaxCalls, trunk.CallsPerSecond = 2, 1 }))
		ring(t, l, liveline.Call{Ref: "one"})
		p.gets("INVITE ")
		if got := outcome(t, ring(t, l, liveline.Call{Ref: "two"})); got != ivr.Unsent {
			t.Errorf("a second call within a second: %s", got)
		}
		pass(2 * time.Second)
		ring(t, l, liveline.Call{Ref: "three"})
		p.gets("INVITE ")
		pass(2 * time.Second)
		if got := outcome(t, ring(t, l, liveline.Call{Ref: "four"})); got != ivr.Unsent {
			t.Errorf("a call above the limit: %s", got)
		}
	})
}
