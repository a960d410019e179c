package twilioline

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// here is the webhook by which we find out whether our public address leads to
// us. Twilio never asks it.
const here = root + "/here"

// ErrElsewhere means that the public address leads to somebody else.
var ErrElsewhere = errors.New("another service answers there, which does not have our keys")

// strange is the header in which the answer names the parameters that Twilio
// has sent and not documented.
const strange = "X-Holdless-Unknown"

// here answers who can sign as Twilio does with what nobody else can know: a
// seal on what was asked.
func (l *Line) here(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(strange, strings.Join(l.unknown.list(), " "))
	_, _ = io.WriteString(w, l.config.seal(r.PostForm.Get("Nonce"))) // or whoever asked has left
}

func (c Config) seal(nonce string) string {
	mac := hmac.New(sha256.New, append([]byte(c.Tokens[0]+"\x00"), c.Self...))
	mac.Write([]byte("holdless is here\x00" + nonce))
	return hex.EncodeToString(mac.Sum(nil))
}

// Reach asks the service that runs on this configuration, on the way that
// Twilio goes: by its public address, signed. It returns no error when this very
// service has answered, and the names of the parameters that Twilio has sent it
// and not documented. via is nil for the network.
func (c Config) Reach(ctx context.Context, via http.RoundTripper) (unknown []string, err error) {
	nonce := rand.Text()
	form := url.Values{"AccountSid": {c.AccountSID}, "Nonce": {nonce}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base()+here, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(sign(c.Tokens[0], c.base()+here, form)))
	client := &http.Client{Transport: via, Timeout: 15 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // it would turn a POST into a GET
	}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if err := c.judge(resp, nonce); err != nil {
		return nil, err
	}
	return strings.Fields(resp.Header.Get(strange)), nil
}

// judge reads the answer at the public address.
func (c Config) judge(resp *http.Response, nonce string) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	switch {
	case err != nil:
		return err
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return fmt.Errorf("it sends on to %s, where the keys that callers press are lost", resp.Header.Get("Location"))
	case resp.StatusCode == http.StatusForbidden:
		return errors.New("what Twilio would sign is refused there: the proxy changes the path, or the service runs with another public_url or token")
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("the answer there is %s", resp.Status)
	case !hmac.Equal(body, []byte(c.seal(nonce))):
		return ErrElsewhere
	}
	return nil
}
