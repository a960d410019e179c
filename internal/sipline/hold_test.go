package sipline

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// TestHoldMusic has the telephone of an agent put a customer on hold, in every way
// in which telephones do (RFC 3264, 8.4), without a sound of its own: he hears that
// he waits.
func TestHoldMusic(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, way, addr string }{
		{"inactive", "inactive", "127.0.0.1"},
		{"sends nothing", "sendonly", "127.0.0.1"},
		{"nowhere", "sendrecv", "0.0.0.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			aino, customers := answers(t)
			connect := ivr.Turn{Connect: &ivr.Connect{To: "customer", Addr: aino.URI(), Talk: "customer", Ref: "ref-c", Ring: time.Minute}}
			d := newDesk(map[string][]ivr.Turn{
				"agent":    {ask("press_take"), connect, bye()},
				"customer": {ask("callback_here"), {Connect: &ivr.Connect{To: ivr.Waiting}}, bye()},
			})
			addr, _ := sipp(t, "agent_holds", "-key", "way", tt.way, "-key", "hold", tt.addr)
			l := open(t, d, nil)
			to := "sip:anna@" + switchboard(t, addr)
			if err := liveline.NewDialer(l.Holder()).Dial(within(t), callback.Ring{Talk: "agent", Addr: to, Ref: "ref-a", Ring: time.Minute}); err != nil {
				t.Fatal(err)
			}
			customer := wait(t, customers, "customer")
			listens(t, customer, "callback_here")
			press(t, customer, "1")
			listens(t, customer, "(waiting)")
		})
	}
}
