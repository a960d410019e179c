package twilioline

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
)

// Where the service asks by keys, a customer who was called back, and whose
// agent has hung up, is asked how it was; his answer is linked to the call.
func TestKeypadSurveyOfACallback(t *testing.T) {
	t.Parallel()
	for _, first := range []bool{false, true} {
		day(t, func(w *town) {
			w.desk.Survey.By = "keys"
			if first {
				w.customerFirst()
			}
			w.agent.Talk, w.customer.Talk = lasts(time.Minute), stays
			w.customer.Press = func(ctx context.Context, _ twiliosim.Call, said []string) string {
				switch last := said[len(said)-1]; {
				case last == music:
					wait(ctx, time.Second)
					return ""
				case strings.HasPrefix(last, "How satisfied"):
					return "5"
				}
				return "1"
			}
		}, func(w *town) {
			c := w.books()
			w.until("14:30")
			w.passes(2 * time.Minute)
			w.wantHeard(string(aino), "Thank you.")
			f, err := w.desk.Figures(w.Context(), callback.FigureFilter{From: w.at("14:00"), To: w.at("15:00"), Agent: "anna"})
			if err != nil || f.Scores["csat"][5] != 1 || f.Asked != 1 || f.Delivered != 1 || f.Answered != 1 {
				t.Errorf("counted %+v, %v", f, err)
			}
			if got, _ := w.show(c.ID); got.State != callback.Wrapup && got.State != callback.Done {
				t.Errorf("callback is %s", got.State)
			}
			w.quiet()
			if n := len(w.calls(linetest.AgentAddr)); n != 1 {
				t.Errorf("the agent was rung %d times", n)
			}
		})
	}
}
