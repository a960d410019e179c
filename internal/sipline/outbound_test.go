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

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

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
