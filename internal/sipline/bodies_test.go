package sipline

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/holdless/holdless/internal/liveline"
)

// several writes bodies as one. The first line of each says what it is.
func several(bodies ...string) string {
	all := ""
	for _, b := range bodies {
		all += "--piece\r\n" + b + "\r\n"
	}
	return all + "--piece--\r\n"
}

// carrying builds a message with a body of any kind.
func carrying(msg, body string, head ...string) string {
	more := strings.Join(append(head, fmt.Sprintf("Content-Length: %d", len(body))), "\r\n")
	return strings.Replace(msg, "Content-Length: 0", more, 1) + body
}

const (
	asOne   = "Content-Type: multipart/mixed;boundary=piece"
	asISUP  = "Content-Type: application/isup;version=itu-t92+;base=itu-t92+\r\n"
	atWill  = "Content-Disposition: signal;handling=optional\r\n"
	atNeed  = "Content-Disposition: signal;handling=required\r\n"
	sdpPart = "Content-Type: application/sdp\r\n\r\n" + sdpOffer
)

// TestBodies holds what becomes of a caller by what his INVITE carries, and
// requires.
func TestBodies(t *testing.T) {
	invite := request("INVITE", "c1", toUs, 1)
	for _, tt := range []struct{ name, msg, want, field, value string }{
		{"sound and ISUP", carrying(invite, several(asISUP+atWill+"\r\n\x01\x20", sdpPart), asOne), "SIP/2.0 200", "Content-Type", "application/sdp"},
		{"sound, in short", carrying(invite, sdpOffer, "c: application/sdp"), "SIP/2.0 200", "Content-Type", "application/sdp"},
		{"ISUP without a word on it", carrying(invite, several(sdpPart, asISUP+"\r\n\x01\x20"), asOne), "SIP/2.0 200", "Content-Type", "application/sdp"},
		{"sound two deep", carrying(invite, several("Content-Type: multipart/alternative;boundary=\"in\"\r\n\r\n--in\r\n"+sdpPart+"\r\n--in--\r\n"), asOne), "SIP/2.0 200", "Content-Type", "application/sdp"},
		{"ISUP that must be understood", carrying(invite, several(sdpPart, asISUP+atNeed+"\r\n\x01\x20"), asOne), "SIP/2.0 415", "Accept", "application/sdp"},
		{"ISUP alone", carrying(invite, several(asISUP+"\r\n\x01\x20"), asOne), "SIP/2.0 415", "Accept", "application/sdp"},
		{"ISUP alone that need not be understood", carrying(invite, "\x01\x20", strings.TrimSuffix(asISUP+atWill, "\r\n")), "SIP/2.0 200", "Content-Type", "application/sdp"},
		{"several that cannot be read", carrying(invite, sdpOffer, asOne), "SIP/2.0 415", "Accept", "application/sdp"},
		{"several without a word on where they begin", carrying(invite, several(sdpPart), "Content-Type: multipart/mixed"), "SIP/2.0 415", "Accept", "application/sdp"},
		{"several that break off", carrying(invite, strings.TrimSuffix(several(sdpPart), "--piece--\r\n"), asOne), "SIP/2.0 415", "Accept", "application/sdp"},
		{"packed", carrying(invite, "\x1f\x8b", "Content-Type: application/sdp", "Content-Encoding: gzip"), "SIP/2.0 415", "Accept-Encoding", "identity"},
		{"packed, in short", carrying(invite, "\x1f\x8b", "c: application/sdp", "e: gzip"), "SIP/2.0 415", "Accept-Encoding", "identity"},
		{"two fields that are one", request("INVITE", "c1", toUs, 1, "Accept: text/html", "Accept: application/sdp;level=1", sdpOffer), "SIP/2.0 200", "", ""},
		{"nothing that we send", request("INVITE", "c1", toUs, 1, "Accept: text/html", "Accept: text/plain", sdpOffer), "SIP/2.0 406", "", ""},
		{"for proxies", request("INVITE", "c1", toUs, 1, "Proxy-Require: privacy", sdpOffer), "SIP/2.0 200", "", ""},
		{"reliable provisional answers", request("INVITE", "c1", toUs, 1, "Require: 100rel", sdpOffer), "SIP/2.0 200", "", ""},
		{"what we do not do", request("INVITE", "c1", toUs, 1, "Require: 100rel, precondition", sdpOffer), "SIP/2.0 420", "Unsupported", "precondition"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, p, _ := virtual(t, newNetwork(1), menu(), nil)
				p.send(tt.msg)
				got := p.gets("SIP/2.0 ")
				for strings.HasPrefix(got, "SIP/2.0 1") {
					got = p.gets("SIP/2.0 ")
				}
				if !strings.HasPrefix(got, tt.want) || field(got, tt.field) != tt.value {
					t.Errorf("got %q with %s: %q", firstLine(got), tt.field, field(got, tt.field))
				}
			})
		})
	}
}

// TestForkedEarly holds that of several telephones that ring with sound of their
// own, the one that answers is spoken with (RFC 3261, 13.2.2.4).
func TestForkedEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, streams := virtual(t, newNetwork(1), newDesk(nil), nil)
		ring(t, l, liveline.Call{})
		invite := p.gets("INVITE ")
		at := func(port string) string { return strings.Replace(sdpOffer, "40000", port, 1) }
		p.send(answer(invite, "183 Session Progress", "one", theirs, at("41000")))
		synctest.Wait() // messages are handled side by side
		p.send(answer(invite, "183 Session Progress", "two", theirs, at("42000")))
		s := <-streams
		synctest.Wait()
		p.send(answer(invite, "200 OK", "one", theirs))
		p.gets("ACK ")
		synctest.Wait()
		if got := s.agreedOn(); !strings.Contains(got, "m=audio 41000 ") {
			t.Errorf("spoken with %q", got)
		}
	})
}

// TestAnswerOfSeveral takes the session description out of an answer that has
// more, as exchanges send it; what was heard before the answer is not it.
func TestAnswerOfSeveral(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, streams := virtual(t, newNetwork(1), newDesk(nil), nil)
		ring(t, l, liveline.Call{})
		ok := answer(p.gets("INVITE "), "200 OK", "x", theirs)
		early := "Content-Disposition: early-session\r\n" + strings.Replace(sdpPart, "40000", "41000", 1)
		p.send(carrying(ok, several(asISUP+"\r\n\x01\x20", early, sdpPart), asOne))
		p.gets("ACK ")
		synctest.Wait()
		if got := (<-streams).agreedOn(); got != sdpOffer || l.Calls() != 1 {
			t.Errorf("spoken with %q", got)
		}
	})
}

func (s *silentStream) agreedOn() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agreed
}
