package sipline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/ivr"
)

// TestInfoKeys holds that both kinds of keys in the signalling are read.
func TestInfoKeys(t *testing.T) {
	tests := []struct{ kind, body, want string }{
		{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"},
		{"application/dtmf-relay", "Signal= *\r\nDuration= 250\r\n", "*"},
		{"application/dtmf-relay", "signal=11\r\n", "#"},
		{"application/dtmf", "7", "7"},
		{"application/dtmf", "D", "D"},
		{"application/dtmf", "77", ""},
		{"application/dtmf-relay", "Duration=160\r\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+strings.TrimSpace(tt.body), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := menu()
				_, p, _ := virtual(t, newNetwork(1), d, nil)
				to := field(up(p, "c1"), "To")
				p.send(info(to, 2, tt.kind, tt.body))
				if tt.want == "" {
					p.gets("SIP/2.0 400")
					return
				}
				p.gets("SIP/2.0 200")
				d.hears(t, "in 1 heard "+tt.want)
			})
		})
	}
}

func info(to string, seq int, kind, body string) string {
	r := request("INFO", "c1", to, seq, "Content-Type: "+kind)
	return strings.Replace(r, "Content-Length: 0", fmt.Sprintf("Content-Length: %d", len(body)), 1) + body
}

// TestInfoCountsOnce holds that one INFO is one key, however often it comes: the
// same message again, or by another way; and that a second press counts.
func TestInfoCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(map[string][]ivr.Turn{"in": slices.Repeat([]ivr.Turn{{Listen: &ivr.Listen{Max: 1, Wait: 10 * time.Second}}}, 4)})
		_, p, _ := virtual(t, newNetwork(1), d, nil)
		to := field(up(p, "c1"), "To")
		first := info(to, 2, "application/dtmf-relay", "Signal=5\r\n")
		for _, msg := range []string{first, first, strings.Replace(first, "z9hG4bK", "z9hG4bKother", 1)} {
			p.send(msg)
			p.gets("SIP/2.0 200")
		}
		d.hears(t, "in 2 silence")
		p.send(info(to, 3, "application/dtmf-relay", "Signal=5\r\n"))
		d.hears(t, "in 3 heard 5")
		d.hears(t, "in 4 silence")
		if want := []string{"in 1 heard 5", "in 2 silence", "in 3 heard 5", "in 4 silence"}; !slices.Equal(d.heard(), want) {
			t.Errorf("the desk was told %q, want %q", d.heard(), want)
		}
	})
}

// TestPauseEndsKeys holds that keys are taken as they are when no more come, or
// at once with the key that ends them.
func TestPauseEndsKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listen := ivr.Turn{Listen: &ivr.Listen{Max: 4, Finish: "#", Wait: 8 * time.Second, Gap: 1500 * time.Millisecond}}
		d := newDesk(map[string][]ivr.Turn{"in": {listen, listen, listen, bye()}})
		_, p, streams := virtual(t, newNetwork(1), d, nil)
		up(p, "c1")
		s := <-streams
		for _, tt := range []struct {
			keys string
			said string
			took time.Duration
		}{{"14", "in 1 heard 14", 1500 * time.Millisecond}, {"14#", "in 2 heard 14", 0}, {"1430", "in 3 heard 1430", 0}} {
			synctest.Wait()
			began := time.Now()
			for _, k := range []byte(tt.keys) {
				s.keys <- k
			}
			d.hears(t, tt.said)
			if took := time.Since(began); took != tt.took {
				t.Errorf("%q was heard after %v, want %v", tt.said, took, tt.took)
			}
		}
	})
}
