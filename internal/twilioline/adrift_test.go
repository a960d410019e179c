package twilioline

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// Whom an agent has put through as the process died is rung for him by the next
// one, though nobody had told his call; whoever was spoken with is left.
func TestOrderToPutThroughLost(t *testing.T) {
	t.Parallel()
	for _, begin := range talking {
		for _, tt := range []struct {
			to, addr string
			consult  bool
		}{{"bo", boAddr, false}, {"bo", boAddr, true}, {outside, outside, false}} {
			if begin.name != "caller" && tt.to == outside {
				continue // as with a caller
			}
			name := begin.name + "/" + tt.to
			if tt.consult {
				name += " first"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				crashes(t, func(w *crash) {
					staffed(w.town)
					w.agent.Press = presses("1", "1", "1", "1")
				}, func(w *crash) {
					begin.begin(w.town)
					w.passes(20 * time.Second)
					if _, err := w.desk.SendOn(w.Context(), callback.SendOn{Agent: "anna", To: tt.to, Consult: tt.consult}); err != nil {
						t.Fatal(err)
					}
					w.first.kill()
					w.killed()
					w.passes(20 * time.Second)
					log := strings.Join(w.his().Log, "\n")
					if n := len(w.calls(tt.addr)); n != 1 {
						t.Fatalf("%d calls to %s:\n%s", n, tt.addr, log)
					}
					want := 2
					if tt.consult {
						want = 1
					}
					if n := met(w.his()); n != want {
						t.Errorf("in %d conferences, want %d:\n%s", n, want, log)
					}
					w.sim.Hangup(w.his().SID)
					w.passes(3 * time.Minute)
					for _, agent := range []string{"anna", "bo"} {
						if got := w.duty(agent); got == callback.OnCall || got == callback.OnRing {
							t.Errorf("%s is %s", agent, got)
						}
					}
					w.quiet()
				})
			})
		}
	}
}
