package twilioline

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// Somebody for whom an agent is rung waits in a queue at Twilio, where keys are
// heard: in a conference they are not. The agent is rung by a call of our own.
// When he takes the call, both go into a conference.

// queueName is the one queue of an account. Nobody is ever taken from its front:
// each caller leaves it by himself.
const queueName = "holdless"

// queued reports whether a connect has somebody wait in the queue.
func queued(c *ivr.Connect) bool {
	return c != nil && c.Talk != "" && !c.Transfer && c.To != customer && c.To != ivr.Waiting
}

// enqueue has somebody wait for an agent.
func (l *Line) enqueue(s side, t ivr.Turn) verb {
	attrs := append(l.over(s, t),
		attr{"waitUrl", l.waiting(s, t.No-len(t.Connect.Tried), 0)},
		attr{"waitUrlMethod", "POST"})
	return verb{name: "Enqueue", attrs: attrs, kids: []verb{text(queueName)}}
}

// now is the document of what somebody does at this moment.
func (l *Line) now(ctx context.Context, s side, t callback.Talk) (string, error) {
	if c := t.Last.Connect; s.near == "" && queued(c) && !t.Closed {
		far, err := l.Desk.Talk(ctx, c.Talk)
		if err != nil {
			return "", err
		}
		if waits(far) && !c.Consult {
			return document(l.room(s, t.Last, s.talk, "caller")...), nil
		}
	}
	return l.document(s, t.Last)
}

// dequeued takes that somebody is no longer in the queue. When Twilio had no
// place in it, he hears the same without one.
func (l *Line) dequeued(ctx context.Context, s side, t callback.Talk, f url.Values) (string, error) {
	how := f.Get("QueueResult")
	switch {
	case how == "hangup" || twilioapi.Status(f.Get("CallStatus")).Final():
		return document(), l.left(ctx, s.talk)
	case queued(t.Last.Connect) && (how == "queue-full" || how == "error" || how == "system-error"):
		l.Log.Error("caller was not taken into the queue", "line", name, "talk", s.talk, "err", how)
		return l.hold(s, t.Last, t.State.Turn-len(t.Last.Connect.Tried), 0, ""), nil
	}
	return l.now(ctx, s, t)
}

// unheard is how long an agent may listen to us after his telephone has stopped
// ringing, before he counts as lost: his call may have gone without a word.
const unheard = 90 * time.Second

// queue says what somebody hears who waits in the queue: how to be called back
// instead, at once and every minute, and music. It is asked for again and again,
// and so notices what no other webhook has told.
func (l *Line) queue(ctx context.Context, r *http.Request) (string, error) {
	s, ok := sidePath(r)
	since, err := strconv.Atoi(r.PathValue("since"))
	minute, err2 := strconv.Atoi(r.PathValue("minute"))
	if !ok || err != nil || err2 != nil {
		return "", errNone
	}
	t, err := l.Desk.Talk(ctx, s.talk)
	if err != nil {
		return "", err
	}
	far, err := l.awaited(ctx, t, since)
	if err != nil || far.ID == "" || waits(far) && !t.Last.Connect.Consult {
		return l.leave(t), err
	}
	c := *t.Last.Connect
	agent := side{talk: c.Talk, near: s.talk, at: t.State.Turn, call: s.sid}
	switch {
	case c.Offer != nil && r.PostForm.Get("Digits") == c.Offer.Key:
		return l.leave(t), l.instead(ctx, agent, c)
	case far.Closed || !waits(far) && l.Now().Sub(far.BeganAt) > c.Ring+unheard:
		return l.leave(t), l.report(ctx, agent, missed(unmoved(far)))
	}
	l.takeOver(ctx, agent, c)
	return l.hold(s, t.Last, since, minute, r.PostForm.Get("QueueTime")), nil
}

