package twilioline

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
)

// Who is being told his place when an agent is free hears no more of it: words and
// music end as the agent is rung, and not when the minute is over.
func TestCalledUpInMidSentence(t *testing.T) {
	t.Parallel()
	var parted, rung, left time.Time // of the caller before, the agent, and the music
	day(t, func(w *town) {
		slow(0)(w)
		w.desk.Queues["billing"].Waiting = 10
		w.agent.Press, w.agent.Talk = cycles("1"), stays
		w.agent.Answer = func(context.Context, twiliosim.Call) twiliosim.Answer {
			rung = w.desk.Now()
			return twiliosim.Answer{}
		}
	}, func(w *town) {
		w.until("14:31")
		w.sim.Ring("+358401110001", string(linetest.Number), twiliosim.Person{
			Press: impatient(0), Talk: func(ctx context.Context, _ twiliosim.Call, _ string) {
				wait(ctx, 40*time.Second)
				parted = w.desk.Now()
			},
		})
		w.passes(15 * time.Second)
		c := w.callsIn(twiliosim.Person{
			Press: func(ctx context.Context, _ twiliosim.Call, said []string) string {
				switch {
				case !left.IsZero():
					wait(ctx, time.Minute)
					return ""
				case said[len(said)-1] != music:
					return "0"
				}
				wait(ctx, time.Minute) // until he would be told again
				left = w.desk.Now()
				return ""
			},
			Talk: lasts(time.Minute),
		})
		if free := rung.Sub(parted); free < 0 || free > 10*time.Second || left.Sub(rung).Abs() > time.Second {
			t.Errorf("the agent was rung %s after he had hung up, and the music ended %s after that:\n%s", free, left.Sub(rung), strings.Join(c.Log, "\n"))
		}
		if !heard(c, "joins") {
			t.Errorf("nobody took the call:\n%s", strings.Join(c.Log, "\n"))
		}
		w.passes(time.Minute)
		w.quiet()
	})
}
