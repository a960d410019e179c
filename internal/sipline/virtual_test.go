package sipline

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
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

// TestSilence is fault F13: whoever vanishes is hung up on.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := menu()
		_, p, streams := virtual(t, newNetwork(1), d, nil)
		up(p, "c1")
		s := <-streams
		pass(time.Minute)
		if got := p.count(); got["BYE"] != 0 {
			t.Error("a call with sound was hung up")
		}
		s.fallSilent(31 * time.Second)
		p.gets("BYE ")
		d.hears(t, "in 1 gone")
	})
}

// TestSilenceOnHold holds that a call on hold may be silent.
func TestSilenceOnHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, streams := virtual(t, newNetwork(1), menu(), nil)
		ok := up(p, "c1")
		s := <-streams
		p.send(request("INVITE", "c1", field(ok, "To"), 2, sdpOffer+"a=sendonly\r\n"))
		p.gets("SIP/2.0 200")
		p.send(request("ACK", "c1", field(ok, "To"), 2))
		s.fallSilent(time.Hour)
		pass(2 * time.Minute)
		if l.Calls() != 1 {
			t.Error("a call on hold was hung up")
		}
		p.send(request("INVITE", "c1", field(ok, "To"), 3, sdpOffer))
		p.gets("SIP/2.0 200")
		if s.Held() {
			t.Error("the call is still on hold after resume")
		}
	})
}

func TestChangesOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, _ := virtual(t, newNetwork(1), menu(), nil)
		ok := up(p, "c1")
		to := field(ok, "To")
		steps := []struct{ name, msg, want string }{
			{"UPDATE without a body", request("UPDATE", "c1", to, 2), "SIP/2.0 200"},
			{"UPDATE with an offer", request("UPDATE", "c1", to, 3, sdpOffer), "SIP/2.0 200"},
			{"no codec in common", request("INVITE", "c1", to, 4, strings.Replace(sdpOffer, "AVP 0", "AVP 99", 1)), "SIP/2.0 488"},
			{"out of order", request("INVITE", "c1", to, 3, sdpOffer), "SIP/2.0 500"},
			{"another call", request("INVITE", "c1", toUs+";tag=nobody", 5, sdpOffer), "SIP/2.0 481"},
			{"INFO that is no key", request("INFO", "c1", to, 6, "Content-Type: text/plain"), "SIP/2.0 415"},
			{"OPTIONS within the call", request("OPTIONS", "c1", to, 7), "SIP/2.0 200"},
			{"OPTIONS within no call", request("OPTIONS", "c1", toUs+";tag=nobody", 17), "SIP/2.0 481"},
			{"REFER", request("REFER", "c1", to, 8), "SIP/2.0 405"},
			{"BYE", request("BYE", "c1", to, 9), "SIP/2.0 200"},
			{"BYE again", request("BYE", "c1", to, 10), "SIP/2.0 481"},
		}
		for _, s := range steps {
			p.all()
			p.send(s.msg)
			got := p.gets("SIP/2.0 ")
			if !strings.HasPrefix(got, s.want) {
				t.Errorf("%s: got %q, want %s", s.name, firstLine(got), s.want)
			}
			if strings.Contains(s.want, "200") && strings.HasPrefix(s.msg, "INVITE") {
				p.send(request("ACK", "c1", to, 4))
			}
			if strings.HasPrefix(s.msg, "INVITE") && !strings.Contains(s.want, "200") {
				branch := strings.TrimPrefix(field(s.msg, "Via"), "SIP/2.0/UDP ")
				ack := strings.Replace(request("ACK", "c1", field(got, "To"), 1), field(request("ACK", "c1", toUs, 1), "Via"), "SIP/2.0/UDP "+branch, 1)
				p.send(strings.Replace(ack, "CSeq: 1 ACK", "CSeq: "+strings.Fields(field(s.msg, "CSeq"))[0]+" ACK", 1))
			}
		}
	})
}

