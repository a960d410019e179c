package media

import (
	"encoding/binary"
	"net"
	"strings"
	"testing"
	"time"
)

// TestReports lets two ends report to each other through a line that loses
// every tenth packet.
func TestReports(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	caller, callee := newReports(), newReports()
	b := make([]byte, headBytes+FrameBytes)
	for i := range 100 {
		h := head{seq: uint16(65500 + i), ts: uint32(i * FrameBytes), ssrc: 1}
		h.write(b)
		caller.sent(b, now)
		if i%10 != 5 {
			p, _ := parse(b)
			// Every second packet is 4 ms late.
			callee.count(&p, audio, now.Add(time.Duration(i%2)*4*time.Millisecond))
		}
		now = now.Add(Frame)
	}
	if got := callee.lost(); got != 10 {
		t.Errorf("%d lost, want 10", got)
	}
	if j := units(callee.jitter >> 4); j < 3*time.Millisecond || j > 4*time.Millisecond {
		t.Errorf("jitter %v, want about 3.5 ms", j)
	}

	if !callee.take(caller.write(nil, 1, now), 2, now.Add(30*time.Millisecond)) {
		t.Fatal("the sender's report is not understood")
	}
	sent := now.Add(530 * time.Millisecond)
	back := callee.write(nil, 2, sent)
	if back[1] != receiverReport || back[12] != 25 {
		t.Errorf("type %d, %d of 256 lost; want 25", back[1], back[12])
	}
	if !caller.take(back, 1, sent.Add(30*time.Millisecond)) {
		t.Fatal("the receiver's report is not understood")
	}
	if caller.farLost != 10 || caller.farJitter != callee.jitter>>4 {
		t.Errorf("told %d lost, jitter %d", caller.farLost, caller.farJitter)
	}
	if d := caller.roundTrip - 60*time.Millisecond; d < -time.Millisecond || d > time.Millisecond {
		t.Errorf("round trip %v, want 60 ms", caller.roundTrip)
	}
	if callee.fraction() != 0 {
		t.Error("losses are told twice")
	}
}

// TestReportsOfManySources adds losses up over changes of the source.
func TestReportsOfManySources(t *testing.T) {
	t.Parallel()
	r := newReports()
	count := func(ssrc uint32, seqs ...uint16) {
		for _, seq := range seqs {
			r.count(&packet{ssrc: ssrc, seq: seq}, keyEvent, time.Unix(0, 0))
		}
	}
	count(1, 1, 2, 4)      // one lost
	count(2, 30000, 30001) // another source: none
	count(2, 9, 10, 13)    // counts anew: two
	count(2, 12, 12, 11)   // late ones come, one twice
	if got := r.lost(); got != 1 {
		t.Errorf("%d lost, want 1", got)
	}
}

func TestReportsRefuse(t *testing.T) {
	t.Parallel()
	r := newReports()
	good := r.write(nil, 1, time.Now())
	for _, tt := range []struct {
		name string
		b    []byte
	}{
		{"four bytes", []byte{0x80, 200, 0, 0}},
		{"cut off", good[:len(good)-1]},
		{"another version", append([]byte{0x40}, good[1:]...)},
		{"longer than it is", []byte{0x80, 200, 0xff, 0xff, 0, 0, 0, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if r.take(tt.b, 1, time.Now()) {
				t.Error("taken")
			}
		})
	}
	if !r.take([]byte{0x9f, 201, 0, 1, 0, 0, 0, 1}, 1, time.Now()) {
		t.Error("a report that promises blocks it has not is not passed over")
	}
}

// TestGoodbye reads what a telephone gets when the call ends.
func TestGoodbye(t *testing.T) {
	t.Parallel()
	rtcp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer rtcp.Close()
	s := open(t, newEngine(t))
	far := newPeer(t)
	_, port, _ := strings.Cut(rtcp.LocalAddr().String(), ":")
	if _, err := s.Answer(far.offer("0 101", "a=rtcp:"+port+"\r\n")); err != nil {
		t.Fatal(err)
	}
	s.Start()
	far.next()
	s.Close()
	if err := rtcp.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1500)
	n, err := rtcp.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []byte
	for at := 0; at < n; {
		kinds = append(kinds, b[at+1])
		at += 4 + 4*int(binary.BigEndian.Uint16(b[at+2:]))
	}
	if string(kinds) != string([]byte{senderReport, description, goodbye}) {
		t.Errorf("packets %v", kinds)
	}
}

func FuzzReports(f *testing.F) {
	r := newReports()
	f.Add(r.write(nil, 1, time.Unix(0, 0)))
	f.Add([]byte{0x82, 200, 0, 6, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := newReports()
		if r.take(b, 1, time.Unix(0, 0)) && r.roundTrip < 0 {
			t.Fatalf("round trip %v", r.roundTrip)
		}
		if !r.take(r.write(nil, 1, time.Unix(1, 0)), 1, time.Unix(2, 0)) {
			t.Fatal("our own report is not understood")
		}
	})
}
