package sipline

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
)

// TestPutThroughAtTheDesk has an agent put a customer through at the desk, with no
// telephone asking: who is rung hears what it is about and takes the call with a key,
// the customer hears music meanwhile, and whoever is to speak with each other does.
func TestPutThroughAtTheDesk(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		consult bool
		after   string
		outcome ivr.Outcome
	}{
		{"at once", false, "", ""},
		{"speaks first", true, "joins", ""},
		{"speaks first and leaves", true, "hangs up", ""},
		{"takes back", true, "takes back", ivr.Unanswered},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bo, bos := answers(t)
			l, b, agent, customer, _ := together(t, bo)
			b.put("brief", ivr.Turn{Say: say("caller_waiting"), Listen: &ivr.Listen{Max: 1, Wait: time.Minute}}, ivr.Turn{Connect: &ivr.Connect{To: ivr.Waiting}}, bye())
			if err := l.holder.PutThrough(within(t), callback.SendOn{Agent: "anna", To: "bo", Consult: tt.consult}); err != nil {
				t.Fatal(err)
			}
			third := wait(t, bos, "who is rung")
			listens(t, third, "caller_waiting")
			listens(t, customer, "(waiting)")
			listens(t, agent, "(waiting)")
			press(t, third, "1")
			if tt.consult {
				speakBoth(t, agent, third)
			}
			switch tt.after {
			case "joins":
				if err := l.holder.Join(within(t), "anna"); err != nil {
					t.Fatal(err)
				}
			case "hangs up":
				if err := agent.Hangup(within(t)); err != nil {
					t.Fatal(err)
				}
			case "takes back":
				if err := l.holder.TakeBack(within(t), "anna"); err != nil {
					t.Fatal(err)
				}
			}
			if got := wait(t, b.ended, "outcome"); got != tt.outcome {
				t.Errorf("the desk is told %q", got)
			}
			if tt.outcome != "" {
				listens(t, third, "goodbye")
				speakBoth(t, agent, customer)
				return
			}
			speakBoth(t, third, customer)
			b.hears(t, "agent 2 spoke")
			if err := customer.Hangup(within(t)); err != nil {
				t.Fatal(err)
			}
			listens(t, third, "goodbye")
		})
	}
}

// speakBoth has two hear each other.
func speakBoth(t *testing.T, one, other *phone.Call) {
	t.Helper()
	talkUntilHeard(t, one, other, "can you hear me")
	talkUntilHeard(t, other, one, "yes and you me")
}

// TestPutThroughAtTheDeskRefused holds that what is not allowed is told, at once and
// as often as it is asked for, and that the two speak on.
func TestPutThroughAtTheDeskRefused(t *testing.T) {
	t.Parallel()
	l, b, agent, customer, _ := together(t, busy(t))
	for range 20 {
		if err := l.holder.PutThrough(within(t), callback.SendOn{Agent: "anna", To: "stranger"}); !errors.Is(err, callback.ErrForbidden) {
			t.Errorf("to a stranger: %v", err)
		}
	}
	if err := l.holder.PutThrough(within(t), callback.SendOn{Agent: "eve", To: "bo"}); !errors.Is(err, callback.ErrNoCall) {
		t.Errorf("who is not in the call: %v", err)
	}
	speakBoth(t, agent, customer)
	if len(b.ended) > 0 {
		t.Errorf("the desk is told %q", <-b.ended)
	}
}
