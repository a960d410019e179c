package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/scheduler"
)

const (
	answerTime = 20 * time.Second
	answerSize = 64 << 10
)

// A gate is the way out to one carrier: it keeps the pace, follows no
// redirect, and tells what may have left from what did not.
type gate struct {
	client *http.Client
	pace   *rate.Limiter
	now    func() time.Time
}

func newGate(c Config, p Ports) *gate {
	return &gate{
		client: &http.Client{
			Timeout: answerTime,
			// Whom a carrier points to gets neither our text nor our password.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		pace: rate.NewLimiter(rate.Limit(c.PerSecond), 1),
		now:  p.Now,
	}
}

// wait keeps the pace. Who would have to wait past his lease comes again.
func (g *gate) wait(ctx context.Context, m callback.Message) error {
	if !m.Lease.IsZero() {
		left := m.Lease.Sub(g.now()) - answerTime
		var stop func()
		ctx, stop = context.WithTimeout(ctx, max(left, 0))
		defer stop()
	}
	if err := g.pace.Wait(ctx); err != nil {
		return fmt.Errorf("keep the pace of texts: %w", err)
	}
	return nil
}

// send makes one request. Its error is [scheduler.ErrUnknown] when the carrier
// may have the text without having said so.
func (g *gate) send(req *http.Request) (status int, answer []byte, err error) {
	var left atomic.Bool
	trace := &httptrace.ClientTrace{WroteHeaders: func() { left.Store(true) }}
	res, err := g.client.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	if err == nil {
		defer res.Body.Close()
		answer, err = io.ReadAll(io.LimitReader(res.Body, answerSize))
		status = res.StatusCode
	}
	switch {
	case err != nil && left.Load():
		return status, nil, fmt.Errorf("%w: %w", scheduler.ErrUnknown, bare(err))
	case err != nil:
		return status, nil, bare(err)
	}
	return status, answer, nil
}

// bare takes the URL out of an error: it has the password in it.
func bare(err error) error {
	type wrapped interface {
		error
		Unwrap() error
		Timeout() bool
	}
	var u wrapped
	if errors.As(err, &u) && u.Unwrap() != nil {
		return u.Unwrap()
	}
	return err
}

// classify turns a status that is not good into an error that says whether it
// is worth trying again. Our own mistakes in the configuration are: somebody
// will repair them.
func classify(status int) error {
	err := fmt.Errorf("the carrier answered %d %s", status, http.StatusText(status))
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound,
		status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable, status < 400:
		return err
	case status < 500:
		return fmt.Errorf("%w: %w", scheduler.ErrPermanent, err)
	}
	return fmt.Errorf("%w: %w", scheduler.ErrUnknown, err)
}
