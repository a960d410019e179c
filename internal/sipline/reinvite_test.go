package sipline

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

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
