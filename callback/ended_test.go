package callback_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A line of the log about the end of a call.
type ended struct {
	Msg, Line, Talk, Menu, Node, Outcome string
	Dur                                  time.Duration
}

// logs has the desk log into what it returns.
func (w *world) logs() *bytes.Buffer {
	b := &bytes.Buffer{}
	w.Log = slog.New(slog.NewJSONHandler(b, nil))
	return b
}

// ends reads the ends of a call out of a log.
func (w *world) ends(b *bytes.Buffer, talk string) (all []ended) {
	w.Helper()
	for line := range bytes.SplitSeq(bytes.TrimSpace(b.Bytes()), []byte("\n")) {
		var e ended
		if err := json.Unmarshal(line, &e); err != nil {
			w.Fatalf("%s: %v", line, err)
		}
		if e.Msg == "call ended" && e.Talk == talk {
			all = append(all, e)
		}
	}
	return all
}

// Every call leaves one line in the log, however it ended and however often
// that is told.
func TestCallEnded(t *testing.T) {
	t.Parallel()
	gone := ivr.Event{Kind: ivr.Gone}
	for _, tt := range []struct {
		name string
		call func(w *world) *party
		want ended
	}{
		{"booked", func(w *world) *party {
			p := w.calls(aino).presses("1")
			w.pass(20 * time.Second)
			return p.presses("1", "1")
		}, ended{Line: "test", Menu: "main", Node: "bye", Outcome: "booked", Dur: 20 * time.Second}},
		{"left in mid-menu", func(w *world) *party {
			p := w.calls(aino).presses("1")
			w.pass(7 * time.Second)
			return p.event(gone)
		}, ended{Line: "test", Menu: "main", Node: "times", Outcome: "gone", Dur: 7 * time.Second}},
		{"left while the store failed", func(w *world) *party {
			p, disk := w.calls(aino), w.outage()
			disk.down = true
			p.event(gone)
			disk.down = false
			w.sweep()
			return p
		}, ended{Line: "test", Menu: "main", Node: "topics", Outcome: "gone"}},
		{"agent does not answer", func(w *world) *party {
			w.now = w.books(aino).At
			p := &party{w: w, talk: w.ring().Talk}
			w.pass(15 * time.Second)
			return p.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Busy)})
		}, ended{Line: "phone", Menu: "agent", Outcome: "busy", Dur: 15 * time.Second}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			log := w.logs()
			p := tt.call(w).event(gone) // a line may tell it once more
			got := w.ends(log, p.talk)
			tt.want.Msg, tt.want.Talk = "call ended", p.talk
			if len(got) != 1 || got[0] != tt.want {
				t.Errorf("logged %+v\nwant %+v", got, tt.want)
			}
		})
	}
}
