package sipline

import (
	"net"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
)

// hasIPv6 reports whether this machine has IPv6 on loopback.
func hasIPv6(t *testing.T) bool {
	t.Helper()
	c, err := net.ListenPacket("udp", "[::1]:0")
	if err != nil {
		t.Logf("nothing is shown, this machine has no IPv6: %v", err)
		return false
	}
	return c.Close() == nil
}

// goesOut has a line call a telephone, say something, and hang up.
func goesOut(t *testing.T, l *Line, addr string, calls <-chan *phone.Call) {
	t.Helper()
	leg, err := l.Ring(within(t), liveline.Call{Addr: addr, Ref: "out"})
	if err != nil {
		t.Fatal(err)
	}
	out := wait(t, calls, "call")
	if err := leg.Play(within(t), "en", say("callback_here")); err != nil {
		t.Fatal(err)
	}
	listens(t, out, "callback_here")
	if err := leg.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	wait(t, out.Done(), "goodbye by the line")
}

// TestBothFamilies has a line speak IPv4 and IPv6 at once: calls come in and go
// out by the one that the other side has, sound and all, and are hung up by us.
func TestBothFamilies(t *testing.T) {
	t.Parallel()
	if !hasIPv6(t) {
		return
	}
	for i, listen := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(listen, func(t *testing.T) {
			t.Parallel()
			d := newDesk(map[string][]ivr.Turn{"in": {ask("welcome"), bye()}})
			l := open(t, d, func(c *Config) {
				c.Listen = []string{"udp:127.0.0.1:0", "udp:[::1]:0"}
				c.Trunks["carrier"] = Trunk{Host: "127.0.0.1:9", Allow: []string{"127.0.0.1", "::1"}}
			})
			calls := make(chan *phone.Call, 1)
			p := telephoneAt(t, listen, answering(t, calls))
			c, err := p.Call(within(t), "sip:+358912345@"+l.Addrs()[i].String(), "+358401234567")
			if err != nil {
				t.Fatal(err)
			}
			listens(t, c, "welcome")
			press(t, c, "1")
			d.hears(t, "in 1 heard 1")
			listens(t, c, "goodbye")
			wait(t, c.Done(), "goodbye by the line")

			goesOut(t, l, p.URI(), calls)
		})
	}
}

// TestTrunkOverIPv6 has a number called by a trunk that is an address of IPv6.
func TestTrunkOverIPv6(t *testing.T) {
	t.Parallel()
	if !hasIPv6(t) {
		return
	}
	calls := make(chan *phone.Call, 1)
	p := telephoneAt(t, "[::1]:0", answering(t, calls))
	l := open(t, newDesk(nil), func(c *Config) {
		c.Listen = []string{"udp:[::1]:0"}
		c.Trunks["carrier"] = Trunk{Host: "udp:" + p.Addr(), Keepalive: time.Hour}
	})
	// RFC 3261, 25.1: without brackets nobody knows where the port begins.
	if hops, err := l.hops("+358401234567"); err != nil || hops[0].uri.String() != "sip:+358401234567@"+p.Addr() {
		t.Errorf("calls %s, %v", hops[0].uri.String(), err)
	}
	goesOut(t, l, "+358401234567", calls)
}

// TestTelephoneOverTCP holds a whole call over a connection, which is made for it
// by the telephone, and hung up over by the line.
func TestTelephoneOverTCP(t *testing.T) {
	t.Parallel()
	d := newDesk(map[string][]ivr.Turn{"in": {ask("welcome"), bye()}})
	l := open(t, d, tcp)
	c, err := telephone(t, nil).Call(within(t), uri(l, "+358912345")+";transport=tcp", "+358401234567")
	if err != nil {
		t.Fatal(err)
	}
	listens(t, c, "welcome")
	press(t, c, "1")
	d.hears(t, "in 1 heard 1")
	listens(t, c, "goodbye")
	if wait(t, c.Done(), "end of the call"); c.EndedBy() != phone.ByThem {
		t.Error("the line did not hang up")
	}
}
