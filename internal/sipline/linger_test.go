package sipline

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/ivr"
)

// TestLastWord holds that the BYE does not follow our last word so closely that
// a jitter buffer still has it, and that nobody waits for a call that is over.
func TestLastWord(t *testing.T) {
	const spoken = time.Second // how long the stream of these tests says anything
	synctest.Test(t, func(t *testing.T) {
		_, p, _ := virtual(t, newNetwork(1), newDesk(map[string][]ivr.Turn{"in": {bye()}}), nil)
		began := time.Now()
		up(p, "c1")
		p.gets("BYE ")
		if took := time.Since(began); took < spoken+linger || took > spoken+2*linger {
			t.Errorf("hung up %v after the last word, want %v", took-spoken, linger)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(map[string][]ivr.Turn{"in": {bye()}}), nil)
		ok := up(p, "c1")
		pass(spoken + linger/2)
		p.send(request("BYE", "c1", field(ok, "To"), 2))
		p.gets("SIP/2.0 200")
		synctest.Wait()
		if n := l.Calls(); n != 0 {
			t.Errorf("%d calls are left", n)
		}
		if n := p.count()["BYE"]; n != 0 {
			t.Errorf("who had hung up was said goodbye to %d times", n)
		}
	})
}
