package twilioapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"

	twilio "github.com/twilio/twilio-go/client"
)

// maxBody bounds what Twilio can make us read.
const maxBody = 8 << 20

// transport keeps a few connections, and reads nothing from the environment.
func transport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     50 * time.Second,
		TLSHandshakeTimeout: 5 * time.Second,
	}
}

// bound is what the generated service sends its requests through: one client
// and the context of one request.
type bound struct {
	client *Client
	ctx    context.Context //nolint:containedctx // the library has no other way to be told
	host   string          // of another interface of Twilio's; "" for that of calls
}

var _ twilio.BaseClient = (*bound)(nil)

// AccountSid is part of the paths.
func (b *bound) AccountSid() string { return b.client.config.Account }

// SetTimeout is not used: Config.Timeout holds.
func (b *bound) SetTimeout(time.Duration) {}

// SetOauth is not used: we have a key.
func (b *bound) SetOauth(twilio.OAuth) {}

// OAuth is none.
func (b *bound) OAuth() twilio.OAuth { return nil }

// SendRequest sends one request, once. It returns an answer only when it is
// good and whole.
func (b *bound) SendRequest(method, raw string, data url.Values, headers map[string]any, _ ...byte) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(b.ctx, b.client.config.Timeout)
	defer cancel()
	way := &passage{}
	req, err := b.request(httptrace.WithClientTrace(ctx, way.trace()), method, raw, data, headers)
	if err != nil {
		return nil, &Error{Class: Rejected, Err: err}
	}
	resp, err := b.client.http.Do(req)
	if err != nil {
		return nil, &Error{Class: way.class(method, err), Err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if resp.StatusCode >= http.StatusMultipleChoices {
		return nil, refusal(method, resp, body, b.client.config.Now())
	}
	if err != nil {
		return nil, &Error{Class: doubt(method), Status: resp.StatusCode, Err: err}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func (b *bound) request(ctx context.Context, method, raw string, data url.Values, headers map[string]any) (*http.Request, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	base := b.client.base
	u.Scheme, u.Host, u.Path = base.Scheme, base.Host, base.Path+u.Path
	if b.host != "" && b.client.config.URL == "" {
		u.Host = b.host
	}
	var body io.Reader
	switch {
	case method == http.MethodPost:
		body = strings.NewReader(data.Encode())
	case len(data) > 0: // the address of a further page has its own query
		u.RawQuery = data.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	for k, v := range headers {
		req.Header.Set(k, fmt.Sprint(v))
	}
	req.Header.Set("User-Agent", "holdless")
	req.Header.Set("Accept", "application/json")
	req.SetBasicAuth(b.client.config.Key, b.client.config.Secret)
	return req, nil
}

// passage tells how far a request came.
type passage struct{ asked, got bool }

func (p *passage) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { p.asked = true },
		GotConn: func(httptrace.GotConnInfo) { p.got = true },
	}
}

// class says whether a request without an answer can have arrived: not when
// there never was a connection.
func (p *passage) class(method string, err error) Class {
	var op *net.OpError
	if p.asked && !p.got || errors.As(err, &op) && op.Op == "dial" {
		return Retryable
	}
	return doubt(method)
}

// doubt is the class of a request that may have arrived. Looking does no harm.
func doubt(method string) Class {
	if method == http.MethodGet {
		return Retryable
	}
	return Unknown
}

// refusal reads an answer that is not good.
func refusal(method string, resp *http.Response, body []byte, now time.Time) *Error {
	e := &Error{Class: Rejected, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), now)}
	var said twilio.TwilioRestError
	if json.Unmarshal(body, &said) == nil {
		e.Code, e.Message = said.Code, said.Message
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests: // was not processed
		e.Class = Retryable
	case resp.StatusCode >= 500, resp.StatusCode < 400:
		e.Class = doubt(method)
	}
	return e
}

// retryAfter reads RFC 9110, 10.2.3: seconds or a date.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return time.Duration(min(n, 86400)) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}

// known makes every error one of ours. What the generated code says itself, it
// says after Twilio has answered.
func known(err error, otherwise Class) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return &Error{Class: otherwise, Err: err}
}

// created notes when a create left, unless nothing did.
func created(err error, sent time.Time) error {
	err = known(err, Unknown)
	if e, ok := errors.AsType[*Error](err); ok {
		e.Sent = sent
	}
	return err
}
