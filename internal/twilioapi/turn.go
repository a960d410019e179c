package twilioapi

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/holdless/holdless/internal/limits"
)

// begin waits until a call may be begun, and has create begin it. It returns
// when that was; zero when nothing was sent.
func (c *Client) begin(ctx context.Context, token string, before time.Time, create func(context.Context) (sid string, err error)) (time.Time, error) {
	if err := c.turn(ctx, token, before); err != nil {
		return time.Time{}, err
	}
	sent := c.config.Now()
	if !before.IsZero() && !sent.Before(before) {
		c.calls.forget(token)
		return time.Time{}, &Error{Class: Retryable, Err: ErrLate}
	}
	sid, err := create(ctx)
	switch {
	case err == nil:
		c.calls.placed(token, sid, sent)
	case ClassOf(known(err, Unknown)) == Unknown:
		c.calls.lost(token, sent)
	default:
		c.calls.forget(token)
	}
	return sent, c.heed(err)
}

// turn waits for a free line, for the end of a pause that Twilio has asked for,
// and for the bucket. A caller who gives up has used nothing.
func (c *Client) turn(ctx context.Context, token string, before time.Time) error {
	if !before.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, before.Sub(c.config.Now()), ErrLate)
		defer cancel()
	}
	err := c.calls.take(ctx, token, c.config.Now)
	if errors.Is(err, ErrKnown) {
		return &Error{Class: Rejected, Err: err}
	}
	if err != nil {
		return &Error{Class: Retryable, Err: err}
	}
	err = c.pause.wait(ctx, c.config.Now)
	if err == nil && c.bucket.Wait(ctx) != nil {
		if err = context.Cause(ctx); err == nil { // it would have taken longer than there is time
			err = ErrLate
		}
	}
	if err == nil {
		err = c.among(ctx)
	}
	if err != nil {
		c.calls.forget(token)
		return &Error{Class: Retryable, Err: err}
	}
	return nil
}

// among waits for the turn of this process among all that begin calls of the
// account. When that cannot be found out, its own bucket has to do: whoever waits
// for a call waits for it now.
func (c *Client) among(ctx context.Context) error {
	if c.config.Shared == nil {
		return nil
	}
	select {
	case c.gate <- struct{}{}:
		defer func() { <-c.gate }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	begin := limits.Limit{
		Kind: "twilio calls", Of: c.config.Account, AtOnce: 1, Every: time.Duration(float64(time.Second) / c.config.PerSecond),
	}
	for {
		left, err := c.config.Shared.Take(ctx, c.config.Now(), begin)
		if err != nil || left.Wait <= 0 {
			return context.Cause(ctx)
		}
		select {
		case <-time.After(left.Wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// heed keeps everybody from asking for more while Twilio wants to be left in
// peace.
func (c *Client) heed(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.RetryAfter > 0 {
		c.pause.until(c.config.Now().Add(e.RetryAfter))
	}
	return err
}

// A pause is a time in which nothing is created.
type pause struct {
	mu  sync.Mutex
	end time.Time
}

func (p *pause) until(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.After(p.end) {
		p.end = t
	}
}

func (p *pause) wait(ctx context.Context, now func() time.Time) error {
	for {
		p.mu.Lock()
		left := p.end.Sub(now())
		p.mu.Unlock()
		if left <= 0 {
			return context.Cause(ctx)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(left):
		}
	}
}
