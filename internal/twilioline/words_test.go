package twilioline

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/sounds/audio"
)

// What Twilio tells of long after the end of the call is kept as well, and once.
func TestMessageComesLate(t *testing.T) {
	t.Parallel()
	day(t, func(w *town) {
		written := talk(w.T, "message")
		w.desk = linetest.NewDesk(w.T, written)
		began := time.Now()
		w.desk.Now = func() time.Time { return written.Facts.Now.Add(time.Since(began)) }
		w.agent = twiliosim.Person{Answer: func(context.Context, twiliosim.Call) twiliosim.Answer {
			return twiliosim.Answer{Outcome: "busy"}
		}}
	}, func(w *town) {
		c := w.callsIn(twiliosim.Person{Late: time.Hour, Press: presses("1"), Speak: func(_ context.Context, c twiliosim.Call, _ []string) []byte {
			w.sim.Hangup(c.SID)
			return audio.WAV(linetest.Speech("good"))
		}})
		w.passes(2 * time.Hour)
		all, err := w.desk.List(w.Context(), callback.Filter{Phone: aino})
		if err != nil || len(all) != 1 {
			t.Fatalf("promised %+v, %v:\n%s", all, err, strings.Join(c.Log, "\n"))
		}
		st, err := w.desk.Story(w.Context(), all[0].ID)
		if err != nil || len(st.Voicemails()) != 1 {
			t.Errorf("%d messages were kept: %v", len(st.Voicemails()), err)
		}
		if n := w.sim.Tapes(); n != 0 {
			t.Errorf("%d recordings are left at Twilio", n)
		}
	})
}

// Who hangs up in the middle of a message has left it, though Twilio tells of the
// end of the call first. Who hangs up and has said nothing is waited for no longer
// than that.
func TestMessageEndsWithTheCall(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		said  []byte
		calls int // that are promised
	}{
		{"who has spoken", audio.WAV(linetest.Speech("good")), 1},
		{"who has said nothing", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			day(t, func(w *town) {
				written := talk(w.T, "message")
				w.desk = linetest.NewDesk(w.T, written)
				began := time.Now()
				w.desk.Now = func() time.Time { return written.Facts.Now.Add(time.Since(began)) }
				w.agent = twiliosim.Person{Answer: func(context.Context, twiliosim.Call) twiliosim.Answer {
					return twiliosim.Answer{Outcome: "busy"}
				}}
			}, func(w *town) {
				c := w.callsIn(twiliosim.Person{Press: presses("1"), Speak: func(_ context.Context, c twiliosim.Call, _ []string) []byte {
					w.sim.Hangup(c.SID)
					return tt.said
				}})
				w.passes(lastWords + time.Second)
				all, err := w.desk.List(w.Context(), callback.Filter{Phone: aino})
				if err != nil || len(all) != tt.calls {
					t.Errorf("promised %+v, %v:\n%s", all, err, strings.Join(c.Log, "\n"))
				}
				if talk, err := w.desk.Talk(w.Context(), w.line.inboundTalk(c.SID)); err != nil || !talk.Closed {
					t.Errorf("the talk goes on: %+v, %v", talk.Last, err)
				}
				if n := w.sim.Tapes(); n != 0 {
					t.Errorf("%d recordings are left at Twilio", n)
				}
			})
		})
	}
}
