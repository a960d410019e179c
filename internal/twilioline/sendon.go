package twilioline

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// The telephones of agents put nobody through over Twilio, so that agents say at
// the desk to whom: the person leaves the conference, and waits in the queue for
// that one as callers wait for agents. Who speaks first with that one meets him in
// the conference which the person has left.

// PutThrough has the person whom an agent speaks with wait for somebody else.
func (l *Line) PutThrough(ctx context.Context, s callback.SendOn) error {
	t, err := l.Desk.SendOn(ctx, s)
	if err != nil {
		return err
	}
	err = l.ask(ctx, t)
	switch {
	case err == nil:
		return nil
	case twilioapi.ClassOf(err) == twilioapi.Rejected:
		return fmt.Errorf("put through: %w", callback.ErrNoCall) // he has hung up
	}
	l.apart(ctx, func(ctx context.Context) { l.insist(ctx, t) })
	return nil
}

// insist has a person's call ask what it does now, when Twilio has not said whether
// it would. Asked twice, it does the same.
func (l *Line) insist(ctx context.Context, t callback.Talk) {
	for range resolveTries {
		if !wait(ctx, resolvePause) {
			return
		}
		err := l.ask(ctx, t)
		if err == nil || twilioapi.ClassOf(err) == twilioapi.Rejected {
			return
		}
		l.Log.Warn("caller was not put through", "line", name, "talk", t.ID, "err", err)
	}
}

// ask has a person's call ask what it does now.
func (l *Line) ask(ctx context.Context, t callback.Talk) error {
	sid, err := l.sidOf(ctx, t)
	if err == nil {
		_, err = l.client.Redirect(ctx, sid, l.turn(side{talk: t.ID}, 0, doAgain))
	}
	return err
}

// lead has those ask what they do now who were put through, and speak on with the
// agent, since the order to ask was lost.
func (l *Line) lead(ctx context.Context) error {
	adrift, err := l.Desk.Adrift(ctx)
	if err != nil {
		return fmt.Errorf("find who was put through: %w", err)
	}
	var all []error
	for _, t := range adrift {
		if err := l.ask(ctx, t); twilioapi.ClassOf(err) != twilioapi.Rejected && !errors.Is(err, callback.ErrNoCall) {
			all = append(all, err)
		} // else he has hung up
	}
	return errors.Join(all...)
}

// Join brings the person to whom the agent has spoken with, and the agent is free.
func (l *Line) Join(ctx context.Context, agent string) error {
	t, own, err := l.Desk.Join(ctx, agent)
	if err != nil {
		return err
	}
	l.unite(ctx, t)
	if _, err := l.Desk.Next(ctx, own.ID, own.State.Turn, ivr.Event{Kind: ivr.Spoke}); err != nil {
		return err
	}
	a, err := l.Desk.Attempt(ctx, own.Attempt)
	if err != nil {
		return err
	}
	_, err = l.client.Redirect(ctx, a.Provider, l.turn(side{talk: own.ID}, 0, doAgain))
	if err != nil && twilioapi.ClassOf(err) == twilioapi.Rejected {
		return nil // he has hung up
	}
	return err
}

// TakeBack brings the person back to the agent, who has spoken with somebody first
// or waits for him.
func (l *Line) TakeBack(ctx context.Context, agent string) error {
	t, err := l.Desk.Consults(ctx, agent)
	if err != nil {
		return err
	}
	sid, err := l.sidOf(ctx, t)
	if err != nil {
		return err
	}
	c := *t.Last.Connect
	far := side{talk: c.Talk, near: t.ID, at: t.State.Turn, call: sid}
	err = l.report(ctx, far, missed(ivr.Unanswered))
	l.dismiss(ctx, c)
	return errors.Join(err, l.part(ctx, c, missed(ivr.Unanswered)))
}

// consults reports whether an agent whose person has left the conference speaks
// with somebody first: then he goes back into it.
func (l *Line) consults(ctx context.Context, s side, f url.Values) (string, error) {
	if twilioapi.Status(f.Get("CallStatus")).Final() {
		return "", nil
	}
	own, err := l.Desk.Talk(ctx, s.talk)
	if err != nil || own.Closed || own.Last.Connect == nil {
		return "", err
	}
	person, meeting := s.near, own.Last
	if s.near == "" {
		person = own.Last.Connect.Talk
	}
	if person == "" {
		return "", nil
	}
	t, err := l.Desk.Talk(ctx, person)
	if c := t.Last.Connect; err != nil || c == nil || !c.Consult || c.By != own.Agent || t.Closed {
		return "", err
	}
	return document(l.meeting(s, meeting, person, "agent", "false")...), nil
}

