package twilioline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// Calls live on when the process dies that answered them. Of some no webhook
// will ever tell: they are looked for.

const (
	inheritEvery = 5 * time.Second
	// unlisted is how long Twilio may take until a call is in its lists.
	unlisted = 30 * time.Second
	// listed is how many calls are asked for at once: more than any account has
	// that one process serves.
	listed = 1000
)

// inherit takes over what processes have left that died, until ctx is done.
func (l *Line) inherit(ctx context.Context) {
	alone, lost := loners{}, &strays{}
	for {
		if err := errors.Join(l.release(ctx), l.recount(ctx), l.reunite(ctx, alone), l.lead(ctx), l.round(ctx, lost)); err != nil && ctx.Err() == nil {
			l.Log.Warn("calls of a dead process not looked after", "line", name, "err", err)
		}
		if !wait(ctx, inheritEvery) {
			return
		}
	}
}

// release fetches agents out of the conferences to which nobody brings their
// customers any more.
func (l *Line) release(ctx context.Context) error {
	waiting, err := l.Desk.Stranded(ctx)
	if err != nil {
		return fmt.Errorf("find agents: %w", err)
	}
	var all []error
	for _, t := range waiting {
		far := side{talk: t.Last.Connect.Talk, near: t.ID, at: t.State.Turn}
		all = append(all, l.report(ctx, far, missed(ivr.Unsent)))
	}
	return errors.Join(all...)
}

// recount finds out which calls still go on that keep an agent busy, and that
// this process has not heard of: it watches over those, and takes down the end
// of the others.
func (l *Line) recount(ctx context.Context) error {
	open, err := l.Desk.Carried(ctx)
	if err != nil {
		return fmt.Errorf("find calls: %w", err)
	}
	heard := l.named(l.client.SIDs())
	open = slices.DeleteFunc(open, func(t callback.Talk) bool {
		return l.Now().Sub(t.BeganAt) < unlisted || heard[l.callOf(ctx, t)] != ""
	})
	if len(open) == 0 {
		return nil
	}
	up, err := l.up(ctx)
	if err != nil {
		return err
	}
	var all []error
	for _, t := range open {
		news := twilioapi.News{SID: up[l.callOf(ctx, t)], Status: twilioapi.InProgress}
		if news.SID == "" {
			all = append(all, l.left(ctx, t.ID))
			continue
		}
		if t.Callback != "" {
			news.Token = side{talk: t.ID}.token()
		}
		l.client.Heard(news)
	}
	return errors.Join(all...)
}

// callOf is what the call of a talk is known by: its SID if we have placed it,
// else the name of the talk.
func (l *Line) callOf(ctx context.Context, t callback.Talk) string {
	if a, err := l.Desk.Attempt(ctx, t.Attempt); err == nil && a.Provider != "" {
		return a.Provider
	}
	return t.ID
}

// up asks Twilio which calls go on.
func (l *Line) up(ctx context.Context) (map[string]string, error) {
	var sids []string
	for _, status := range []twilioapi.Status{twilioapi.InProgress, twilioapi.Ringing, twilioapi.Queued} {
		calls, err := l.client.Calls(ctx, twilioapi.CallFilter{Status: status, Max: listed})
		if err != nil {
			return nil, err
		}
		for _, c := range calls {
			sids = append(sids, c.SID)
		}
	}
	return l.named(sids), nil
}

// named returns SIDs by themselves, and by the talks with callers that follow
// from them.
func (l *Line) named(sids []string) map[string]string {
	all := map[string]string{}
	for _, sid := range sids {
		all[sid] = sid
		for _, k := range l.keys {
			all[k.talk(sid)] = sid
		}
	}
	return all
}
