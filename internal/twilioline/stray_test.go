package twilioline

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twilioapi"
)

// TestCallOfOthers: an account may carry calls that are none of ours, to our
// agents too. They are left alone.
func TestCallOfOthers(t *testing.T) {
	t.Parallel()
	day(t, nil, func(w *town) {
		api := w.config.api()
		api.HTTP, api.Now = w.sim.Transport(), w.desk.Now
		others, err := twilioapi.New(api)
		if err != nil {
			w.Fatal(err)
		}
		music, status := w.config.base()+root+"/wait", w.config.base()+root+"/conference/others"
		call, err := others.PlaceCall(w.Context(), twilioapi.NewCall{
			Token: "others", From: string(linetest.Number), To: linetest.AgentAddr, URL: music, StatusURL: status,
		})
		if err != nil {
			w.Fatal(err)
		}
		w.passes(5 * time.Minute)
		if c, _ := w.sim.Call(call.SID); c.Status != string(twilioapi.InProgress) {
			w.Errorf("the call of somebody else is %s:\n%s", c.Status, strings.Join(c.Log, "\n"))
		}
	})
}
