package twilioline

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// within is how long a webhook may take. Twilio gives up after 15 s.
const within = 10 * time.Second

// A handler answers one webhook: with a document, or with "" when nothing is
// to be said.
type handler func(ctx context.Context, r *http.Request) (string, error)

// errNone means that a webhook is about nothing that we know.
var errNone = errors.New("webhook is about nothing we know")

// handle makes a handler of HTTP of one of ours. What it begins is stored even
// when Twilio does not wait for the answer.
func (l *Line) handle(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, stop := context.WithTimeout(context.WithoutCancel(r.Context()), within)
		defer stop()
		l.heard(r)
		doc, err := h(ctx, r)
		switch {
		case errors.Is(err, errNone), errors.Is(err, callback.ErrNotFound):
			l.Log.Warn("webhook about nothing we know", "line", name, "do", r.Pattern, "err", err)
			http.Error(w, "not found", http.StatusNotFound)
		case err != nil:
			l.Log.Error("webhook failed", "line", name, "do", r.Pattern, "err", err)
			http.Error(w, "try again", http.StatusInternalServerError)
		case doc == "":
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Type", "text/xml; charset=utf-8")
			_, _ = w.Write([]byte(doc)) // Twilio asks again
		}
	}
}

// heard keeps account of the call that a webhook is about. What is said of its
// end is not told here: that is done only when it was stored.
func (l *Line) heard(r *http.Request) {
	sid, status := r.PostForm.Get("CallSid"), twilioapi.Status(r.PostForm.Get("CallStatus"))
	if sid != "" && status != "" && !status.Final() {
		s, _ := sidePath(r)
		l.client.Heard(twilioapi.News{Token: l.ours(s, r), SID: sid, Status: status})
	}
}

// ours is the token of the call of a webhook, if we began that call.
func (l *Line) ours(s side, r *http.Request) string {
	if s.talk == "" || s.near == "" && s.talk == l.inboundTalk(r.PostForm.Get("CallSid")) {
		return ""
	}
	if r.PostForm.Get("Direction") == "outbound-dial" { // begun by Twilio, for a document of ours
		return ""
	}
	return s.token()
}

// voice begins a talk with somebody who called us. The talk's name follows
// from the call's, so that a webhook that comes twice begins one talk.
func (l *Line) voice(ctx context.Context, r *http.Request) (string, error) {
	f := r.PostForm
	in := callback.Inbound{Talk: l.inboundTalk(f.Get("CallSid")), Line: name, To: dialled(f.Get("To"))}
	phone, ok := caller(f.Get("From"))
	in.From, in.Withheld = phone, !ok || doubted(f.Get("StirVerstat"))
	t, err := l.Desk.Answer(ctx, in)
	if errors.Is(err, callback.ErrNotFound) {
		l.Log.Warn("call to a number of nobody", "line", name, "phone", in.To)
		return document(verb{name: "Reject"}), nil
	}
	if err != nil {
		return "", fmt.Errorf("answer: %w", err)
	}
	return l.carryOut(ctx, side{talk: in.Talk, sid: f.Get("CallSid")}, t)
}

// next takes what happened in a talk, and answers with what comes next.
func (l *Line) next(ctx context.Context, r *http.Request) (string, error) {
	s, ok := sidePath(r)
	no, err := strconv.Atoi(r.PathValue("turn"))
	if !ok || err != nil {
		return "", errNone
	}
	defer l.askers.asked(s.talk)
	switch do := r.PathValue("do"); do {
	case doBegin:
		if err := l.identify(ctx, s, r.PostForm.Get("CallSid")); err != nil {
			return "", err
		}
		return l.take(ctx, s, 0, ivr.Event{Kind: ivr.Begin})
	case doKeys:
		return l.take(ctx, s, no, keys(r.PostForm.Get("Digits")))
	case doTake:
		return l.taken(ctx, s, no, r.PostForm)
	case doDial:
		return l.joined(ctx, s, no, r.PostForm)
	case doAgain, doSorry:
		return l.resume(ctx, s, do)
	}
	return "", errNone
}

// take hands an event to the desk and carries out the turn that follows.
func (l *Line) take(ctx context.Context, s side, no int, e ivr.Event) (string, error) {
	t, err := l.Desk.Next(ctx, s.talk, no, e)
	if err != nil {
		return "", fmt.Errorf("talk %s, %s at turn %d: %w", s.talk, e.Kind, no, err)
	}
	return l.carryOut(ctx, s, t)
}

// carryOut answers with a turn, and has those rung whom it connects to.
func (l *Line) carryOut(ctx context.Context, s side, t ivr.Turn) (string, error) {
	c := t.Connect
	switch {
	case t.Listen != nil && t.Listen.Hold:
		moved, stop := l.Desk.Moved(s.talk, t.No) // asked before a key can come
		l.apart(ctx, func(ctx context.Context) {
			defer stop()
			l.standBy(ctx, s, t, moved)
		})
	case c == nil:
	case c.To == customer:
		l.apart(ctx, func(ctx context.Context) { l.reach(ctx, side{talk: c.Talk, near: s.talk, at: t.No}, *c) })
	case c.To == ivr.Waiting && s.call != "":
		return l.takes(ctx, s, t)
	case queued(c):
		l.apart(ctx, func(ctx context.Context) { l.reach(ctx, side{talk: c.Talk, near: s.talk, at: t.No, call: s.sid}, *c) })
	}
	return l.document(s, t)
}

// resume says what a call does whose talk went on without it.
func (l *Line) resume(ctx context.Context, s side, do string) (string, error) {
	t, err := l.Desk.Talk(ctx, s.talk)
	if err != nil {
		return "", err
	}
	if do == doSorry {
		return l.apology(t.Last.Lang), nil
	}
	return l.now(ctx, s, t)
}

// keys is what a person did who was asked for keys.
func keys(digits string) ivr.Event {
	if digits == "" {
		return ivr.Event{Kind: ivr.Silence}
	}
	return ivr.Event{Kind: ivr.Heard, Text: digits}
}

// identify writes down which call of Twilio is ours.
func (l *Line) identify(ctx context.Context, s side, sid string) error {
	t, err := l.Desk.Talk(ctx, s.talk)
	if err != nil || t.Attempt == "" {
		return err
	}
	if a, err := l.Desk.Attempt(ctx, t.Attempt); err != nil || a.Provider == sid {
		return err
	}
	return l.Desk.Placed(ctx, t.Attempt, sid)
}

// waits is what somebody hears who waits in a conference.
func (l *Line) waits(context.Context, *http.Request) (string, error) {
	return document(l.music(attr{"loop", "0"})), nil
}

func (l *Line) music(attrs ...attr) verb {
	return verb{name: "Play", attrs: attrs, kids: []verb{text(l.config.base() + root + "/clip/" + waiting)}}
}