// takeOver rings an agent whom a process was to ring that has died, or finds out
// whether it has rung him.
func (l *Line) takeOver(ctx context.Context, agent side, c ivr.Connect) {
	a, err := l.Desk.Attempt(ctx, c.Ref)
	if err != nil || a.Provider != "" {
		return
	}
	if a.SentAt.IsZero() {
		l.apart(ctx, func(ctx context.Context) { l.reach(ctx, agent, c) })
		return
	}
	forsaken, err := l.Desk.Forsaken(ctx, c.Ref)
	if err != nil || !forsaken || l.client.Knows(agent.token()) {
		return
	}
	l.apart(ctx, func(ctx context.Context) {
		order := l.order(agent, c.Addr, c.CallerID, c.Ring)
		l.resolve(ctx, agent, c.Ref, order, &twilioapi.Error{Class: twilioapi.Unknown, Err: errForsaken, Sent: a.SentAt})
	})
}

// errForsaken means that whoever has ordered a call has died.
var errForsaken = errors.New("the process that ordered it has died")

// awaited is the talk of the agent who is rung for somebody in the queue. It is
// none when nobody is, or when the queue is one of before.
func (l *Line) awaited(ctx context.Context, t callback.Talk, since int) (callback.Talk, error) {
	c := t.Last.Connect
	if t.Closed || !queued(c) || t.State.Turn-len(c.Tried) != since {
		return callback.Talk{}, nil
	}
	return l.Desk.Talk(ctx, c.Talk)
}

// leave takes somebody out of the queue, to what he does now. Who is in none
// goes there all the same.
func (l *Line) leave(t callback.Talk) string {
	return document(verb{name: "Leave"}, l.redirect(l.turn(side{talk: t.ID}, 0, doAgain)))
}

// hold is what somebody hears in the queue until we are asked again. Minute is
// the next one at which the offer is made.
func (l *Line) hold(s side, t ivr.Turn, since, minute int, waited string) string {
	var say []verb
	seconds, _ := strconv.Atoi(waited) // 0 when nothing is said
	if t.Connect.Offer != nil && seconds/60 >= minute {
		say = l.say(t.Lang, []ivr.Prompt{*t.Connect.Offer})
		minute = seconds/60 + 1
	}
	say = append(say, l.music())
	to := l.waiting(s, since, minute)
	return document(verb{name: "Gather", attrs: []attr{
		{"input", "dtmf"},
		{"numDigits", "1"},
		{"timeout", "1"},
		{"finishOnKey", ""},
		{"actionOnEmptyResult", "true"},
		{"action", to},
		{"method", "POST"},
	}, kids: say}, l.redirect(to))
}

// instead takes that somebody would rather be called back.
func (l *Line) instead(ctx context.Context, agent side, c ivr.Connect) error {
	if _, err := l.Desk.Next(ctx, agent.near, agent.at, ivr.Event{Kind: ivr.Heard, Text: c.Offer.Key}); err != nil {
		return fmt.Errorf("talk %s, call back instead: %w", agent.near, err)
	}
	l.dismiss(ctx, c)
	return l.part(ctx, c, missed(ivr.Unanswered))
}

// dismiss ends the call of an agent for whom nobody waits any more. One that
// is being placed is ended by who places it.
func (l *Line) dismiss(ctx context.Context, c ivr.Connect) {
	a, err := l.Desk.Attempt(ctx, c.Ref)
	if err != nil || a.Provider == "" {
		return
	}
	l.apart(ctx, func(ctx context.Context) {
		if _, err := l.client.Complete(ctx, a.Provider); err != nil && twilioapi.ClassOf(err) != twilioapi.Rejected {
			l.Log.Warn("call to an agent was not ended", "line", name, "talk", c.Talk, "err", err)
		} // else he has hung up by himself
	})
}

// bring takes whoever waits for an agent out of the queue, to what he does now:
// to the conference in which the agent is, or on with his menu. Should that fail,
// he comes by himself when we are next asked what he hears.
func (l *Line) bring(ctx context.Context, agent side) {
	err := l.client.Dequeue(ctx, queueName, agent.call, l.turn(side{talk: agent.near}, 0, doAgain))
	if err != nil && !errors.Is(err, twilioapi.ErrNotQueued) {
		l.Log.Warn("caller was not brought to the agent", "line", name, "talk", agent.near, "err", err)
	}
}
