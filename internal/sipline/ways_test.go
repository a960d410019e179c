package sipline

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/liveline"
)

// TestEarlyMedia holds that a session description which comes before the answer
// counts when the answer has none (RFC 3261, 13.2.1), and that without any the
// call is of no use.
func TestEarlyMedia(t *testing.T) {
	for _, tt := range []struct {
		name, early string
		up          bool
	}{{"in a 183", sdpOffer, true}, {"nowhere", "", false}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, p, streams := virtual(t, newNetwork(1), newDesk(nil), nil)
				done := ring(t, l, liveline.Call{})
				invite := p.gets("INVITE ")
				p.send(answer(invite, "183 Session Progress", "customer", theirs, tt.early))
				s := <-streams
				synctest.Wait()
				if s.isStarted() {
					t.Error("sound was sent before the answer")
				}
				p.send(answer(invite, "200 OK", "customer", theirs))
				p.gets("ACK ")
				synctest.Wait()
				if !tt.up {
					p.gets("BYE ")
					if outcome(t, done) == "" {
						t.Error("a call without sound was taken")
					}
					return
				}
				if !s.isStarted() || l.Calls() != 1 {
					t.Error("the call is not up")
				}
			})
		})
	}
}

func (s *silentStream) isStarted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started
}

// TestOrderAndCallerID holds that trunks are tried in their order and not in that
// of their names, and that each shows the number of the call, or else its own.
func TestOrderAndCallerID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(1)
		l, second, _ := virtual(t, n, newDesk(nil), func(c *Config) {
			own := c.Trunks["carrier"]
			own.Order, own.CallerID = 2, "+358900000002"
			c.Trunks["carrier"] = own
			own.Host, own.Allow, own.Order, own.CallerID = "10.0.0.8:5060", nil, 1, "+358900000001"
			c.Trunks["z-first"] = own
		})
		first := n.peer(t, "10.0.0.8:5060", net.UDPAddrFromAddrPort(l.sockets[0].addr))
		for i, tt := range []struct{ shown, first, second string }{
			{"", "sip:+358900000001@", "sip:+358900000002@"},
			{"+358912345", "sip:+358912345@", "sip:+358912345@"},
			{"<sip:evil@x>", "sip:holdless@", "sip:holdless@"},
		} {
			done := ring(t, l, liveline.Call{Ref: fmt.Sprint("ref-", i), CallerID: tt.shown})
			invite := first.gets("INVITE ")
			first.send(answer(invite, "503 Service Unavailable", "x"))
			again := second.gets("INVITE ")
			second.send(answer(again, "486 Busy Here", "x"))
			outcome(t, done)
			if !strings.Contains(field(invite, "From"), tt.first) || !strings.Contains(field(again, "From"), tt.second) {
				t.Errorf("%q: %s, then %s", tt.shown, field(invite, "From"), field(again, "From"))
			}
		}
	})
}

// TestFullTrunk holds that a trunk brings no more calls than it may have, and may
// bring another once one has ended.
func TestFullTrunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, _ := virtual(t, newNetwork(1), menu(), withTrunk(func(trunk *Trunk) { trunk.MaxCalls = 1 }))
		ok := up(p, "c1")
		p.send(request("INVITE", "c2", toUs, 1, sdpOffer))
		if got := field(p.gets("SIP/2.0 503"), "Retry-After"); got != retryAfterBusy {
			t.Errorf("Retry-After: %q", got)
		}
		p.send(request("BYE", "c1", field(ok, "To"), 2))
		p.gets("SIP/2.0 200")
		synctest.Wait()
		up(p, "c3")
	})
}

// TestGoodbyeUnanswered holds that nothing is left of a call whose other side
// does not even answer the BYE.
func TestGoodbyeUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, streams := virtual(t, newNetwork(1), menu(), nil)
		up(p, "c1")
		p.quiet.Store(true)
		for _, leg := range l.book.legs() {
			if err := leg.Hangup(context.Background()); err != nil {
				t.Error(err)
			}
		}
		if n := l.Calls(); n != 0 {
			t.Errorf("%d calls are left", n)
		}
		<-(<-streams).closed
		pass(time.Minute)
		if n := len(l.book.legs()); n != 0 {
			t.Errorf("%d are remembered", n)
		}
		if got := p.count()["BYE"]; got < 5 || got > 11 {
			t.Errorf("the BYE was sent %d times", got) // RFC 3261, 17.1.2.2: timers E and F
		}
	})
}
