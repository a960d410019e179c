package ivr_test

import (
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
)

// TestEverybodyReachesAPerson: where the way behind key 0 forks, a person is at
// the end of it for every caller; only whether somebody is there may decide.
func TestEverybodyReachesAPerson(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		gate string
		ok   bool
	}{
		{"{do: hours, open: person, closed: bye}", true},
		{"{do: hours, open: bye, closed: person}", false},
		{"{do: goto, if: open, then: person, else: bye}", true},
		{"{do: goto, if: open, then: bye, else: person}", false},
		{"{do: goto, if: closed, then: bye, else: person}", true},
		{"{do: goto, if: closed, then: person, else: bye}", false},
		{"{do: goto, if: idle, then: person, else: times}", true},
		{"{do: goto, if: wait_over 5m, then: times, else: person}", true},
		{"{do: goto, if: vip, then: person, else: bye}", false},
		{"{do: goto, if: vip, then: bye, else: person}", false},
		{"{do: goto, if: known, then: person, else: person}", true},
		{"{do: goto, if: language en, then: person, else: bye}", false},
		{"{do: goto, if: withheld, then: times, else: person}", false},
		{"{do: goto, then: person}", true},
		{"{do: say, say: thanks, then: person}", true},
	} {
		t.Run(tt.gate, func(t *testing.T) {
			t.Parallel()
			src := strings.Replace(whole, "stuck: person", "stuck: gate", 1)
			src = strings.Replace(src, `"2": bye}`, `"2": bye, "3": person}`, 1)
			_, err := ivr.Parse("menu.yaml", []byte(strings.Replace(src, "  bye:", "  gate: "+tt.gate+"\n  bye:", 1)))
			want := "menu.yaml:13:3: key 0 leads to gate, and that does not reach a person for every caller; lead both ways"
			if tt.ok != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want it refused: %v", err, !tt.ok)
			}
		})
	}
}