// TestInfoKeys holds that both kinds of keys in the signalling are read.
func TestInfoKeys(t *testing.T) {
	tests := []struct{ kind, body, want string }{
		{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"},
		{"application/dtmf-relay", "Signal= *\r\nDuration= 250\r\n", "*"},
		{"application/dtmf-relay", "signal=11\r\n", "#"},
		{"application/dtmf", "7", "7"},
		{"application/dtmf", "D", "D"},
		{"application/dtmf", "77", ""},
		{"application/dtmf-relay", "Duration=160\r\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+strings.TrimSpace(tt.body), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := menu()
				_, p, _ := virtual(t, newNetwork(1), d, nil)
				to := field(up(p, "c1"), "To")
				info := request("INFO", "c1", to, 2, "Content-Type: "+tt.kind)
				info = strings.Replace(info, "Content-Length: 0", fmt.Sprintf("Content-Length: %d", len(tt.body)), 1) + tt.body
				p.send(info)
				if tt.want == "" {
					p.gets("SIP/2.0 400")
					return
				}
				p.gets("SIP/2.0 200")
				d.hears(t, "in 1 heard "+tt.want)
			})
		})
	}
}

// TestGlare is RFC 3261, 14.1 and 14.2: both sides change the call at once.
func TestGlare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), menu(), func(c *Config) { c.Session = minSession })
		ok := up(p, "c1")
		ours := p.gets("INVITE ") // a sign of life after half the time (RFC 4028)
		p.send(request("INVITE", "c1", field(ok, "To"), 2, sdpOffer))
		p.gets("SIP/2.0 491")
		p.send(answer(ours, "491 Request Pending", ""))
		p.gets("ACK ")
		again := p.gets("INVITE ")
		if field(again, "CSeq") == field(ours, "CSeq") {
			t.Error("the second try has the number of the first")
		}
		taken := answer(again, "200 OK", "", "Contact: <sip:carrier@10.0.0.9:5060>", sdpOffer)
		p.send(taken)
		p.gets("ACK ")
		p.send(taken) // the ACK was lost
		p.gets("ACK ")
		if l.Calls() != 1 {
			t.Error("the call is gone")
		}
	})
}

// TestSessionTimer is RFC 4028: too short a session is refused, one that is
// not refreshed by them ends, one that we refresh in vain ends.
func TestSessionTimer(t *testing.T) {
	t.Run("too short", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, p, _ := virtual(t, newNetwork(1), menu(), nil)
			p.send(request("INVITE", "c1", toUs, 1, "Session-Expires: 60", "Supported: timer", sdpOffer))
			if got := field(p.gets("SIP/2.0 422"), "Min-SE"); got != "90" {
				t.Errorf("Min-SE %q, want 90", got)
			}
		})
	})
	t.Run("refreshed by them", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, p, _ := virtual(t, newNetwork(1), menu(), nil)
			ok := up(p, "c1", "Session-Expires: 120;refresher=uac", "Supported: timer")
			if got := field(ok, "Session-Expires"); got != "120;refresher=uac" {
				t.Errorf("agreed on %q", got)
			}
			pass(80 * time.Second)
			p.send(request("UPDATE", "c1", field(ok, "To"), 2, "Session-Expires: 120;refresher=uac", "Supported: timer"))
			p.gets("SIP/2.0 200")
			began := time.Now()
			p.gets("BYE ")
			if took := time.Since(began); took < 80*time.Second || took > 120*time.Second {
				t.Errorf("hung up %v after the last sign of life", took)
			}
		})
	})
	t.Run("refreshed by us in vain", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, p, _ := virtual(t, newNetwork(1), menu(), nil)
			up(p, "c1", "Session-Expires: 120;refresher=uas", "Supported: timer", "Allow: INVITE, UPDATE")
			p.gets("UPDATE ")
			p.gets("BYE ")
		})
	})
}

// ring places a call to a number and reports how it went.
func ring(t *testing.T, l *Line, c liveline.Call) <-chan error {
	t.Helper()
	if c.Addr == "" {
		c.Addr = "+358401234567"
	}
	if c.Ref == "" {
		c.Ref = "ref"
	}
	done := make(chan error, 1)
	go func() {
		leg, err := l.Ring(t.Context(), c)
		if err == nil {
			<-leg.Gone()
		}
		done <- err
	}()
	return done
}

