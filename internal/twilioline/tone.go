package twilioline

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// A customer's machine records after its tone only: what is said before is lost.
// Whether a machine has answered, the menu decides, by the keys that nobody
// presses. When it has greeted, Twilio tells, if it was asked to.

// toneWithin is how long the tone of a machine is waited for. Most have sounded
// long before, while our prompts were said; a few have none.
const toneWithin = 10 * time.Second

// untilTone is what comes before words that are for a machine: nothing when it
// is known to record, or when nobody listens for that.
func (l *Line) untilTone(s side, t ivr.Turn) []verb {
	if !l.config.DetectMachines || !forMachine(t) || l.client.AnsweredBy(s.sid) != "" {
		return nil
	}
	return []verb{{name: "Pause", attrs: []attr{{"length", strconv.Itoa(seconds(toneWithin))}}}}
}

// forMachine reports whether the last words of a talk are for a machine.
func forMachine(t ivr.Turn) bool {
	return t.End && slices.Contains(t.Notes, ivr.Note{Name: "outcome", Value: string(ivr.Machine)})
}

// detected is told what Twilio takes the one who answered for; of a machine, when
// it has greeted. It decides nothing: a person is who presses a key. When the menu
// has taken him for a machine, and waits for the tone, it waits no longer.
func (l *Line) detected(ctx context.Context, r *http.Request) (string, error) {
	sid, by, talk := r.PostForm.Get("CallSid"), r.PostForm.Get("AnsweredBy"), r.PathValue("talk")
	l.Log.Info("answered, as Twilio takes it", "line", name, "talk", talk, "call", sid, "outcome", by)
	if by == "" || !l.client.Answered(sid, by) { // noted before the talk is looked at: untilTone looks the other way round
		return "", nil
	}
	t, err := l.Desk.Talk(ctx, talk)
	if err != nil || !forMachine(t.Last) {
		return "", err
	}
	l.apart(ctx, func(ctx context.Context) { l.speakUp(ctx, side{talk: talk, sid: sid}) })
	return "", nil
}

// speakUp has the last words of a talk said now, from their beginning.
func (l *Line) speakUp(ctx context.Context, s side) {
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	_, err := l.client.Redirect(ctx, s.sid, l.turn(side{talk: s.talk}, 0, doAgain))
	if err != nil && twilioapi.ClassOf(err) != twilioapi.Rejected { // else it has hung up
		l.Log.Warn("machine was not spoken to after its tone", "line", name, "talk", s.talk, "err", err)
	}
}
