package sms

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/holdless/holdless/scheduler"
)

const (
	answerTime = 20 * time.Second
	answerSize = 64 << 10
)

// A gate is the way out to one carrier: it follows no redirect, and tells what
// may have left from what did not. The pace is the desk's: other processes send
// texts, too.
type gate struct {
	client *http.Client
	now    func() time.Time
}

func newGate(p Ports) *gate {
	return &gate{
		client: &http.Client{
			Timeout: answerTime,
			// Whom a carrier points to gets neither our text nor our password.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		now: p.Now,
	}
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
