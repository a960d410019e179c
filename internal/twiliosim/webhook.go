package twiliosim

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Sign returns the signature of a webhook as Twilio publishes it: of the
// address and all parameters in order, each value once.
func Sign(token, address string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))
	keys := make([]string, 0, len(form))
	for k := range form {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		values := slices.Clone(form[k])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			mac.Write([]byte(k + v))
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// reply is the answer to a webhook.
type reply struct {
	status int
	kind   string // content type
	body   string
}

// Post posts one signed webhook to an address under Config.Public, and returns
// what it was answered. A fragment is neither sent nor signed.
func (s *Sim) Post(ctx context.Context, address string, form url.Values) (status int, body string, err error) {
	r, err := s.post(ctx, address, form)
	return r.status, r.body, err
}

func (s *Sim) post(ctx context.Context, address string, form url.Values) (reply, error) {
	address, _, _ = strings.Cut(address, "#")
	if !strings.HasPrefix(address, s.config.Public) {
		return reply{}, fmt.Errorf("webhook %q is not under %s", address, s.config.Public)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return reply{}, fmt.Errorf("webhook %q: %w", address, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	req.Header.Set("I-Twilio-Idempotency-Token", s.idempotencyToken())
	return s.carry(req, form)
}

// fetch gets a sound.
func (s *Sim) fetch(ctx context.Context, address string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return reply{}, fmt.Errorf("fetch %q: %w", address, err)
	}
	return s.carry(req, nil)
}

func (s *Sim) carry(req *http.Request, form url.Values) (reply, error) {
	address := req.URL.String()
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("X-Twilio-Signature", Sign(s.AuthToken, address, form))
	resp, err := s.config.App.RoundTrip(req)
	if err != nil {
		return reply{}, fmt.Errorf("webhook %s: %w", address, err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return reply{}, fmt.Errorf("webhook %s: %w", address, err)
	}
	return reply{resp.StatusCode, resp.Header.Get("Content-Type"), string(said)}, nil
}

func (s *Sim) idempotencyToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	return fmt.Sprintf("%08x-holdless-test", s.n)
}
