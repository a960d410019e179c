package hooks

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// How much of an answer is read, of its head and of its body.
const (
	headMost   = 64 << 10
	answerMost = 16 << 10
)

// client makes requests to one endpoint. It follows no redirects, asks no
// proxy, and goes to no address of the inner network, whatever the name of the
// endpoint leads to, unless that is configured.
func (p *Publisher) client(e Endpoint) *http.Client {
	dialer := p.from
	dialer.Timeout = cmp.Or(dialer.Timeout, 5*time.Second)
	if !e.Private {
		dialer.Control = publicOnly
	}
	return &http.Client{
		Timeout: p.waits(),
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, MaxIdleConnsPerHost: sendMost, IdleConnTimeout: time.Minute,
			MaxResponseHeaderBytes: headMost,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// waits is how long an answer is waited for.
func (p *Publisher) waits() time.Duration { return cmp.Or(p.patience, sendTime) }

// ErrInner says that an endpoint is in the inner network.
var ErrInner = errors.New("the address is in the inner network; write private: true if that is meant")

// inner are the networks that are not of the public internet, beside those
// that [netip.Addr] knows (RFC 6890 and its registries).
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// publicOnly looks at the address after its name was looked up, so that no name
// leads inside.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return ErrInner
	}
	for _, net := range inner {
		if net.Contains(ip) {
			return ErrInner
		}
	}
	return nil
}

// send makes one try. A nil error means that the endpoint has taken it.
func (p *Publisher) send(ctx context.Context, d Delivery, client *http.Client) (status int, err error) {
	e := p.Endpoints[d.Hook]
	ctx, stop := context.WithTimeout(ctx, p.waits())
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, strings.NewReader(d.Body))
	if err != nil {
		return 0, err
	}
	at := strconv.FormatInt(p.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "holdless-webhooks")
	req.Header.Set("webhook-id", d.ID)
	req.Header.Set("webhook-timestamp", at)
	signed, err := signatures(p.Secrets[d.Hook], d.ID, at, d.Body)
	if err != nil {
		return 0, err
	}
	if signed != "" {
		req.Header.Set("webhook-signature", signed)
	}
	for name, value := range e.Headers {
		req.Header.Set(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, tidy(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, answerMost)) // so that the connection is used again
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return res.StatusCode, fmt.Errorf("it answered %s", res.Status)
	}
	return res.StatusCode, nil
}

// tidy leaves out the address, which may have a secret in it.
func tidy(err error) error {
	for inside := errors.Unwrap(err); inside != nil; inside = errors.Unwrap(inside) {
		err = inside
		if errors.Is(inside, ErrInner) {
			return ErrInner
		}
	}
	return err
}

// signatures signs with each secret, the newest first, so that the program may
// change to a new one while both hold.
func signatures(secrets []string, id, at, body string) (string, error) {
	var all []string
	for _, secret := range secrets {
		key, err := Secret(secret)
		if err != nil {
			return "", err
		}
		sum := hmac.New(sha256.New, key)
		_, _ = io.WriteString(sum, id+"."+at+"."+body) // a hash takes all
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(sum.Sum(nil)))
	}
	return strings.Join(all, " "), nil
}

// Secret reads a secret as it is written: whsec_ and base64, of 24 bytes at
// least.
func Secret(s string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(s), "whsec_"))
	if err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New("a secret is whsec_ and 24 to 64 bytes in base64: make one with openssl rand -base64 32")
	}
	return key, nil
}
