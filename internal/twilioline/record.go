package twilioline

import (
	"context"
	"errors"
	"net/url"
	"strconv"

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
	if t.State.Turn != no || name == "" {
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
