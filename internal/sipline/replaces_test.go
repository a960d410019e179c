package sipline

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
)

// takingOver is the address of a line, with the call that is to be replaced.
func takingOver(t *testing.T, l *Line, callID string) string {
	t.Helper()
	for _, leg := range l.book.legs() {
		if d := leg.dialog; d.callID == callID {
			return "sip:holdless@" + l.Addrs()[0].String() + "?Replaces=" + callID +
				"%3Bto-tag%3D" + d.id().tag + "%3Bfrom-tag%3D" + d.remoteTag()
		}
	}
	t.Fatalf("no call %s", callID)
	return ""
}

// TestTakenOver has an agent ask a colleague first: it is the colleague's
// telephone that calls then, and takes the place of the agent's (RFC 3891).
func TestTakenOver(t *testing.T) {
	t.Parallel()
	bo := telephone(t, nil)
	l, b, agent, customer, _ := together(t, bo)
	third, err := bo.Call(within(t), takingOver(t, l, agent.ID()), "sip:bo@pbx.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if wait(t, agent.Done(), "end of the call that was replaced"); agent.EndedBy() != phone.ByThem {
		t.Error("the agent had to hang up himself")
	}
	talkUntilHeard(t, third, customer, "hello from the colleague")
	talkUntilHeard(t, customer, third, "hello from the customer")
	if got := wait(t, b.ended, "outcome"); got != "" {
		t.Errorf("the desk is told %q", got)
	}
	b.hears(t, "agent 2 spoke")
	if err := third.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	b.hears(t, "customer 2 spoke")
	listens(t, customer, "goodbye")
	wait(t, customer.Done(), "goodbye by the line")
	for l.Calls() > 0 {
		<-time.After(10 * time.Millisecond)
	}
}

// TestNotTakenOver holds that nobody takes the place of a customer, nor a
// stranger that of an agent, and that the two speak on.
func TestNotTakenOver(t *testing.T) {
	t.Parallel()
	bo := telephone(t, nil)
	l, b, agent, customer, _ := together(t, bo)
	for _, tt := range []struct{ callID, from string }{
		{customer.ID(), "sip:bo@pbx.example.com"}, {agent.ID(), "sip:stranger@example.com"},
	} {
		_, err := bo.Call(within(t), takingOver(t, l, tt.callID), tt.from)
		if no, ok := errors.AsType[*phone.RefusedError](err); !ok || no.Code != 603 {
			t.Errorf("%s: %v, want 603", tt.from, err)
		}
	}
	talkUntilHeard(t, agent, customer, "still here")
	if len(b.ended) > 0 {
		t.Errorf("the desk is told %q", <-b.ended)
	}
}

// TestReplacesAnswers is RFC 3891, 3: what cannot be replaced, and why.
func TestReplacesAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(map[string][]ivr.Turn{"in": {ask("welcome"), {Connect: &ivr.Connect{Addr: "+358401234568", Ref: "out"}}, bye()}})
		_, p, streams := virtual(t, newNetwork(1), d, nil)
		ours := field(up(p, "c1"), "To")
		_, tag, _ := strings.Cut(ours, "tag=")
		(<-streams).keys <- '1'
		_, early, _ := strings.Cut(field(p.gets("INVITE "), "From"), "tag=")
		whole := "Replaces: c1;to-tag=" + tag + ";from-tag=them"
		tests := []struct{ name, method, field, want string }{
			{"no tags", "INVITE", "Replaces: c1", "SIP/2.0 400"},
			{"one tag twice", "INVITE", whole + ";to-tag=x", "SIP/2.0 400"},
			{"two of them", "INVITE", whole + "\r\n" + whole, "SIP/2.0 400"},
			{"not of an INVITE", "OPTIONS", whole, "SIP/2.0 400"},
			{"no such call", "INVITE", "Replaces: c9;to-tag=" + tag + ";from-tag=them", "SIP/2.0 481"},
			{"other tags", "INVITE", "Replaces: c1;to-tag=" + tag + ";from-tag=others", "SIP/2.0 481"},
			{"tags the wrong way round", "INVITE", "Replaces: c1;to-tag=them;from-tag=" + tag, "SIP/2.0 481"},
			{"only while it rings", "INVITE", whole + ";early-only", "SIP/2.0 486"},
			{"one that we place", "INVITE", "Replaces: out;to-tag=" + early + ";from-tag=x", "SIP/2.0 501"},
			{"somebody alone", "INVITE", "Require: replaces\r\n" + whole, "SIP/2.0 603"},
		}
		for i, tt := range tests {
			p.all()
			p.send(request(tt.method, "n"+tt.name[:2]+string(rune('a'+i)), toUs, 1, tt.field, sdpOffer))
			got := p.gets("SIP/2.0 " + tt.want[len("SIP/2.0 "):])
			if !strings.HasPrefix(got, tt.want) {
				t.Errorf("%s: %s", tt.name, firstLine(got))
			}
		}
	})
}

// TestPhonesOfAgents holds that the telephone of an agent is heard when it wants
// to take the place of another, and in nothing else.
func TestPhonesOfAgents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(1)
		l, p, _ := virtual(t, n, menu(), nil)
		l.phones.list = func() []string { return []string{"sip:bo@10.0.0.7", "sip:anna@10.0.0.9", "+358401234568", "nobody"} }
		go l.lookUpPhones(t.Context())
		synctest.Wait()
		if l.phones.has(netip.MustParseAddr("10.0.0.9")) || !l.phones.has(netip.MustParseAddr("10.0.0.7")) {
			t.Error("a telephone was not found, or a trunk taken for one")
		}
		_, tag, _ := strings.Cut(field(up(p, "c1"), "To"), "tag=")
		bo := n.peer(t, "10.0.0.7:5060", p.line)
		whole := "Replaces: c1;to-tag=" + tag + ";from-tag=them"
		for _, msg := range []string{
			request("INVITE", "n1", toUs, 1, sdpOffer), request("OPTIONS", "n2", toUs, 1),
			request("INVITE", "n3", toUs, 1, strings.Replace(whole, "c1", "c9", 1), sdpOffer), "nonsense\r\n\r\n",
		} {
			bo.send(strings.ReplaceAll(msg, "10.0.0.9", "10.0.0.7"))
		}
		synctest.Wait()
		if got := bo.all(); len(got) > 0 {
			t.Errorf("a telephone was answered %q", firstLine(got[0]))
		}
		bo.send(strings.ReplaceAll(request("INVITE", "n4", toUs, 1, whole, sdpOffer), "10.0.0.9", "10.0.0.7"))
		bo.gets("SIP/2.0 603")
		pass(time.Minute)
		if got := bo.all(); len(got) > 0 {
			t.Errorf("it was told again and again: %d times", len(got))
		}
	})
}
