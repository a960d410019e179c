package sipline

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/internal/liveline"
)

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
