package twilioapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// skew is how far our clock and Twilio's may be apart.
const skew = time.Minute

// Lost is a call of which we do not know whether it was begun.
type Lost struct {
	Token    string
	From, To string
	Sent     time.Time
}

// Resolve finds out what became of a call whose request is [Unknown]: a status
// callback with our token tells, or else Twilio's list of calls. It returns the
// call, or [ErrNotPlaced] when there is none, and only then may it be placed
// again. It may be asked after a restart, too. Of several calls that it might
// be, it takes the nearest: who is in doubt does not ring twice.
func (c *Client) Resolve(ctx context.Context, l Lost) (Call, error) {
	sid, err := c.awaited(ctx, l)
	if err != nil {
		return Call{}, fmt.Errorf("resolve call: %w", &Error{Class: Retryable, Err: err})
	}
	if sid != "" {
		return c.Call(ctx, sid)
	}
	found, err := c.listed(ctx, l)
	switch {
	case errors.Is(err, ErrNotPlaced):
		c.calls.forget(l.Token)
	case err == nil:
		c.calls.placed(l.Token, found.SID, l.Sent)
		c.Heard(News{Token: l.Token, SID: found.SID, Status: found.Status})
	}
	return found, err
}

// awaited waits for a callback to tell the SID.
func (c *Client) awaited(ctx context.Context, l Lost) (string, error) {
	now := c.config.Now()
	wait := time.NewTimer(c.config.Settle - now.Sub(l.Sent))
	defer wait.Stop()
	seen, ok := c.calls.look(l.Token)
	if !ok { // from before a restart: a callback would make it known again
		seen = c.calls.expect(l.Token, l.Sent, now)
	}
	select {
	case <-seen.known:
	case <-wait.C:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	seen, _ = c.calls.look(l.Token)
	return seen.sid, nil
}

// listed looks for a call in Twilio's lists. Calls that still wait in the queue
// have no time of start.
func (c *Client) listed(ctx context.Context, l Lost) (Call, error) {
	var best Call
	for _, f := range []CallFilter{
		{To: l.To, From: l.From, Since: l.Sent.Add(-skew)},
		{To: l.To, From: l.From, Status: Queued},
	} {
		all, err := c.Calls(ctx, f)
		if err != nil {
			return Call{}, err
		}
		for _, call := range all {
			if c.mayBe(call, l) && (best.SID == "" || nearer(call, best, l.Sent)) {
				best = call
			}
		}
	}
	if best.SID == "" {
		return Call{}, fmt.Errorf("call of %s: %w", l.Sent.UTC().Format(time.RFC3339), ErrNotPlaced)
	}
	return best, nil
}

// mayBe tells whether a call of the list can be the lost one.
func (c *Client) mayBe(call Call, l Lost) bool {
	return call.Parent == "" && call.Direction != "inbound" && c.calls.stranger(call.SID, l.Token) &&
		!call.Created.Before(l.Sent.Add(-skew)) && !call.Created.After(l.Sent.Add(c.config.Timeout+skew))
}

func nearer(a, b Call, to time.Time) bool {
	return a.Created.Sub(to).Abs() < b.Created.Sub(to).Abs()
}

// ResolveMessage finds out what became of a text whose request is [Unknown]. It
// returns the message, or [ErrNotPlaced] when there is none. No one else texts
// these words to this person at that time.
func (c *Client) ResolveMessage(ctx context.Context, n NewMessage, sent time.Time) (Message, error) {
	wait := time.NewTimer(c.config.Settle - c.config.Now().Sub(sent))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		return Message{}, fmt.Errorf("resolve message: %w", &Error{Class: Retryable, Err: context.Cause(ctx)})
	}
	// Those that still wait in the queue have no time of sending.
	for _, f := range []MessageFilter{{To: n.To, Since: sent.Add(-skew)}, {To: n.To}} {
		all, err := c.Messages(ctx, f)
		if err != nil {
			return Message{}, err
		}
		for _, m := range all {
			if same(m.Body, n.Body) && m.Created.After(sent.Add(-skew)) {
				return m, nil
			}
		}
	}
	return Message{}, fmt.Errorf("message of %s: %w", sent.UTC().Format(time.RFC3339), ErrNotPlaced)
}

// same reports whether a text of the list has the words that were sent. Twilio
// puts words of its own before those of an account on trial, and may write
// letters in a cheaper way: only plain letters and digits count.
func same(listed, sent string) bool {
	return strings.HasSuffix(plain(listed), plain(sent))
}

func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, s)
}
