package twilioline

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// joined takes that the call which was joined to this one is over: Twilio goes
// on with the side that is left.
func (l *Line) joined(ctx context.Context, s side, no int, f url.Values) (string, error) {
	if again, err := l.consults(ctx, s, f); again != "" || err != nil {
		return again, err
	}
	if s.near != "" { // this one has spoken, or found nobody any more
		if err := l.tellCaller(ctx, s); err != nil {
			return "", err
		}
		return l.take(ctx, s, no, ivr.Event{Kind: ivr.Spoke})
	}
	t, err := l.Desk.Talk(ctx, s.talk)
	if err != nil {
		return "", err
	}
	if f.Has("QueueResult") {
		return l.dequeued(ctx, s, t, f)
	}
	c := t.Last.Connect
	if t.Closed || c == nil || t.State.Turn != no {
		return l.now(ctx, s, t) // known already
	}
	if twilioapi.Status(f.Get("CallStatus")).Final() { // and it is this side that left
		return document(), l.left(ctx, s.talk)
	}
	e, err := l.result(ctx, t, f)
	if err != nil {
		return "", err
	}
	if c.To == customer && e.Kind == ivr.NoAnswer {
		// The customer's own call tells: until then the agent waits. It may have
		// told since the talk was looked at.
		return l.resume(ctx, s, doAgain)
	}
	doc, err := l.take(ctx, s, no, e)
	if err != nil {
		return "", err
	}
	return doc, l.part(ctx, *c, e)
}

// tellCaller tells the talk of a caller that he has spoken with the agent, whose
// call may come to us first. What the agent hears now no longer shows that he
// had taken the call.
func (l *Line) tellCaller(ctx context.Context, agent side) error {
	if agent.call == "" {
		return nil
	}
	near, err := l.Desk.Talk(ctx, agent.near)
	if err != nil || near.Closed || near.State.Turn != agent.at {
		return err
	}
	far, err := l.Desk.Talk(ctx, agent.talk)
	if err != nil || !waits(far) {
		return err
	}
	_, err = l.take(ctx, side{talk: agent.near, sid: agent.call}, agent.at, ivr.Event{Kind: ivr.Spoke})
	return err
}

// result says what came of a connect, once Twilio has told that it is over.
// That a call was answered says little: only who has taken it has spoken.
func (l *Line) result(ctx context.Context, t callback.Talk, f url.Values) (ivr.Event, error) {
	c := t.Last.Connect
	status := twilioapi.Status(f.Get("DialCallStatus"))
	if status != twilioapi.Completed && status != "answered" {
		return missed(outcome(status, f.Get("DialSipResponseCode"))), nil
	}
	if c.Talk == "" {
		return ivr.Event{Kind: ivr.Spoke}, nil
	}
	return l.verdict(ctx, t)
}

// verdict asks the desk whether the far party has taken the call that t has
// connected to, and if not, why.
func (l *Line) verdict(ctx context.Context, t callback.Talk) (ivr.Event, error) {
	far, err := l.Desk.Talk(ctx, t.Last.Connect.Talk)
	if err != nil {
		return ivr.Event{}, err
	}
	took := waits(far)
	switch c := t.Last.Connect; {
	case c.Consult: // with the agent, perhaps; with this person, not
		return missed(ivr.Unanswered), nil
	case !took && queued(c):
		a, err := l.Desk.Attempt(ctx, c.Ref)
		if err != nil {
			return ivr.Event{}, err
		}
		took = !a.AnsweredAt.IsZero() // by the key
	}
	if t.Last.Connect.To == customer && !took {
		c, _, err := l.Desk.Show(ctx, t.Callback)
		if err != nil {
			return ivr.Event{}, err
		}
		took = c.State == callback.Connected
	}
	if took {
		return ivr.Event{Kind: ivr.Spoke}, nil
	}
	return missed(unmoved(far)), nil
}

// waits reports whether a party has taken the call and is joined to the other.
func waits(far callback.Talk) bool {
	return !far.Closed && far.Last.Connect != nil && far.Last.Connect.To == ivr.Waiting
}

// unmoved says why a party who answered has not taken the call.
func unmoved(far callback.Talk) ivr.Outcome {
	i := slices.IndexFunc(far.Last.Notes, func(n ivr.Note) bool { return n.Name == "outcome" })
	switch {
	case i >= 0:
		return ivr.Outcome(far.Last.Notes[i].Value)
	case far.State.Turn == 0:
		return ivr.Carrier // our own words never reached them
	case len(far.State.Path) > 1 || far.State.Wrong > 0:
		return ivr.Unanswered // a person, who pressed keys
	}
	return ivr.Machine
}

