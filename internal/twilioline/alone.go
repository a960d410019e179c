package twilioline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// Who has pressed the key that takes a call counts as joined from then on. When
// our answer to that key is lost, Twilio ends his call, and whom he was to meet
// hears music in a conference to which nobody comes.

// loners are the talks whose other side was gone when last looked at, with the
// turn that they were at.
type loners map[string]int

// reunite finds those who wait in a conference for a call that is over, and has
// them go on. A call that has just ended tells by itself, so that they must be
// found twice.
func (l *Line) reunite(ctx context.Context, alone loners) error {
	open, err := l.Desk.Carried(ctx)
	if err != nil {
		return fmt.Errorf("find calls: %w", err)
	}
	heard := l.named(l.client.SIDs())
	seen := loners{}
	var all []error
	for _, t := range open {
		sid := heard[l.callOf(ctx, t)]
		over, err := l.farOver(ctx, t, heard)
		all = append(all, err)
		turn, again := alone[t.ID]
		switch {
		case sid == "" || !over: // it is looked for first, or has just begun
		case again && turn == t.State.Turn:
			all = append(all, l.console(ctx, t, sid))
		default:
			seen[t.ID] = t.State.Turn
		}
	}
	clear(alone)
	maps.Copy(alone, seen)
	return errors.Join(all...)
}

// farOver reports whether the other side has taken the call of a talk, and its
// own call has ended since. One that goes on is watched over from now on.
func (l *Line) farOver(ctx context.Context, t callback.Talk, heard map[string]string) (bool, error) {
	c := t.Last.Connect
	if c == nil || c.Talk == "" {
		return false, nil
	}
	far, err := l.Desk.Talk(ctx, c.Talk)
	if err != nil || !waits(far) {
		return false, err
	}
	a, err := l.Desk.Attempt(ctx, c.Ref)
	if err != nil || a.Provider == "" || heard[a.Provider] != "" {
		return false, err
	}
	call, err := l.client.Call(ctx, a.Provider)
	if err != nil || call.Status.Final() {
		return err == nil, err
	}
	s := side{talk: c.Talk, near: t.ID, at: t.State.Turn}
	if queued(c) {
		s.call = heard[l.callOf(ctx, t)]
	}
	l.client.Heard(twilioapi.News{Token: s.token(), SID: call.SID, Status: call.Status})
	return false, nil
}

// console has somebody go on whose other side has gone, and to whom nobody comes:
// an agent with the next callback, a caller with the next agent. It is not known
// whether the two have spoken.
func (l *Line) console(ctx context.Context, t callback.Talk, sid string) error {
	far := side{talk: t.Last.Connect.Talk, near: t.ID, at: t.State.Turn}
	e := missed(ivr.Unknown)
	if queued(t.Last.Connect) {
		far.call, e = sid, missed(ivr.Unanswered)
	}
	l.Log.Warn("somebody was left alone in a conference", "line", name, "talk", t.ID, "call", sid)
	if err := errors.Join(l.gone(ctx, far.talk), l.report(ctx, far, e)); err != nil || far.call == "" {
		return err
	}
	_, err := l.client.Redirect(ctx, sid, l.turn(side{talk: t.ID}, 0, doAgain))
	if err != nil && twilioapi.ClassOf(err) == twilioapi.Rejected {
		return nil // he has hung up
	}
	return err
}

// askers are the talks whose calls should ask what they do now, and whether they
// have.
type askers struct {
	mu    sync.Mutex
	talks map[string]bool
}

// expect begins to look whether the call of a talk asks.
func (a *askers) expect(talk string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.talks == nil {
		a.talks = map[string]bool{}
	}
	a.talks[talk] = false
}

// asked notes that the call of a talk has asked.
func (a *askers) asked(talk string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.talks[talk]; ok {
		a.talks[talk] = true
	}
}

// forget ends what expect began, and reports whether the call has asked.
func (a *askers) forget(talk string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	did := a.talks[talk]
	delete(a.talks, talk)
	return did
}

// awaitAsking sees to somebody whose other side has hung up. He asks what he
// does now, as the conference is over: unless there was none, since the other
// never came into it, and he hears music.
func (l *Line) awaitAsking(ctx context.Context, t callback.Talk, sid string) {
	late := wait(ctx, parting)
	if did := l.askers.forget(t.ID); did || !late {
		return
	}
	if a, err := l.Desk.Attempt(ctx, t.Attempt); sid == "" && err == nil {
		sid = a.Provider
	}
	if now, err := l.Desk.Talk(ctx, t.ID); err != nil || now.Closed || sid == "" {
		return
	}
	_, err := l.client.Redirect(ctx, sid, l.turn(side{talk: t.ID}, 0, doAgain))
	if err != nil && twilioapi.ClassOf(err) != twilioapi.Rejected { // else he has hung up
		l.Log.Warn("somebody was left alone in a conference", "line", name, "talk", t.ID, "err", err)
	}
}
