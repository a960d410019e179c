package sipline

import (
	"fmt"
	"slices"
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
			_, p, _ := virtual(t, newNetwork(1), d, func(c *Config) {
				carrier := c.Trunks["carrier"]
				carrier.TrustIdentity = trusted
				c.Trunks["carrier"] = carrier
			})
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
		if got := field(p.gets("BYE "), "Reason"); got != `Q.850;cause=102;text="no sound for 31s"` {
			t.Errorf("Reason: %s", got)
		}
		d.hears(t, "in 1 gone")
	})
}

// TestSoundComesBack is fault F16: after ten seconds without sound nobody knows
// what was heard, so the question is asked again; after a shorter pause not.
func TestSoundComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := menu()
		_, p, streams := virtual(t, newNetwork(1), d, nil)
		up(p, "c1")
		s := <-streams
		for i, tt := range []struct {
			pause time.Duration
			said  int
		}{{5 * time.Second, 1}, {12 * time.Second, 2}, {0, 2}, {15 * time.Second, 3}} {
			pass(30 * time.Second)
			s.comeBack(tt.pause)
			pass(5 * time.Second)
			if got := s.said(); got != tt.said {
				t.Errorf("%d: asked %d times after %v without sound, want %d", i, got, tt.pause, tt.said)
			}
		}
		s.keys <- '1'
		d.hears(t, "in 1 heard 1")
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
			{"INFO that says nothing", request("INFO", "c1", to, 10), "SIP/2.0 200"},
			{"news of no transfer", request("NOTIFY", "c1", to, 11, "Event: refer"), "SIP/2.0 481"},
			{"news of something else", request("NOTIFY", "c1", to, 12, "Event: presence"), "SIP/2.0 489"},
			{"news of no transfer, in short", request("NOTIFY", "c1", to, 13, "o: refer;id=1"), "SIP/2.0 481"},
			{"OPTIONS within the call", request("OPTIONS", "c1", to, 13), "SIP/2.0 200"},
			{"OPTIONS within no call", request("OPTIONS", "c1", toUs+";tag=nobody", 17), "SIP/2.0 481"},
			{"REFER without a place", request("REFER", "c1", to, 14), "SIP/2.0 400"},
			{"REFER of somebody alone", request("REFER", "c1", to, 15, "Refer-To: <sip:bo@10.0.0.9>"), "SIP/2.0 603"},
			{"BYE", request("BYE", "c1", to, 17), "SIP/2.0 200"},
			{"BYE again", request("BYE", "c1", to, 18), "SIP/2.0 481"},
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
				p.send(info(to, 2, tt.kind, tt.body))
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

func info(to string, seq int, kind, body string) string {
	r := request("INFO", "c1", to, seq, "Content-Type: "+kind)
	return strings.Replace(r, "Content-Length: 0", fmt.Sprintf("Content-Length: %d", len(body)), 1) + body
}

// TestInfoCountsOnce holds that one INFO is one key, however often it comes: the
// same message again, or by another way; and that a second press counts.
func TestInfoCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(map[string][]ivr.Turn{"in": slices.Repeat([]ivr.Turn{{Listen: &ivr.Listen{Max: 1, Wait: 10 * time.Second}}}, 4)})
		_, p, _ := virtual(t, newNetwork(1), d, nil)
		to := field(up(p, "c1"), "To")
		first := info(to, 2, "application/dtmf-relay", "Signal=5\r\n")
		for _, msg := range []string{first, first, strings.Replace(first, "z9hG4bK", "z9hG4bKother", 1)} {
			p.send(msg)
			p.gets("SIP/2.0 200")
		}
		d.hears(t, "in 2 silence")
		p.send(info(to, 3, "application/dtmf-relay", "Signal=5\r\n"))
		d.hears(t, "in 3 heard 5")
		d.hears(t, "in 4 silence")
		if want := []string{"in 1 heard 5", "in 2 silence", "in 3 heard 5", "in 4 silence"}; !slices.Equal(d.heard(), want) {
			t.Errorf("the desk was told %q, want %q", d.heard(), want)
		}
	})
}

// TestPauseEndsKeys holds that keys are taken as they are when no more come, or
// at once with the key that ends them.
func TestPauseEndsKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listen := ivr.Turn{Listen: &ivr.Listen{Max: 4, Finish: "#", Wait: 8 * time.Second, Gap: 1500 * time.Millisecond}}
		d := newDesk(map[string][]ivr.Turn{"in": {listen, listen, listen, bye()}})
		_, p, streams := virtual(t, newNetwork(1), d, nil)
		up(p, "c1")
		s := <-streams
		for _, tt := range []struct {
			keys string
			said string
			took time.Duration
		}{{"14", "in 1 heard 14", 1500 * time.Millisecond}, {"14#", "in 2 heard 14", 0}, {"1430", "in 3 heard 1430", 0}} {
			synctest.Wait()
			began := time.Now()
			for _, k := range []byte(tt.keys) {
				s.keys <- k
			}
			d.hears(t, tt.said)
			if took := time.Since(began); took != tt.took {
				t.Errorf("%q was heard after %v, want %v", tt.said, took, tt.took)
			}
		}
	})
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
	t.Run("short, from somebody without timers", func(t *testing.T) { // RFC 4028, 9
		synctest.Test(t, func(t *testing.T) {
			_, p, _ := virtual(t, newNetwork(1), menu(), nil)
			p.send(request("INVITE", "c1", toUs, 1, "Session-Expires: 60", sdpOffer))
			if got := field(p.gets("SIP/2.0 200"), "Require"); got != "" {
				t.Errorf("they are told of timers: %q", got)
			}
		})
	})
	t.Run("too short for them", func(t *testing.T) { // RFC 4028, 7.3
		synctest.Test(t, func(t *testing.T) {
			_, p, _ := virtual(t, newNetwork(1), menu(), func(c *Config) { c.Session = minSession })
			up(p, "c1", "Supported: timer", "Allow: INVITE, UPDATE")
			p.send(answer(p.gets("UPDATE "), "422 Session Interval Too Small", "", "Min-SE: 600"))
			if got := field(p.gets("UPDATE "), "Session-Expires"); got != "600;refresher=uac" {
				t.Errorf("asked again for %q", got)
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
