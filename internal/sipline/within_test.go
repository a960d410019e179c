package sipline

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// proxyAsks is asks as a proxy says it, with a nonce.
func proxyAsks(nonce string) string {
	return strings.NewReplacer("WWW", "Proxy", `"n1"`, `"`+nonce+`"`).Replace(asks) + "SHA-256"
}

// asksAt has a carrier ask for the password at a request, and returns the one that
// gives it. It is held to RFC 3261, 22.2, and RFC 7616, 3.4.
func (p *peer) asksAt(req, nonce, use string) string {
	p.t.Helper()
	p.send(answer(req, "407 Proxy Authentication Required", "", proxyAsks(nonce)))
	method, _, _ := strings.Cut(req, " ")
	if method == "INVITE" {
		p.gets("ACK ")
	}
	again := p.gets(method + " ")
	given := digestParams(field(again, "Proxy-Authorization"))
	c := &challenge{realm: "carrier.example", nonce: nonce, algorithm: "SHA-256"}
	_, uri, _ := strings.Cut(firstLine(again), " ")
	uri, _, _ = strings.Cut(uri, " ")
	want := c.hash(strings.Join([]string{
		c.hash("anna:" + c.realm + ":Circle of Life"), nonce, use, given["cnonce"], "auth", c.hash(method + ":" + uri),
	}, ":"))
	if given["response"] != want || given["nc"] != use || given["uri"] != uri {
		p.t.Errorf("%s gives %q, want the use %s of %s and the response %s", method, given, use, nonce, want)
	}
	if field(again, "Via") == field(req, "Via") || field(again, "Call-ID") != field(req, "Call-ID") {
		p.t.Errorf("%s is not a new request of the same call", method)
	}
	if a, b := numberOf(req), numberOf(again); b != a+1 {
		p.t.Errorf("%s has the number %d after %d", method, b, a)
	}
	return again
}

// numberOf is the number of a request, of one digit.
func numberOf(req string) int { return int(field(req, "CSeq")[0] - '0') }

// hangUp ends all calls.
func hangUp(t *testing.T, l *Line) {
	t.Helper()
	for _, leg := range l.book.legs() {
		if err := leg.Hangup(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestPasswordAtGoodbye holds that a carrier which asks for the password at the
// BYE gets it, whoever has placed the call: else it keeps the call up, and counts.
func TestPasswordAtGoodbye(t *testing.T) {
	for name, begin := range map[string]func(*testing.T, *Line, *peer){
		"a call that came in": func(_ *testing.T, _ *Line, p *peer) { up(p, "c1") },
		"a call of ours": func(t *testing.T, l *Line, p *peer) {
			ring(t, l, liveline.Call{})
			p.send(answer(p.gets("INVITE "), "200 OK", "customer", theirs, sdpOffer))
			p.gets("ACK ")
		},
		"behind a proxy of the carrier": func(_ *testing.T, _ *Line, p *peer) {
			up(p, "c1", "Record-Route: <sip:10.0.0.9;lr>", "Record-Route: <sip:10.0.0.9:5062;lr>")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, p, _ := virtual(t, newNetwork(1), menu(), withPassword(t))
				p.quiet.Store(true)
				begin(t, l, p)
				synctest.Wait()
				hangUp(t, l)
				p.send(answer(p.asksAt(p.gets("BYE "), "n1", "00000001"), "200 OK", ""))
				synctest.Wait()
				pass(time.Minute)
				if got := p.count(); len(got) != 0 || len(l.book.legs()) != 0 {
					t.Errorf("after the goodbye came %v", got)
				}
			})
		})
	}
}

// TestPasswordOfFork: nor does a telephone that answers too late go on, and count.
func TestPasswordOfFork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(nil), withPassword(t))
		p.quiet.Store(true)
		ring(t, l, liveline.Call{})
		invite := p.gets("INVITE ")
		p.send(answer(invite, "200 OK", "first", theirs, sdpOffer))
		p.gets("ACK ")
		p.send(answer(invite, "200 OK", "second", theirs, sdpOffer))
		p.send(answer(p.asksAt(p.gets("BYE "), "n1", "00000001"), "200 OK", ""))
	})
}

