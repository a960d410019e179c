package sipline

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// news is a NOTIFY about a transfer (RFC 3515, 2.4.5).
func news(refer string, seq int, status string) string {
	body := "SIP/2.0 " + status + "\r\n"
	r := request("NOTIFY", field(refer, "Call-ID"), field(refer, "From"), seq, "Event: refer", "Content-Type: message/sipfrag")
	return strings.Replace(r, "Content-Length: 0", fmt.Sprintf("Content-Length: %d", len(body)), 1) + body
}

func TestTransfer(t *testing.T) {
	transfer := ivr.Turn{Connect: &ivr.Connect{To: "x", Addr: "+358501111111", Transfer: true}}
	tests := []struct {
		name   string
		answer func(p *peer, refer string)
		rings  bool // both calls are carried by us after all
	}{
		{"taken", func(p *peer, refer string) {
			p.send(answer(refer, "202 Accepted", ""))
			p.send(news(refer, 2, "100 Trying"))
			p.gets("SIP/2.0 200")
			p.send(news(refer, 3, "200 OK"))
			p.gets("SIP/2.0 200")
			p.gets("BYE ")
		}, false},
		{"refused", func(p *peer, refer string) { p.send(answer(refer, "405 Method Not Allowed", "")) }, true},
		{"busy", func(p *peer, refer string) {
			p.send(answer(refer, "202 Accepted", ""))
			p.send(news(refer, 2, "486 Busy Here"))
		}, true},
		{"no news", func(p *peer, refer string) { p.send(answer(refer, "202 Accepted", "")) }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(map[string][]ivr.Turn{"in": {transfer, bye()}})
				_, p, _ := virtual(t, newNetwork(1), d, nil)
				up(p, "c1")
				refer := p.gets("REFER ")
				if got := field(refer, "Refer-To"); got != "<sip:+358501111111@10.0.0.9>" {
					t.Errorf("Refer-To %q", got)
				}
				tt.answer(p, refer)
				if tt.rings {
					p.send(answer(p.gets("INVITE "), "486 Busy Here", "x"))
					d.hears(t, "in 1 noanswer busy")
					return
				}
				d.hears(t, "in 1 spoke")
			})
		})
	}
}

// TestLateNews holds that news of a transfer that was given up are not taken
// for those of the next one: the caller would be hung up on.
func TestLateNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transfer := ivr.Turn{Connect: &ivr.Connect{To: "x", Addr: "+358501111111", Transfer: true}}
		d := newDesk(map[string][]ivr.Turn{"in": {transfer, transfer, bye()}})
		_, p, _ := virtual(t, newNetwork(1), d, nil)
		up(p, "c1")
		first := p.gets("REFER ")
		p.send(answer(first, "202 Accepted", ""))
		p.send(news(first, 2, "503 Service Unavailable"))
		p.gets("SIP/2.0 200")
		busy := answer(p.gets("INVITE "), "486 Busy Here", "x")
		p.send(news(first, 3, "200 OK"))
		p.gets("SIP/2.0 481")
		p.send(busy)
		second := p.gets("REFER ")
		about := "Event: refer;id=" + strings.Fields(field(first, "CSeq"))[0]
		p.send(strings.Replace(news(first, 4, "200 OK"), "Event: refer", about, 1))
		p.gets("SIP/2.0 481")
		p.send(answer(second, "405 Method Not Allowed", ""))
		p.send(answer(p.gets("INVITE "), "486 Busy Here", "x"))
		d.hears(t, "in 2 noanswer busy")
	})
}

// TestTransferIsChecked holds that a transfer is a call like any other: the
// rules are asked.
func TestTransferIsChecked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), menu(), nil)
		up(p, "c1")
		refuse := errors.New("premium number")
		l.check = func(string) error { return refuse }
		if err := l.Refer(t.Context(), l.book.legs()[0], "+3587001234"); !errors.Is(err, refuse) {
			t.Errorf("Refer: %v", err)
		}
		synctest.Wait()
		if got := p.count(); got["REFER"] > 0 {
			t.Error("the caller was sent to a forbidden number")
		}
	})
}

// TestLongMessages is trap S12: what does not fit an Ethernet frame is sent.
func TestLongMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(nil), nil)
		ref := strings.Repeat("r", 3000)
		ring(t, l, liveline.Call{Ref: ref})
		invite := p.gets("INVITE ")
		if field(invite, "Call-ID") != ref {
			t.Error("the call lost its name")
		}
		p.send(answer(invite, "486 Busy Here", "x"))
	})
}

// TestRoutes holds that requests of a call follow the route that was recorded
// (RFC 3261, 12.1).
func TestRoutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), menu(), nil)
		p.quiet.Store(true)
		ok := up(p, "in", "Record-Route: <sip:a@10.0.0.9;lr>", "Record-Route: <sip:b@10.0.0.9;lr>")
		if !strings.Contains(ok, "Record-Route: <sip:a@10.0.0.9;lr>\r\nRecord-Route: <sip:b@10.0.0.9;lr>") {
			t.Error("the route is not in the answer")
		}
		for _, leg := range l.book.legs() {
			if err := leg.Hangup(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if got := p.gets("BYE "); !strings.Contains(got, "Route: <sip:a@10.0.0.9;lr>\r\nRoute: <sip:b@10.0.0.9;lr>") {
			t.Errorf("a caller's route: %q", got)
		}
		ring(t, l, liveline.Call{Ref: "out"})
		p.send(answer(p.gets("INVITE "), "200 OK", "x", theirs, "Record-Route: <sip:a@10.0.0.9;lr>",
			"Record-Route: <sip:b@10.0.0.9;lr>", sdpOffer))
		if got := p.gets("ACK "); !strings.Contains(got, "Route: <sip:b@10.0.0.9;lr>\r\nRoute: <sip:a@10.0.0.9;lr>") {
			t.Errorf("the route of a call of ours: %q", got)
		}
	})
}

// TestNothingIsCopied is attack A9: what a caller writes goes into no request
// of ours to others.
func TestNothingIsCopied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(nil), nil)
		ring(t, l, liveline.Call{CallerID: "+358912345>\r\nX-Evil: 1", Ref: "r"})
		if got := p.gets("INVITE "); strings.Contains(got, "Evil") {
			t.Errorf("sent %q", got)
		}
		var u sip.Uri
		if err := sip.ParseUri("sip:anna@10.0.0.7?Route=%3Csip:evil%3E", &u); err != nil {
			t.Fatal(err)
		}
		hops, err := l.hops(u.String())
		if err != nil || hops[0].uri.String() != "sip:anna@10.0.0.7" {
			t.Errorf("a URI with header fields is called as %v (%v)", hops, err)
		}
	})
}