// consulted takes that an agent has hung up who spoke with somebody first: the
// person is with that one now, or as soon as he takes the call.
func (l *Line) consulted(ctx context.Context, person string, own callback.Talk) error {
	t, err := l.Desk.Talk(ctx, person)
	if c := t.Last.Connect; err != nil || t.Closed || c == nil || !c.Consult || c.By != own.Agent || c.Talk == own.ID {
		return err
	}
	t, _, err = l.Desk.Join(ctx, own.Agent)
	if errors.Is(err, callback.ErrNoCall) {
		return nil // somebody else has noticed
	}
	if err != nil {
		return err
	}
	l.apart(ctx, func(ctx context.Context) { l.unite(ctx, t) })
	return nil
}

// unite brings a person to whom he was put through, if that one has taken the call.
func (l *Line) unite(ctx context.Context, t callback.Talk) {
	if c := t.Last.Connect; !l.there(ctx, *c) {
		return
	}
	sid, err := l.sidOf(ctx, t)
	if err != nil {
		l.Log.Warn("caller was not put through", "line", name, "talk", t.ID, "err", err)
		return // he comes by himself when we are next asked what he hears
	}
	l.bring(ctx, side{near: t.ID, call: sid})
}

// takes has somebody who takes a call join whom he was rung for, who is taken out
// of the queue; but an agent who speaks with him first, before.
func (l *Line) takes(ctx context.Context, far side, t ivr.Turn) (string, error) {
	near, err := l.Desk.Talk(ctx, far.near)
	if err != nil {
		return "", err
	}
	if c := near.Last.Connect; c != nil && c.Consult {
		return document(l.meeting(far, t, far.near, "agent", "false")...), nil
	}
	l.apart(ctx, func(ctx context.Context) { l.bring(ctx, far) })
	return l.document(far, t)
}

// freeTelephone ends the call in which an agent has put a person through who comes
// back to him: he may still hear us in it, and his telephone would be busy.
func (l *Line) freeTelephone(ctx context.Context, person string, c ivr.Connect) {
	if c.By == "" || !slices.Contains(c.Tried, c.By) {
		return
	}
	sid, err := l.lastCall(ctx, person, c)
	if err == nil && sid != "" {
		_, err = l.client.Complete(ctx, sid)
	}
	if err != nil && twilioapi.ClassOf(err) != twilioapi.Rejected { // else he has hung up by himself
		l.Log.Warn("call to an agent was not ended", "line", name, "talk", person, "err", err)
	}
}

// lastCall is the call in which an agent has put a person through: he was rung for
// that person, or that person for him.
func (l *Line) lastCall(ctx context.Context, person string, c ivr.Connect) (sid string, err error) {
	if c.Back != nil && c.Back.Ref != "" {
		a, err := l.Desk.Attempt(ctx, c.Back.Ref)
		return a.Provider, err
	}
	t, err := l.Desk.Talk(ctx, person)
	if err != nil {
		return "", err
	}
	_, calls, err := l.Desk.Show(ctx, t.Callback)
	for _, a := range calls {
		if a.Leg == callback.AgentLeg && a.Agent == c.By {
			sid = a.Provider
		}
	}
	return sid, err
}

// there reports whether whom a connect is for has taken the call, and is there.
func (l *Line) there(ctx context.Context, c ivr.Connect) bool {
	far, err := l.Desk.Talk(ctx, c.Talk)
	return err == nil && waits(far)
}

// sidOf finds the call of a talk.
func (l *Line) sidOf(ctx context.Context, t callback.Talk) (string, error) {
	of := l.callOf(ctx, t)
	if sid := l.named(l.client.SIDs())[of]; sid != "" {
		return sid, nil
	}
	up, err := l.up(ctx)
	if err == nil && up[of] == "" {
		err = fmt.Errorf("talk %s: %w", t.ID, callback.ErrNoCall)
	}
	return up[of], err
}
