package twilioapi

import (
	"context"
	"errors"
	"sync"
	"time"
)

// News is what a status callback says of a call.
type News struct {
	Token  string // ours, from the callback's address; "" for a call that reached us
	SID    string
	Status Status
}

// Heard takes what a status callback says, of calls in and out. It returns
// false for what is old: callbacks come doubled, late and out of order.
func (c *Client) Heard(n News) bool { return c.calls.heard(n, c.config.Now()) }

// Answered takes what Twilio takes who answered a call for. It returns false when
// that was told before: callbacks come doubled.
func (c *Client) Answered(sid, by string) bool { return c.calls.answered(sid, by) }

// AnsweredBy is what Twilio takes who answered a call for; "" when it has not told,
// or another process.
func (c *Client) AnsweredBy(sid string) string { return c.calls.answeredBy(sid) }

// Knows reports whether a call of ours is known by its token: it is being
// placed, looked for, or was heard of.
func (c *Client) Knows(token string) bool {
	_, ok := c.calls.look(token)
	return ok
}

// Live counts the calls that are going on, as far as we have heard.
func (c *Client) Live() int { return len(c.calls.all(c.config.Now())) }

// SIDs names the calls that are going on, as far as we have heard.
func (c *Client) SIDs() []string {
	var all []string
	for _, l := range c.calls.all(c.config.Now()) {
		if l.sid != "" {
			all = append(all, l.sid)
		}
	}
	return all
}

// How long nothing may be heard of a call before it is looked at.
const (
	quietRinging = 90 * time.Second // Twilio's 60 s of ringing, and 30
	quietTalking = 2 * time.Minute
	askAgain     = 5 * time.Second // when Twilio did not say
)

// Run watches over live calls until ctx is done: it cancels those that still
// wait in Twilio's queue after Config.Stale, for whom they were meant is no
// longer there, and looks at those of which nothing is heard any more.
func (c *Client) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		c.watchAll(ctx)
	}
}

// hands is how many calls are looked at at once.
const hands = 8

func (c *Client) watchAll(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	busy := make(chan struct{}, hands)
	for _, l := range c.calls.all(c.config.Now()) {
		busy <- struct{}{}
		all.Go(func() {
			defer func() { <-busy }()
			c.watch(ctx, l)
		})
	}
}

func (c *Client) watch(ctx context.Context, l live) {
	now := c.config.Now()
	if l.sid == "" || now.Before(l.rest) {
		return // nobody knows yet whether there is a call, or Twilio does not say
	}
	waits := l.token != "" && !l.status.After(Queued)
	quiet := now.Sub(l.news)
	switch {
	case waits && now.Sub(l.since) > c.config.Stale:
		c.cancel(ctx, l)
	case l.status == InProgress && quiet > quietTalking, l.status != InProgress && quiet > quietRinging:
		c.lookAt(ctx, l)
	}
}

// cancel ends a call that has waited too long. When it has left the queue
// meanwhile, it goes on.
func (c *Client) cancel(ctx context.Context, l live) {
	now, err := c.Call(ctx, l.sid)
	if err == nil && now.Status == Queued {
		now, err = c.Cancel(ctx, l.sid)
	}
	c.missed(ctx, l, now, err)
}

func (c *Client) lookAt(ctx context.Context, l live) {
	now, err := c.Call(ctx, l.sid)
	c.missed(ctx, l, now, err)
}

// missed takes what no callback told. What cannot be learned now is asked for
// again soon.
func (c *Client) missed(ctx context.Context, l live, now Call, err error) {
	if err != nil {
		pause := askAgain
		if e, ok := errors.AsType[*Error](err); ok {
			pause = max(pause, e.RetryAfter)
		}
		c.calls.rest(l.sid, c.config.Now().Add(pause))
		return
	}
	if c.Heard(News{Token: l.token, SID: l.sid, Status: now.Status}) && c.config.Missed != nil {
		c.config.Missed(ctx, l.token, now)
	}
}
