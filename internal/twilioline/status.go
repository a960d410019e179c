package twilioline

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// callStatus is told how a call of ours goes.
func (l *Line) callStatus(ctx context.Context, r *http.Request) (string, error) {
	s, ok := sidePath(r)
	if !ok {
		return "", errNone
	}
	f := r.PostForm
	call := twilioapi.Call{SID: f.Get("CallSid"), Status: twilioapi.Status(f.Get("CallStatus"))}
	if err := l.identify(ctx, s, call.SID); err != nil {
		return "", err
	}
	return "", l.ended(ctx, s, call, f.Get("SipResponseCode"))
}

// inboundStatus is told how the call of somebody goes who called us.
func (l *Line) inboundStatus(ctx context.Context, r *http.Request) (string, error) {
	f := r.PostForm
	call := twilioapi.Call{SID: f.Get("CallSid"), Status: twilioapi.Status(f.Get("CallStatus"))}
	return "", l.inboundEnded(ctx, call)
}

func (l *Line) inboundEnded(ctx context.Context, call twilioapi.Call) error {
	if !call.Status.Final() {
		return nil
	}
	for _, k := range l.keys { // the call may have begun before the tokens were changed
		talk := k.talk(call.SID)
		if l.speaks(ctx, talk) {
			l.apart(ctx, func(ctx context.Context) { l.hearOut(ctx, talk, call) })
			return nil
		}
		if err := l.left(ctx, talk); !errors.Is(err, callback.ErrNotFound) {
			return l.settled(err, twilioapi.News{SID: call.SID, Status: call.Status})
		}
	}
	return errNone
}

// missed takes the status of a call that no webhook has told.
func (l *Line) missed(ctx context.Context, token string, call twilioapi.Call) {
	var err error
	if s, ok := sideOf(token); ok {
		err = l.ended(ctx, s, call, "")
	} else {
		err = l.inboundEnded(ctx, call)
	}
	if err != nil && !errors.Is(err, errNone) {
		l.Log.Error("end of a call not stored", "line", name, "call", call.SID, "err", err)
	}
}

// ended takes the end of a call of ours. All else that can be told of it, its
// own webhooks tell.
func (l *Line) ended(ctx context.Context, s side, call twilioapi.Call, sip string) error {
	if !call.Status.Final() {
		return nil
	}
	news := twilioapi.News{Token: s.token(), SID: call.SID, Status: call.Status}
	if s.near != "" {
		return l.settled(l.farEnded(ctx, s, call, sip), news)
	}
	t, err := l.Desk.Talk(ctx, s.talk)
	switch {
	case err != nil:
	case t.State.Turn == 0:
		err = l.report(ctx, s, missed(outcome(call.Status, sip)))
	default:
		err = l.left(ctx, s.talk)
	}
	return l.settled(err, news)
}

// settled counts a call as over, once that is stored: else it will be looked
// at again.
func (l *Line) settled(err error, n twilioapi.News) error {
	if err == nil {
		l.client.Heard(n)
		l.Log.Debug("end of a call stored", "line", name, "call", n.SID, "outcome", string(n.Status))
	}
	return err
}

// farEnded tells who waits what came of the call to the customer, or to the
// agent.
func (l *Line) farEnded(ctx context.Context, s side, call twilioapi.Call, sip string) error {
	near, err := l.Desk.Talk(ctx, s.near)
	if err != nil {
		return err
	}
	if t, err := l.Desk.Talk(ctx, s.talk); err != nil {
		return err
	} else if queued(t.Last.Connect) { // he was put through by whom he has waited for
		return l.left(ctx, s.talk)
	} else if err := l.consulted(ctx, s.near, t); err != nil {
		return err
	}
	e := missed(outcome(call.Status, sip))
	if c := near.Last.Connect; call.Status == twilioapi.Completed && c != nil && c.Talk == s.talk {
		if e, err = l.verdict(ctx, near); err != nil {
			return err
		}
	}
	if e.Kind == ivr.Spoke {
		// The agent's own call asks at this moment. Told of the end first, it
		// would find that nobody has taken the call, and wait for ever.
		return errors.Join(l.report(ctx, s, e), l.gone(ctx, s.talk))
	}
	if err := l.gone(ctx, s.talk); err != nil {
		return err
	}
	return l.report(ctx, s, e)
}

