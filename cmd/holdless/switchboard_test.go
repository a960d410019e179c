package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/holdless/holdless/callback"
)

// lineThatSays is a line that says of every call the same.
type lineThatSays struct {
	name  string
	err   error
	asked *[]string
}

func (l lineThatSays) note(what string) error {
	*l.asked = append(*l.asked, l.name+" "+what)
	return l.err
}

func (l lineThatSays) PutThrough(_ context.Context, s callback.SendOn) error {
	return l.note(fmt.Sprintf("%s to %s, %v", s.Agent, s.To, s.Consult))
}

func (l lineThatSays) Join(_ context.Context, agent string) error { return l.note(agent + " joins") }

func (l lineThatSays) TakeBack(_ context.Context, agent string) error {
	return l.note(agent + " takes back")
}

// TestSwitchboard holds that what an agent asks at the desk is done by the line that
// carries his call, and asked of no other.
func TestSwitchboard(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		first, second error
		want          error
		asked         []string
	}{
		{nil, nil, nil, []string{"twilio"}},
		{callback.ErrUnlisted, nil, callback.ErrUnlisted, []string{"twilio"}},
		{callback.ErrOtherLine, nil, nil, []string{"twilio", "sip"}},
		{callback.ErrOtherLine, callback.ErrNobodyFree, callback.ErrNobodyFree, []string{"twilio", "sip"}},
		{callback.ErrOtherLine, callback.ErrOtherLine, callback.ErrOtherLine, []string{"twilio", "sip"}},
	} {
		var got, want []string
		all := switchboard{lineThatSays{"twilio", tt.first, &got}, lineThatSays{"sip", tt.second, &got}}
		for what, err := range map[string]error{
			"anna to bo, true": all.PutThrough(t.Context(), callback.SendOn{Agent: "anna", To: "bo", Consult: true}),
			"anna joins":       all.Join(t.Context(), "anna"),
			"anna takes back":  all.TakeBack(t.Context(), "anna"),
		} {
			if !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", what, err, tt.want)
			}
			for _, line := range tt.asked {
				want = append(want, line+" "+what)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("asked %q, want %q", got, want)
		}
	}
}