// outcome says why nobody took the call.
func outcome(t *testing.T, done <-chan error) ivr.Outcome {
	t.Helper()
	err := <-done
	no, ok := errors.AsType[*liveline.NotTakenError](err)
	if !ok {
		t.Fatalf("Ring: %v", err)
	}
	return no.Outcome
}

const theirs = "Contact: <sip:customer@10.0.0.9:5060>"

// TestManyProvisionals is trap S8: a telephone may ring as often as it likes.
func TestManyProvisionals(t *testing.T) {
	for _, n := range []int{0, 10, 11, 25} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, p, _ := virtual(t, newNetwork(1), newDesk(nil), nil)
				done := ring(t, l, liveline.Call{Ring: 2 * time.Minute})
				invite := p.gets("INVITE ")
				for i := range n {
					p.send(answer(invite, []string{"180 Ringing", "183 Session Progress", "199 Early Dialog Terminated"}[i%3], "customer"))
					pass(2 * time.Second)
				}
				p.send(answer(invite, "200 OK", "customer", theirs, sdpOffer))
				ack := p.gets("ACK ")
				if !strings.HasPrefix(ack, "ACK sip:customer@10.0.0.9") {
					t.Errorf("acknowledged at %q", firstLine(ack))
				}
				p.send(strings.NewReplacer("FROM", field(ack, "To"), "TO", field(ack, "From")).Replace(
					"BYE sip:holdless@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:5060;rport;branch=z9hG4bKbye\r\n" +
						"From: FROM\r\nTo: TO\r\nCall-ID: ref\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n"))
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestOutcomes is fault F10: what each answer means.
func TestOutcomes(t *testing.T) {
	tests := []struct {
		status string
		want   ivr.Outcome
	}{
		{"486 Busy Here", ivr.Busy},
		{"600 Busy Everywhere", ivr.Busy},
		{"480 Temporarily Unavailable", ivr.Unanswered},
		{"408 Request Timeout", ivr.Unanswered},
		{"603 Decline", ivr.Rejected},
		{"403 Forbidden", ivr.Rejected},
		{"404 Not Found", ivr.BadNumber},
		{"410 Gone", ivr.BadNumber},
		{"484 Address Incomplete", ivr.BadNumber},
		{"604 Does Not Exist Anywhere", ivr.BadNumber},
		{"500 Server Internal Error", ivr.Carrier},
		{"503 Service Unavailable", ivr.Carrier},
		{"302 Moved Temporarily", ivr.Carrier},
		{"401 Unauthorized", ivr.Carrier},
		{"488 Not Acceptable Here", ivr.Carrier},
	}
	for _, tt := range tests {
		t.Run(tt.status, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, p, _ := virtual(t, newNetwork(1), newDesk(nil), nil)
				done := ring(t, l, liveline.Call{})
				p.send(answer(p.gets("INVITE "), tt.status, "customer"))
				p.gets("ACK ")
				if got := outcome(t, done); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
				if n := l.Calls(); n != 0 {
					t.Errorf("%d calls are left", n)
				}
			})
		})
	}
}

// TestRefusalAgain is trap S10: a refusal that is repeated is acknowledged at
// once, without sleeping over it.
func TestRefusalAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(nil), nil)
		done := ring(t, l, liveline.Call{})
		busy := answer(p.gets("INVITE "), "486 Busy Here", "customer")
		p.send(busy)
		p.gets("ACK ")
		if got := outcome(t, done); got != ivr.Busy {
			t.Error(got)
		}
		for range 3 {
			began := time.Now()
			p.send(busy)
			p.gets("ACK ")
			if took := time.Since(began); took > 100*time.Millisecond {
				t.Errorf("acknowledged after %v", took)
			}
		}
	})
}

func TestRingsTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(nil), nil)
		done := ring(t, l, liveline.Call{Ring: 20 * time.Second})
		invite := p.gets("INVITE ")
		p.send(answer(invite, "180 Ringing", "customer"))
		began := time.Now()
		cancel := p.gets("CANCEL ")
		if took := time.Since(began).Round(time.Second); took != 20*time.Second {
			t.Errorf("cancelled after %v, want 20s", took)
		}
		if field(cancel, "Via") != field(invite, "Via") {
			t.Error("the CANCEL is not of the INVITE")
		}
		p.send(answer(invite, "487 Request Terminated", "customer"))
		p.gets("ACK ")
		if got := outcome(t, done); got != ivr.Unanswered {
			t.Error(got)
		}
	})
}

// TestCancelCrossesAnswer is fault F15: the customer answers at the very
// moment we give up. He is not left with a dead line.
func TestCancelCrossesAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(nil), nil)
		done := ring(t, l, liveline.Call{Ring: 20 * time.Second})
		invite := p.gets("INVITE ")
		p.send(answer(invite, "180 Ringing", "customer"))
		p.gets("CANCEL ")
		ok := answer(invite, "200 OK", "customer", theirs, sdpOffer)
		p.send(ok)
		p.gets("ACK ")
		p.gets("BYE ")
		p.send(ok) // the ACK was lost
		p.gets("ACK ")
		pass(time.Minute)
		if got := p.count(); got["BYE"] != 0 {
			t.Errorf("the late answer was hung up again: %v", got)
		}
		if got := outcome(t, done); got != ivr.Unanswered {
			t.Error(got)
		}
	})
}

// TestFork is RFC 3261, 13.2.2.4: a second telephone answers as well.
func TestFork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(nil), nil)
		done := ring(t, l, liveline.Call{})
		invite := p.gets("INVITE ")
		first := answer(invite, "200 OK", "first", theirs, sdpOffer)
		p.send(first)
		p.gets("ACK ")
		synctest.Wait()
		p.send(answer(invite, "200 OK", "second", "Contact: <sip:other@10.0.0.9:5060>", sdpOffer))
		if ack := p.gets("ACK "); !strings.Contains(field(ack, "To"), "tag=second") {
			t.Errorf("acknowledged %q", field(ack, "To"))
		}
		if bye := p.gets("BYE "); !strings.Contains(field(bye, "To"), "tag=second") || !strings.HasPrefix(bye, "BYE sip:other@") {
			t.Errorf("hung up on %q", bye)
		}
		p.send(first) // its ACK was lost
		if ack := p.gets("ACK "); !strings.Contains(field(ack, "To"), "tag=first") {
			t.Errorf("acknowledged %q", field(ack, "To"))
		}
		if n := l.Calls(); n != 1 {
			t.Errorf("%d calls are up, want the first alone", n)
		}
		_ = done
	})
}

// TestSilentTrunk is fault F11: the next trunk is tried after 8 s, and what
// the silent one says late is undone.
func TestSilentTrunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(1)
		l, other, _ := virtual(t, n, newDesk(nil), func(c *Config) {
			c.Trunks["a-silent"] = Trunk{Host: "10.0.0.8:5060", Allow: []string{"10.0.0.8"}, Keepalive: time.Hour}
		})
		silent := n.peer(t, "10.0.0.8:5060", net.UDPAddrFromAddrPort(l.sockets[0].addr))
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
		n := newNetwork(1)
		l, good, _ := virtual(t, n, newDesk(nil), func(c *Config) {
			c.Trunks["a-broken"] = Trunk{Host: "10.0.0.8:5060", Allow: []string{"10.0.0.8"}, Keepalive: time.Hour, CallsPerSecond: 100}
		})
		broken := n.peer(t, "10.0.0.8:5060", net.UDPAddrFromAddrPort(l.sockets[0].addr))
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
		l, p, _ := virtual(t, newNetwork(1), newDesk(nil), func(c *Config) {
			trunk := c.Trunks["carrier"]
			trunk.MaxCalls, trunk.CallsPerSecond = 2, 1
			c.Trunks["carrier"] = trunk
		})
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