// report tells the desk what came of a call of ours: to whoever waits for it,
// or, of a call that nobody waits for, to its own talk. Who waits goes on with
// what follows: the next agent is rung for him, or he is fetched.
func (l *Line) report(ctx context.Context, s side, e ivr.Event) error {
	if s.near == "" {
		_, err := l.Desk.Next(ctx, s.talk, 0, e)
		return err
	}
	near, err := l.Desk.Talk(ctx, s.near)
	if c := near.Last.Connect; c != nil && c.Talk == s.talk {
		s.at = near.State.Turn // it may be a later one, at which he has come back
	}
	if err != nil || near.Closed || near.State.Turn != s.at {
		return err // it was told already
	}
	if e.Kind == ivr.Spoke {
		l.askers.expect(s.near)
	}
	t, err := l.Desk.Next(ctx, s.near, s.at, e)
	if err != nil {
		l.askers.forget(s.near)
		return fmt.Errorf("talk %s, %s at turn %d: %w", s.near, e.Kind, s.at, err)
	}
	switch {
	case e.Kind == ivr.Spoke: // the conference is over: the other call asks by itself
		l.apart(ctx, func(ctx context.Context) { l.awaitAsking(ctx, near, s.call) })
		return nil
	case s.call != "" && queued(t.Connect) && !l.there(ctx, *t.Connect):
		next := side{talk: t.Connect.Talk, near: s.near, at: t.No, call: s.call}
		l.apart(ctx, func(ctx context.Context) { l.reach(ctx, next, *t.Connect) })
		return nil
	case s.call != "":
		l.bring(ctx, s)
		return nil
	}
	return l.fetch(ctx, near)
}

// fetch has the agent's call go on with what he does now.
func (l *Line) fetch(ctx context.Context, near callback.Talk) error {
	a, err := l.Desk.Attempt(ctx, near.Attempt)
	if err != nil || a.Provider == "" {
		return err
	}
	l.apart(ctx, func(ctx context.Context) {
		for range resolveTries {
			_, err := l.client.Redirect(ctx, a.Provider, l.turn(side{talk: near.ID}, 0, doAgain))
			if err == nil {
				return
			}
			l.Log.Warn("agent was not fetched out of the conference", "line", name, "talk", near.ID, "err", err)
			if twilioapi.ClassOf(err) == twilioapi.Rejected || !wait(ctx, resolvePause) {
				return // he has left by himself
			}
		}
	})
	return nil
}

func missed(o ivr.Outcome) ivr.Event { return ivr.Event{Kind: ivr.NoAnswer, Text: string(o)} }

// outcome says why nobody took a call. Twilio's word "failed" covers a number
// that does not exist and a carrier that does not work; the code of SIP
// (RFC 3261, 21) tells them apart, when there is one.
func outcome(s twilioapi.Status, sip string) ivr.Outcome {
	code, _ := strconv.Atoi(sip) // 0 when nothing is said
	switch {
	case code == 404 || code == 410 || code == 484 || code == 604:
		return ivr.BadNumber
	case code == 603 || code == 403 || code == 607 || code == 608: // RFC 8197, RFC 8688
		return ivr.Rejected
	case s == twilioapi.Busy:
		return ivr.Busy
	case s == twilioapi.NoAnswer:
		return ivr.Unanswered
	case s == twilioapi.Canceled:
		return ivr.Unsent // by us, in Twilio's queue: it never rang
	}
	return ivr.Carrier
}

// Codes of Twilio's for numbers that nobody has.
var badNumbers = map[int]bool{21211: true, 21214: true, 21217: true, 13223: true, 13224: true}

// refusal says what it means that Twilio has placed no call.
func refusal(err error) ivr.Outcome {
	e, ok := errors.AsType[*twilioapi.Error](err)
	switch {
	case !ok || e.Class == twilioapi.Retryable:
		return ivr.Unsent
	case badNumbers[e.Code]:
		return ivr.BadNumber
	}
	return ivr.Carrier
}
