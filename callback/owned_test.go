package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// Whose callback it is gets it while he is at work and not too long busy; else it
// is the team's. Anna is free throughout, and has been for longer than Bo.
func TestWhoIsRungForTheOwner(t *testing.T) {
	t.Parallel()
	const anna, bo = "sip:anna@127.0.0.1", "sip:bo@127.0.0.1"
	for _, tt := range []struct {
		name   string
		owner  string
		state  callback.AgentState
		window time.Duration
		left   time.Duration // of the promised window
		want   string
	}{
		{"nobody's", "", callback.OnCall, 15 * time.Minute, 15 * time.Minute, anna},
		{"free", "bo", callback.Available, 15 * time.Minute, 15 * time.Minute, bo},
		{"free at the end", "bo", callback.Available, 15 * time.Minute, time.Minute, bo},
		{"in a call", "bo", callback.OnCall, 15 * time.Minute, 15 * time.Minute, ""},
		{"rung", "bo", callback.OnRing, 15 * time.Minute, 15 * time.Minute, ""},
		{"on a break", "bo", callback.OnBreak, 15 * time.Minute, 15 * time.Minute, anna},
		{"at home", "bo", callback.Offline, 15 * time.Minute, 15 * time.Minute, anna},
		{"of another queue", "eve", callback.OnCall, 15 * time.Minute, 15 * time.Minute, anna},
		{"in a call before half of it", "bo", callback.OnCall, 20 * time.Minute, 10*time.Minute + time.Second, ""},
		{"in a call after half of it", "bo", callback.OnCall, 20 * time.Minute, 10 * time.Minute, anna},
		{"of a short window", "bo", callback.OnCall, 5 * time.Minute, 3*time.Minute + time.Second, ""},
		{"of a short window, three minutes before its end", "bo", callback.OnCall, 5 * time.Minute, 3 * time.Minute, anna},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) {
				c.Callbacks.Window = callback.Span(tt.window)
				c.Agents["eve"] = callback.Agent{Name: "Eve", Phone: "sip:eve@127.0.0.1"}
			})
			w.puts("anna", callback.Available, "")
			w.pass(time.Second)
			w.puts("bo", tt.state, "elsewhere")
			c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Owner: tt.owner})
			if err != nil {
				t.Fatal(err)
			}
			w.now = c.Until.Add(-tt.left)
			if tt.want == "" {
				w.rings(0)
				return
			}
			if r := w.rings(1)[0]; r.Addr != tt.want {
				t.Errorf("%s is rung, want %s", r.Addr, tt.want)
			}
		})
	}
}