// TestPasswordAtRefresh holds that a sign of life gets through, and is
// acknowledged, whichever way it is given; and that a nonce which comes again is
// counted on.
func TestPasswordAtRefresh(t *testing.T) {
	for _, method := range []string{"INVITE", "UPDATE"} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, p, _ := virtual(t, newNetwork(1), menu(), func(c *Config) { withPassword(t)(c); c.Session = minSession })
				up(p, "c1", "Allow: "+method)
				for _, use := range []string{"00000001", "00000002"} {
					given := p.asksAt(p.gets(method+" "), "n1", use)
					ok := answer(given, "200 OK", "", "Session-Expires: 90;refresher=uac", theirs, sdpOffer)
					p.send(ok)
					if method == "UPDATE" {
						continue
					}
					for range 2 {
						if ack := p.gets("ACK "); numberOf(ack) != numberOf(given) {
							t.Errorf("acknowledged %q, want %q", field(ack, "CSeq"), field(given, "CSeq"))
						}
						p.send(ok) // the ACK was lost
					}
					p.gets("ACK ")
				}
				if l.Calls() != 1 {
					t.Error("the call is gone")
				}
			})
		})
	}
}

// TestPasswordAtTransfer holds that the news of a transfer are understood by the
// number of the REFER that had the password (RFC 3515, 2.4.6).
func TestPasswordAtTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transfer := ivr.Turn{Connect: &ivr.Connect{To: "x", Addr: "+358501111111", Transfer: true}}
		_, p, _ := virtual(t, newNetwork(1), newDesk(map[string][]ivr.Turn{"in": {transfer, bye()}}), withPassword(t))
		up(p, "c1")
		refer := p.asksAt(p.gets("REFER "), "n1", "00000001")
		p.send(answer(refer, "202 Accepted", ""))
		p.send(strings.Replace(news(refer, 2, "200 OK"), "Event: refer", "Event: refer;id=2", 1))
		p.gets("SIP/2.0 200")
		p.gets("BYE ")
	})
}

// TestStalePassword holds that a nonce which has become stale is replaced once, and
// by another.
func TestStalePassword(t *testing.T) {
	stale := func(nonce string) string { return proxyAsks(nonce) + ", stale=true" }
	for _, tt := range []struct {
		name  string
		asks  []string
		given int
	}{
		{"refused", []string{proxyAsks("n1"), proxyAsks("n2")}, 1},
		{"stale", []string{proxyAsks("n1"), stale("n2")}, 2},
		{"stale, and no other one", []string{proxyAsks("n1"), stale("n1")}, 1},
		{"stale for ever", []string{proxyAsks("n1"), stale("n2"), stale("n3"), stale("n4")}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, p, _ := virtual(t, newNetwork(1), menu(), withPassword(t))
				p.quiet.Store(true)
				up(p, "c1")
				hangUp(t, l)
				for _, asks := range tt.asks[:tt.given] {
					p.send(answer(p.gets("BYE "), "407 Proxy Authentication Required", "", asks))
				}
				last := p.gets("BYE ")
				if got := numberOf(last); got != 1+tt.given {
					t.Errorf("the last BYE has the number %d", got)
				}
				if tt.given < len(tt.asks) {
					p.send(answer(last, "407 Proxy Authentication Required", "", tt.asks[tt.given]))
				} else {
					p.send(answer(last, "200 OK", ""))
				}
				pass(time.Minute)
				if got := p.count(); len(got) != 0 {
					t.Errorf("then came %v", got)
				}
			})
		})
	}
}

