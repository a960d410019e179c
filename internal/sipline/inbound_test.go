package sipline

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// menu is a talk of one question.
func menu() *desk {
	return newDesk(map[string][]ivr.Turn{"in": {{Say: say("welcome"), Listen: &ivr.Listen{Max: 1, Wait: time.Hour}}, bye()}})
}

// up brings a call up by hand and returns the 200.
func up(p *peer, callID string, more ...string) string {
	p.t.Helper()
	p.send(request("INVITE", callID, toUs, 1, append(more, sdpOffer)...))
	ok := p.gets("SIP/2.0 200")
	p.send(request("ACK", callID, field(ok, "To"), 1))
	return ok
}

// TestNoAck is fault F12 and trap S9: a call whose answer is never
// acknowledged ends with a BYE, and leaves nothing behind.
func TestNoAck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := menu()
		l, p, streams := virtual(t, newNetwork(1), d, nil)
		began := time.Now()
		p.send(request("INVITE", "c1", toUs, 1, sdpOffer))
		p.gets("BYE ")
		if took := time.Since(began); took > 33*time.Second {
			t.Errorf("hung up after %v, want at most 33s", took)
		}
		d.hears(t, "in 1 gone")
		synctest.Wait()
		if n := l.Calls(); n != 0 {
			t.Errorf("%d calls are left", n)
		}
		<-(<-streams).closed
	})
}

// TestNobodyIsRungForNobody is RFC 3261, 13.3.1.4: a caller who has not
// acknowledged the answer presses keys and hears prompts, but no telephone rings
// for him, nor is his own sent elsewhere.
func TestNobodyIsRungForNobody(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		connect    ivr.Connect
	}{
		{"rung", "INVITE ", ivr.Connect{Addr: "+358401234568", Ref: "agent"}},
		{"sent elsewhere", "REFER ", ivr.Connect{Addr: "+358401234568", Ref: "agent", Transfer: true}},
	} {
		begin := func(t *testing.T) (*desk, *peer, string) {
			d := newDesk(map[string][]ivr.Turn{"in": {ask("welcome"), {Connect: &tt.connect}, bye()}})
			_, p, streams := virtual(t, newNetwork(1), d, nil)
			p.send(request("INVITE", "c1", toUs, 1, sdpOffer))
			ok := p.gets("SIP/2.0 200")
			(<-streams).keys <- '1'
			d.hears(t, "in 1 heard 1")
			pass(20 * time.Second)
			if got := p.count(); got[strings.TrimSpace(tt.want)] != 0 {
				t.Errorf("before the ACK came %v", got)
			}
			return d, p, ok
		}
		t.Run(tt.name+" after the ACK", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, p, ok := begin(t)
				p.send(request("ACK", "c1", field(ok, "To"), 1))
				p.send(answer(p.gets(tt.want), "603 Decline", "x"))
			})
		})
		t.Run(tt.name+" never", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, p, _ := begin(t)
				p.gets("BYE ")
				d.hears(t, "in 2 gone")
				pass(time.Minute)
				if got := p.count(); got[strings.TrimSpace(tt.want)] != 0 {
					t.Errorf("without an ACK came %v", got)
				}
			})
		})
	}
}

// TestWhoCalls holds that the desk hears the identity of a caller that a trunk
// asserts only when that trunk is trusted (RFC 3325, 9.1).
func TestWhoCalls(t *testing.T) {
	for trusted, want := range map[bool]callback.Phone{false: "+358401234567", true: "+358409999999"} {
		synctest.Test(t, func(t *testing.T) {
			d := menu()
			_, p, _ := virtual(t, newNetwork(1), d, withTrunk(func(trunk *Trunk) { trunk.TrustIdentity = trusted }))
			up(p, "c1", "P-Asserted-Identity: <sip:+358409999999@10.0.0.9>")
			if got := d.caller().From; got != want {
				t.Errorf("trusted %v: the desk saw %q, want %q", trusted, string(got), string(want))
			}
		})
	}
}

// TestRepeatedAnswer holds that a 200 is sent again until its ACK, and no
// longer.
func TestRepeatedAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, _ := virtual(t, newNetwork(1), menu(), nil)
		p.send(request("INVITE", "c1", toUs, 1, sdpOffer))
		ok := p.gets("SIP/2.0 200")
		pass(4 * time.Second)
		if n := p.count()["SIP/2.0 200 OK"]; n != 3 { // after 0.5, 1.5 and 3.5 s (RFC 3261, 13.3.1.4)
			t.Errorf("the 200 was repeated %d times in 4 s, want 3", n)
		}
		p.send(request("ACK", "c1", field(ok, "To"), 1))
		pass(20 * time.Second)
		if got := p.count(); len(got) != 0 {
			t.Errorf("after the ACK came %v", got)
		}
	})
}

