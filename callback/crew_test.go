package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// Who needs what not every agent has is told how long those take who have it,
// behind those whom they serve before him.
func TestFewAreToldTheirWait(t *testing.T) {
	t.Parallel()
	skilled := func(anna, bo []string) func(*callback.Config) {
		return func(c *callback.Config) {
			c.Agents["anna"] = callback.Agent{Name: "Anna", Phone: "sip:anna@127.0.0.1", Skills: anna}
			c.Agents["bo"] = callback.Agent{Name: "Bo", Phone: "sip:bo@127.0.0.1", Skills: bo}
		}
	}
	billing, delivery := []string{"billing"}, []string{"delivery"}
	for _, tt := range []struct {
		name     string
		anna, bo []string
		topics   string           // of who comes, one after the other, as keys
		wants    [2]time.Duration // how long the last one waits on average, when a call takes one hour
	}{
		{"everybody serves everything", nil, nil, "1", [2]time.Duration{29 * time.Minute, 31 * time.Minute}},
		{"one serves him", billing, delivery, "1", [2]time.Duration{59 * time.Minute, 61 * time.Minute}},
		{"nobody at work serves him", delivery, delivery, "1", [2]time.Duration{29 * time.Minute, 31 * time.Minute}},
		{"who came first is another's", billing, delivery, "21", [2]time.Duration{59 * time.Minute, 61 * time.Minute}},
		{"who came first needs the same one", billing, delivery, "11", [2]time.Duration{61 * time.Minute, 120 * time.Minute}},
		{"who came first can be served by both", billing, nil, "21", [2]time.Duration{29 * time.Minute, 60 * time.Minute}},
		{"both serve him, and one who came first", nil, delivery, "12", [2]time.Duration{31 * time.Minute, 61 * time.Minute}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := lined(t, skilled(tt.anna, tt.bo))
			var last *party
			for i, key := range tt.topics {
				w.pass(time.Second)
				last = w.calls(callback.Phone("+35840222000"+string(rune('1'+i)))).presses(string(key), "0").hears("wait_most")
			}
			o, err := w.Outlook(t.Context(), "billing")
			if err != nil {
				t.Fatal(err)
			}
			call := o.Running.Handle()
			mean := time.Duration(float64(w.told(last).Mean) / float64(call) * float64(time.Hour))
			if mean < tt.wants[0] || mean > tt.wants[1] {
				t.Errorf("told %s, which is %s when a call takes an hour; want %s to %s", w.told(last).Mean, mean, tt.wants[0], tt.wants[1])
			}
		})
	}
}