// TestLoss is target T6: calls stand on a network that loses three packets
// of ten and doubles some.
func TestLoss(t *testing.T) {
	const calls = 200
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(7)
		n.loss, n.twice, n.delay, n.jitter = 0.3, 0.05, 20*time.Millisecond, 60*time.Millisecond
		l, p, _ := virtual(t, n, newDesk(nil), nil)
		carrier := &uas{peer: p, seen: map[string]string{}}
		go carrier.run()
		failed := 0
		for i := range calls {
			leg, err := l.Ring(t.Context(), liveline.Call{Addr: "+358401234567", Ref: fmt.Sprint("call", i), Ring: time.Minute})
			if err != nil {
				failed++
				continue
			}
			pass(5 * time.Second)
			if err := leg.Hangup(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if failed > 2 {
			t.Errorf("%d of %d calls failed", failed, calls)
		}
		pass(2 * time.Minute)
		if n := l.Calls(); n != 0 {
			t.Errorf("%d calls are left", n)
		}
	})
}

// uas answers every call, by hand, and repeats itself as it must.
type uas struct {
	*peer
	seen map[string]string
}

func (u *uas) run() {
	for {
		var msg string
		select {
		case msg = <-u.got:
		case <-u.t.Context().Done():
			return
		}
		id := field(msg, "Call-ID")
		switch {
		case strings.HasPrefix(msg, "INVITE "):
			if u.seen[id] == "" {
				u.seen[id] = answer(msg, "200 OK", "customer", theirs, sdpOffer)
				for _, after := range []time.Duration{0, sip.T1, 3 * sip.T1, 7 * sip.T1, 15 * sip.T1, 23 * sip.T1} {
					time.AfterFunc(after, func() { u.send(u.seen[id]) })
				}
				continue
			}
			u.send(u.seen[id])
		}
	}
}

// TestDrain holds that new calls are sent away while live ones are waited for.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), menu(), nil)
		up(p, "c1")
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		drained := make(chan error, 1)
		go func() { drained <- l.Drain(ctx) }()
		synctest.Wait()
		p.send(request("INVITE", "c2", toUs, 1, sdpOffer))
		if got := field(p.gets("SIP/2.0 503"), "Retry-After"); got != retryAfterDrain {
			t.Errorf("Retry-After %q", got)
		}
		if l.Calls() != 1 {
			t.Error("the live call was cut")
		}
		p.gets("BYE ")
		if err := <-drained; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Drain: %v", err)
		}
	})
}

// TestGuest holds that a telephone which is called, and is no trunk's, is
// heard for as long as the call lasts, and places no calls of its own.
func TestGuest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(1)
		d := menu()
		l, _, _ := virtual(t, n, d, nil)
		anna := n.peer(t, "10.0.0.7:5060", net.UDPAddrFromAddrPort(l.sockets[0].addr))
		call := func() { anna.send(request("INVITE", "cuckoo", toUs, 1, sdpOffer)) }
		call()
		done := ring(t, l, liveline.Call{Addr: "sip:anna@10.0.0.7", Ref: "ref-1"})
		invite := anna.gets("INVITE sip:anna@10.0.0.7 ")
		call()
		anna.send(answer(invite, "200 OK", "anna", "Contact: <sip:anna@10.0.0.7:5060>", sdpOffer))
		ack := anna.gets("ACK ")
		anna.send("BYE sip:holdless@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.7;branch=z9hG4bKbye\r\nFrom: " + field(ack, "To") +
			"\r\nTo: " + field(ack, "From") + "\r\nCall-ID: ref-1\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n")
		anna.gets("SIP/2.0 200")
		if err := <-done; err != nil {
			t.Error(err)
		}
		pass(2 * time.Minute)
		if _, known := l.guard.knows(l.sockets[0].addr.Addr().Next()); known {
			t.Error("somebody else is heard as well")
		}
		if len(l.guard.guests) != 0 || len(d.calls) != 0 {
			t.Errorf("%d guests are left, %d calls came in", len(l.guard.guests), len(d.calls))
		}
	})
}