// TestOneCall is fault F15: an INVITE that comes several times is one call.
func TestOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := menu()
		l, p, _ := virtual(t, newNetwork(1), d, nil)
		for range 5 {
			p.send(request("INVITE", "c1", toUs, 1, sdpOffer))
		}
		p.gets("SIP/2.0 200")
		synctest.Wait()
		if len(d.calls) != 1 || l.Calls() != 1 {
			t.Errorf("%d calls at the desk, %d on the line, want one", len(d.calls), l.Calls())
		}
	})
}

// TestMerged is RFC 3261, 8.2.2.2: the same call by another way is refused.
func TestMerged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, _ := virtual(t, newNetwork(1), menu(), nil)
		up(p, "c1")
		other := strings.Replace(request("INVITE", "c1", toUs, 1, sdpOffer), "branch=z9hG4bK", "branch=z9hG4bKx", 1)
		p.send(other)
		p.gets("SIP/2.0 482")
	})
}

func TestCancelBeforeAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := menu()
		d.answer = func(callback.Inbound) error { pass(3 * time.Second); return nil }
		l, p, _ := virtual(t, newNetwork(1), d, nil)
		p.send(request("INVITE", "c1", toUs, 1, sdpOffer))
		p.gets("SIP/2.0 100")
		cancel := strings.Replace(request("CANCEL", "c1", toUs, 1), "c1CANCEL1", "c1INVITE1", 1)
		p.send(cancel)
		refused := p.gets("SIP/2.0 487")
		p.send(strings.Replace(request("ACK", "c1", field(refused, "To"), 1), "c1ACK1", "c1INVITE1", 1))
		d.hears(t, "in 1 gone")
		synctest.Wait()
		if n := l.Calls(); n != 0 {
			t.Errorf("%d calls are left", n)
		}
		if got := p.count(); got["SIP/2.0 200 OK"] > 1 { // that of the CANCEL
			t.Errorf("a cancelled call was answered: %v", got)
		}
	})
}

// TestCancelTooLate holds that a CANCEL which crosses the 200 changes nothing.
func TestCancelTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), menu(), nil)
		up(p, "c1")
		p.send(strings.Replace(request("CANCEL", "c1", toUs, 1), "c1CANCEL1", "c1INVITE1", 1))
		p.gets("SIP/2.0 200")
		synctest.Wait()
		if n := l.Calls(); n != 1 {
			t.Errorf("%d calls are up, want 1", n)
		}
	})
}

// TestHangUpBeforeAck is RFC 3261, 15: whoever has not acknowledged the answer
// may not know the call yet, and is said goodbye to afterwards.
func TestHangUpBeforeAck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(map[string][]ivr.Turn{"in": {bye()}}), nil)
		p.send(request("INVITE", "c1", toUs, 1, sdpOffer))
		ok := p.gets("SIP/2.0 200")
		pass(5 * time.Second) // all was said
		if got := p.count(); got["BYE"] != 0 || got["SIP/2.0 200 OK"] == 0 || l.Calls() != 0 {
			t.Errorf("before the ACK came %v", got)
		}
		p.send(request("ACK", "c1", field(ok, "To"), 1))
		p.gets("BYE ")
	})
}

// TestLateOfferLeft holds that a call goes on when a change of it, which was to
// be answered in the ACK, is not.
func TestLateOfferLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), menu(), nil)
		to := field(up(p, "c1"), "To")
		p.send(request("INVITE", "c1", to, 2))
		p.gets("SIP/2.0 200")
		p.send(request("ACK", "c1", to, 2))
		pass(time.Minute)
		if got := p.count(); got["BYE"] != 0 || l.Calls() != 1 {
			t.Errorf("the call is gone: %v", got)
		}
	})
}

func TestLateOffer(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"answered in the ACK", sdpOffer, ""},
		{"never answered", "", "BYE "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, p, _ := virtual(t, newNetwork(1), menu(), nil)
				p.send(request("INVITE", "c1", toUs, 1))
				ok := p.gets("SIP/2.0 200")
				if !strings.HasSuffix(ok, sdpOurs) {
					t.Errorf("the 200 has no offer: %q", ok)
				}
				more := []string{}
				if tt.body != "" {
					more = append(more, tt.body)
				}
				p.send(request("ACK", "c1", field(ok, "To"), 1, more...))
				if tt.want != "" {
					p.gets(tt.want)
					return
				}
				pass(time.Minute)
				if l.Calls() != 1 {
					t.Error("the call is gone")
				}
			})
		})
	}
}