// TestDigestLeak is attack A8: within a call nobody gets our credentials but the
// trunk itself, at its own address, for its realm. The log says why.
func TestDigestLeak(t *testing.T) {
	own := asks + "MD5"
	evil := strings.Replace(own, "carrier.example", "evil.example", 1)
	contact := func(uri string) func(string) string {
		return func(invite string) string {
			return strings.Replace(invite, "Contact: <sip:carrier@10.0.0.9:5060>", "Contact: <"+uri+">", 1)
		}
	}
	route := func(value string) func(string) string {
		return func(invite string) string {
			return strings.Replace(invite, "Contact:", "Record-Route: "+value+"\r\nContact:", 1)
		}
	}
	for _, tt := range []struct {
		name, from, asks string
		change           func(invite string) string
		why              error
	}{
		{"another realm", "10.0.0.9:5060", evil, nil, errRealm},
		{"an address that only calls come from", "10.0.0.8:5060", own, nil, errAway},
		{"a telephone beyond a proxy", "10.0.0.9:5060", own, contact("sip:evil@203.0.113.66"), errBeyond},
		{"by name", "10.0.0.9:5060", own, contact("sip:evil@evil.example"), errBeyond},
		{"a target that leads elsewhere", "10.0.0.9:5060", own, contact("sip:x@10.0.0.9;mAddr=203.0.113.66"), errBeyond},
		{"a route that leads elsewhere", "10.0.0.9:5060", own, route("<sip:10.0.0.9;lr>\r\nRecord-Route: <sip:203.0.113.66;lr>"), errBeyond},
		{"a route of two", "10.0.0.9:5060", own, route("<sip:10.0.0.9;lr>,<sip:203.0.113.66;lr>"), errBeyond},
		{"a telephone of an agent", "10.0.0.7:5060", own, nil, errStranger},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, log := newNetwork(1), &bytes.Buffer{}
				l, p, _ := still(t, n, menu(), func(c *Config) {
					withPassword(t)(c)
					carrier := c.Trunks["carrier"]
					carrier.Allow = append(carrier.Allow, "10.0.0.8")
					c.Trunks["carrier"], c.Session = carrier, minSession
				})
				l.log = slog.New(slog.NewTextHandler(log, nil))
				serve(t, l)
				if tt.from != "10.0.0.9:5060" {
					p = n.peer(t, tt.from, net.UDPAddrFromAddrPort(l.sockets[0].addr))
				}
				p.quiet.Store(true)
				p.comesUp(l, tt.change)
				refresh := p.gets("INVITE ")
				p.send(answer(refresh, "407 Proxy Authentication Required", "", strings.Replace(tt.asks, "WWW", "Proxy", 1)))
				p.gets("ACK ")
				synctest.Wait()
				hangUp(t, l)
				p.send(answer(p.gets("BYE "), "401 Unauthorized", "", tt.asks))
				pass(2 * time.Minute)
				synctest.Wait() // nothing writes to the log any more
				if got := p.count(); len(got) != 0 {
					t.Errorf("then came %v", got)
				}
				for _, method := range []string{"INVITE: ", "BYE: "} {
					if !strings.Contains(log.String(), method+tt.why.Error()) {
						t.Errorf("the log does not say %q, but %q", method+tt.why.Error(), log)
					}
				}
			})
		})
	}
}

// comesUp brings a call up with whoever is there: a trunk calls, an agent is called.
func (p *peer) comesUp(l *Line, change func(string) string) {
	p.t.Helper()
	from, _, _ := net.SplitHostPort(p.end.addr.String())
	if from == "10.0.0.7" {
		ring(p.t, l, liveline.Call{Addr: "sip:anna@10.0.0.7"})
		p.send(answer(p.gets("INVITE "), "200 OK", "anna", "Contact: <sip:anna@10.0.0.7>", sdpOffer))
		p.gets("ACK ")
		return
	}
	invite := strings.ReplaceAll(request("INVITE", "c1", toUs, 1, sdpOffer), "10.0.0.9", from)
	if change != nil {
		invite = change(invite)
	}
	p.send(invite)
	ok := p.gets("SIP/2.0 200")
	p.send(strings.ReplaceAll(request("ACK", "c1", field(ok, "To"), 1), "10.0.0.9", from))
}

// TestHome holds that a password goes where the calls of a trunk are placed,
// whatever port of that machine it is asked from.
func TestHome(t *testing.T) {
	at := netip.MustParseAddrPort
	carrier := &trunk{target: target{network: "tls", host: "carrier.example"}}
	carrier.place = &place{now: time.Now, last: []netip.AddrPort{at("10.0.0.8:5061"), at("10.0.0.9:5061"), at("10.0.0.9:5071")}}
	for _, tt := range []struct{ network, from, want string }{
		{"tls", "10.0.0.9:5061", "10.0.0.9:5061"},
		{"tls", "10.0.0.9:5071", "10.0.0.9:5071"},
		{"tls", "10.0.0.9:40000", "10.0.0.9:5061"},
		{"tls", "10.0.0.7:5061", ""},
		{"udp", "10.0.0.9:5061", ""}, // it would be read on the way
	} {
		got := carrier.home(site{network: tt.network, addr: at(tt.from)})
		var want site
		if tt.want != "" {
			want = site{network: tt.network, addr: at(tt.want), name: "carrier.example"}
		}
		if got != want {
			t.Errorf("%s from %s: %v, want %v", tt.network, tt.from, got, want)
		}
	}
}
