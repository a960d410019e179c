package twilioline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// Dial rings an agent. An error means that nothing left this machine. When
// Twilio does not say whether it rings, that is found out, and told to the
// desk; the agent is not rung again by the same order.
func (l *Line) Dial(ctx context.Context, r callback.Ring) error {
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if closed {
		return fmt.Errorf("dial %s: %w", r.Ref, ErrClosed)
	}
	if err := l.mayCall(r.Addr); err != nil {
		return fmt.Errorf("dial %s: %w", r.Ref, err)
	}
	agent := side{talk: r.Talk}
	order := l.order(agent, r.Addr, r.CallerID, r.Ring)
	order.Before = r.Before
	if a, err := l.Desk.Attempt(ctx, r.Ref); err == nil && a.Leg == callback.CustomerLeg {
		order.DetectURL = l.detection(agent)
	}
	call, err := l.client.PlaceCall(ctx, order)
	switch {
	case err == nil:
		l.placed(ctx, r.Ref, call.SID)
		return nil
	case twilioapi.ClassOf(err) == twilioapi.Retryable:
		return fmt.Errorf("dial %s: %w", r.Ref, err)
	case twilioapi.ClassOf(err) == twilioapi.Unknown:
		l.apart(ctx, func(ctx context.Context) { l.resolve(ctx, agent, r.Ref, order, err) })
		return nil
	}
	l.Log.Warn("call refused by Twilio", "line", name, "talk", r.Talk, "err", err)
	return l.report(ctx, agent, missed(refusal(err)))
}

// reach calls a customer, or an agent, for whom somebody waits. However often it
// was ordered, and by whichever process, one call leaves.
func (l *Line) reach(ctx context.Context, far side, c ivr.Connect) {
	first, err := l.Desk.Send(ctx, c.Ref)
	if err != nil {
		l.Log.Error("call not placed", "line", name, "talk", far.talk, "err", err)
	}
	if !first || err != nil {
		return
	}
	if err := l.call(ctx, far, c); err != nil {
		l.Log.Error("outcome not stored", "line", name, "talk", far.talk, "err", err)
	}
}

func (l *Line) call(ctx context.Context, far side, c ivr.Connect) error {
	if err := l.mayCall(c.Addr); err != nil {
		l.Log.Error("number may not be called", "line", name, "talk", far.talk, "err", err)
		return l.report(ctx, far, missed(ivr.BadNumber))
	}
	order := l.order(far, c.Addr, c.CallerID, c.Ring)
	if order.Before = c.Before; c.Before.IsZero() {
		order.Before = l.Now().Add(c.Ring)
	}
	if far.call == "" {
		order.DetectURL = l.detection(far)
	}
	l.freeTelephone(ctx, far.near, c)
	call, err := l.client.PlaceCall(ctx, order)
	switch {
	case err == nil:
		l.placed(ctx, c.Ref, call.SID)
		return l.recall(ctx, far, call.SID)
	case errors.Is(err, twilioapi.ErrKnown):
		return nil
	case twilioapi.ClassOf(err) == twilioapi.Unknown:
		l.resolve(ctx, far, c.Ref, order, err)
		return nil
	}
	l.Log.Warn("call not placed", "line", name, "talk", far.talk, "err", err)
	return l.report(ctx, far, missed(refusal(err)))
}

// order is a call that holds a talk once it is answered.
func (l *Line) order(s side, addr, callerID string, ring time.Duration) twilioapi.NewCall {
	return twilioapi.NewCall{
		Token: s.token(), From: l.callerID(callerID), To: addr,
		URL: l.turn(s, 0, doBegin), StatusURL: l.status(s), FallbackURL: l.fallback(), Ring: ring,
	}
}

func (l *Line) mayCall(addr string) error {
	if l.Check == nil {
		return nil
	}
	return l.Check(addr)
}

// placed writes down which call of Twilio is ours. The webhooks of that call
// say so again.
func (l *Line) placed(ctx context.Context, ref, sid string) {
	if err := l.Desk.Placed(ctx, ref, sid); err != nil && !errors.Is(err, callback.ErrNotFound) {
		l.Log.Warn("name of a call not stored", "line", name, "call", sid, "err", err)
	}
}

// recall ends a call for which nobody waits any more: who did has left while it
// was placed.
func (l *Line) recall(ctx context.Context, far side, sid string) error {
	near, err := l.Desk.Talk(ctx, far.near)
	if c := near.Last.Connect; err != nil || !near.Closed && c != nil && c.Talk == far.talk {
		return err
	}
	_, err = l.client.Complete(ctx, sid)
	return err
}

const (
	resolvePause = 5 * time.Second
	resolveTries = 6
)

// resolve finds out what became of a call when Twilio has not answered. Only
// when Twilio proves that it has never seen it may it be placed again; when it
// cannot be asked, a person must decide.
func (l *Line) resolve(ctx context.Context, s side, ref string, order twilioapi.NewCall, cause error) {
	l.Log.Warn("it is not known whether a call was placed", "line", name, "talk", s.talk, "err", cause)
	lost := twilioapi.Lost{Token: order.Token, From: order.From, To: order.To, Sent: l.Now()}
	if e, ok := errors.AsType[*twilioapi.Error](cause); ok && !e.Sent.IsZero() {
		lost.Sent = e.Sent
	}
	for range resolveTries {
		if a, err := l.Desk.Attempt(ctx, ref); err == nil && a.Provider != "" {
			return // its own webhooks have told
		}
		call, err := l.client.Resolve(ctx, lost)
		switch {
		case err == nil:
			l.placed(ctx, ref, call.SID)
			l.missed(ctx, order.Token, call)
			return
		case errors.Is(err, twilioapi.ErrNotPlaced):
			l.conclude(ctx, s, ivr.Unsent)
			return
		}
		if !wait(ctx, resolvePause) {
			break
		}
	}
	l.conclude(context.WithoutCancel(ctx), s, ivr.Unknown)
}

func (l *Line) conclude(ctx context.Context, s side, o ivr.Outcome) {
	if err := l.report(ctx, s, missed(o)); err != nil {
		l.Log.Error("outcome not stored", "line", name, "talk", s.talk, "err", err)
	}
}
