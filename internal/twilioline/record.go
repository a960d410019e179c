package twilioline

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// record has what a person says taken down after a tone. When nothing is said,
// Twilio goes on behind it.
func (l *Line) record(s side, t ivr.Turn, say []verb) string {
	to := l.turn(s, t.No, doTake)
	take := verb{name: "Record", attrs: []attr{
		{"action", to},
		{"method", "POST"},
		{"maxLength", strconv.Itoa(max(1, seconds(t.Record.Max)))},
		{"timeout", strconv.Itoa(max(1, seconds(t.Record.Pause)))},
		{"finishOnKey", t.Record.Finish},
		{"playBeep", "true"},
		{"trim", "do-not-trim"}, // the silence around it is ours to cut
	}}
	return document(append(say, take, l.redirect(to))...)
}

// taken fetches what a person has said, and takes it as what happened. It is
// fetched once: a webhook that comes again is answered with what followed.
func (l *Line) taken(ctx context.Context, s side, no int, form url.Values) (string, error) {
	t, err := l.Desk.Talk(ctx, s.talk)
	if err != nil {
		return "", err
	}
	name := form.Get("RecordingSid")
	late := t.Closed && t.State.Turn == no+1 // he has hung up, and Twilio was slow
	if t.State.Turn != no && !late || name == "" {
		return l.take(ctx, s, no, ivr.Event{Kind: ivr.Silence})
	}
	wav, err := l.client.Recording(ctx, name)
	if errors.Is(err, twilioapi.ErrNoRecording) {
		return l.take(ctx, s, no, ivr.Event{Kind: ivr.Silence})
	}
	if err != nil {
		return "", err
	}
	take, err := l.Voice.Take(wav)
	if err != nil {
		return "", err
	}
	doc, err := l.take(ctx, s, no, ivr.Event{Kind: ivr.Recorded, Text: take})
	if err != nil {
		return "", err
	}
	l.apart(ctx, func(ctx context.Context) { l.drop(ctx, name) })
	return doc, nil
}

// drop has Twilio forget what we have fetched.
func (l *Line) drop(ctx context.Context, name string) {
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	if err := l.client.DropRecording(ctx, name); err != nil {
		l.Log.Warn("recording is left at Twilio", "err", err)
	}
}

// lastWords is how long a talk waits for what somebody has said when his call is
// over: who hangs up has said it, and Twilio tells of both at once. What comes
// later is kept as well.
const lastWords = 30 * time.Second

// speaks reports whether a talk waits for what somebody says.
func (l *Line) speaks(ctx context.Context, talk string) bool {
	t, err := l.Desk.Talk(ctx, talk)
	return err == nil && !t.Closed && t.Last.Record != nil
}

// hearOut takes the end of a call once what was said in it can have come. Until
// then the end is not settled, and looked at again should this process die.
func (l *Line) hearOut(ctx context.Context, talk string, call twilioapi.Call) {
	if !wait(ctx, lastWords) {
		return
	}
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	err := l.settled(l.left(ctx, talk), twilioapi.News{SID: call.SID, Status: call.Status})
	if err != nil {
		l.Log.Error("end of a call not stored", "line", name, "call", call.SID, "err", err)
	}
}
