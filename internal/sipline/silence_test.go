package sipline

import (
	"testing"
	"testing/synctest"
	"time"
)

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
