package twilioapi

import (
	"context"
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

// Live counts the calls that are going on, as far as we have heard.
func (c *Client) Live() int { return len(c.calls.all()) }

// How long nothing may be heard of a call before it is looked at.
const (
	quietRinging = 90 * time.Second // Twilio's 60 s of ringing, and 30
	quietTalking = 2 * time.Minute
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
		for _, l := range c.calls.all() {
			c.watch(ctx, l)
		}
	}
}

func (c *Client) watch(ctx context.Context, l live) {
	now := c.config.Now()
	if l.sid == "" {
		return // nobody knows yet whether there is a call
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
	if err == nil {
		c.missed(ctx, l, now)
	}
}

func (c *Client) lookAt(ctx context.Context, l live) {
	if now, err := c.Call(ctx, l.sid); err == nil {
		c.missed(ctx, l, now)
	}
}

// missed takes what no callback told.
func (c *Client) missed(ctx context.Context, l live, now Call) {
	if c.Heard(News{Token: l.token, SID: l.sid, Status: now.Status}) && c.config.Missed != nil {
		c.config.Missed(ctx, l.token, now)
	}
}