// part ends the talk of an agent who was rung for a caller. A customer goes on
// hearing us.
func (l *Line) part(ctx context.Context, c ivr.Connect, e ivr.Event) error {
	if c.Talk == "" || c.To == customer {
		return nil
	}
	far, err := l.Desk.Talk(ctx, c.Talk)
	if err != nil || far.Closed {
		return err
	}
	if e.Kind == ivr.Spoke {
		if _, err := l.Desk.Next(ctx, c.Talk, far.State.Turn, e); err != nil {
			return fmt.Errorf("talk %s: %w", c.Talk, err)
		}
	}
	_, err = l.Desk.Next(ctx, c.Talk, 0, ivr.Event{Kind: ivr.Gone})
	return err
}

// left takes that somebody has hung up. A party who was called for him is told.
func (l *Line) left(ctx context.Context, talk string) error {
	t, err := l.Desk.Talk(ctx, talk)
	if err != nil || t.Closed {
		return err
	}
	c := t.Last.Connect
	if c == nil || c.Talk == "" {
		return l.gone(ctx, talk)
	}
	if c.To == customer {
		if err := l.consulted(ctx, c.Talk, t); err != nil {
			return err
		}
	}
	e, err := l.verdict(ctx, t)
	if err != nil {
		return err
	}
	if e.Kind == ivr.Spoke {
		if _, err := l.Desk.Next(ctx, talk, t.State.Turn, e); err != nil {
			return fmt.Errorf("talk %s: %w", talk, err)
		}
	}
	if err := l.gone(ctx, talk); err != nil {
		return err
	}
	far := side{talk: c.Talk, near: talk, at: t.State.Turn}
	if c.To == customer {
		l.apart(ctx, func(ctx context.Context) { l.desert(ctx, far, *c, e.Kind) })
		return nil
	}
	if e.Kind != ivr.Spoke { // else the end of the conference is the end of both
		l.dismiss(ctx, *c)
	}
	return l.part(ctx, *c, e)
}

// gone tells the desk that a person has hung up.
func (l *Line) gone(ctx context.Context, talk string) error {
	_, err := l.Desk.Next(ctx, talk, 0, ivr.Event{Kind: ivr.Gone})
	return err
}

// parting is how long a customer has to leave the conference by himself after
// the agent has left it.
const parting = 3 * time.Second

// desert sees to a customer whose agent has left: one who still hears our menu
// is told so, one whose telephone rings is left in peace, and one who came
// into the conference when the agent was about to leave is fetched out of it.
func (l *Line) desert(ctx context.Context, far side, c ivr.Connect, how ivr.Kind) {
	ctx, stop := context.WithTimeout(ctx, parting+within)
	defer stop()
	if how == ivr.Spoke && !wait(ctx, parting) {
		return
	}
	a, err := l.Desk.Attempt(ctx, c.Ref)
	if err != nil || a.Provider == "" {
		return // it was never placed; who places it now looks whether anybody waits
	}
	t, err := l.Desk.Talk(ctx, far.talk)
	switch {
	case err != nil || t.Closed || how == ivr.Spoke && !waits(t):
	case t.State.Turn == 0:
		_, err = l.client.Complete(ctx, a.Provider)
	case how == ivr.Spoke:
		_, err = l.client.Redirect(ctx, a.Provider, l.turn(far, t.State.Turn, doDial))
	default:
		_, err = l.client.Redirect(ctx, a.Provider, l.turn(far, t.State.Turn, doSorry))
	}
	if err != nil {
		l.Log.Warn("customer was not told that the agent left", "line", name, "talk", far.talk, "err", err)
	}
}

// wait lets time pass; false when ctx is done before.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// conference is told who comes and goes in a conference. The calls themselves
// tell all that matters; this shows that they are still up.
func (l *Line) conference(_ context.Context, r *http.Request) (string, error) {
	f := r.PostForm
	l.Log.Debug("conference", "line", name, "talk", r.PathValue("room"), "do", f.Get("StatusCallbackEvent"), "call", f.Get("CallSid"))
	if sid := f.Get("CallSid"); f.Get("StatusCallbackEvent") == "participant-join" && sid != "" {
		l.client.Heard(twilioapi.News{SID: sid, Status: twilioapi.InProgress})
	}
	return "", nil
}
