package sipline

import (
	"crypto/md5" //nolint:gosec // RFC 3261, 22.4 leaves carriers no choice
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Why a challenge is not answered.
var (
	errNoPassword = errors.New("the trunk asks for a password, and none is configured")
	errRealm      = errors.New("the trunk asks for a password for another realm")
	errDigest     = errors.New("the trunk asks for a kind of authentication that we do not know")
	errSecond     = errors.New("the trunk refuses the password")
	errStranger   = errors.New("somebody who is no trunk asks for a password")
	errAway       = errors.New("the trunk asks for a password at another address than that of its host")
	errBeyond     = errors.New("it may be somebody beyond the trunk who asks for a password; if that address is the carrier's, write it into allow")
)

func asksPassword(res *sip.Response) bool {
	return res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired
}

// A challenge is what a peer asks for in a 401 or 407 (RFC 7616, 3.3).
type challenge struct {
	realm, nonce, opaque, algorithm string
	qop                             bool
}

// again builds the request that answers the challenge of a response: a new one
// with the next number (RFC 3261, 22.2).
func (t *trunk) again(last *sip.Request, res *sip.Response, w way, seq func() uint32) (*sip.Request, error) {
	next := last.Clone()
	if err := t.authorize(next, res); err != nil {
		return nil, err
	}
	next.CSeq().SeqNo = seq()
	w.stamp(next)
	return next, nil
}

// authorize answers the challenge of a response in a request that is sent
// again. Only the realm that the password is for is answered: whoever else
// asks would learn a hash to guess the password from.
func (t *trunk) authorize(req *sip.Request, res *sip.Response) error {
	ask, answer := "WWW-Authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		ask, answer = "Proxy-Authenticate", "Proxy-Authorization"
	}
	if t.conf.Username == "" {
		return errNoPassword
	}
	given := req.GetHeader(answer)
	if given != nil && !stale(res, ask) {
		return errSecond
	}
	c, err := t.choose(res.GetHeaders(ask))
	if err != nil {
		return err
	}
	if given != nil && digestParams(given.Value())["nonce"] == quoted(c.nonce) {
		return errSecond // stale, and no other one
	}
	req.RemoveHeader(answer)
	req.AppendHeader(sip.NewHeader(answer, c.credentials(t.conf.Username, t.password, t.use(c.nonce), req)))
	return nil
}

// maxNonces bounds what is remembered.
const maxNonces = 256

// use counts how often a nonce is used: carriers give the same one to several
// requests of one moment (RFC 7616, 3.4: nc).
func (t *trunk) use(nonce string) uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.nonces == nil || len(t.nonces) >= maxNonces {
		t.nonces = map[string]uint32{}
	}
	t.nonces[nonce]++
	return t.nonces[nonce]
}

// choose takes the strongest challenge that we can answer: MD5 only where
// nothing better is offered.
func (t *trunk) choose(headers []sip.Header) (*challenge, error) {
	var best *challenge
	err := errDigest
	for _, h := range headers {
		c, ok := parseChallenge(h.Value())
		if !ok {
			continue
		}
		if c.realm != t.realm() {
			err = fmt.Errorf("%w: %q, and not %q; if that is right, write it into realm", errRealm, cut(c.realm), t.realm())
			continue
		}
		if best == nil || c.algorithm == "SHA-256" {
			best = c
		}
	}
	if best == nil {
		return nil, err
	}
	return best, nil
}

func (t *trunk) realm() string {
	if t.conf.Realm != "" {
		return t.conf.Realm
	}
	return t.target.host
}

func stale(res *sip.Response, field string) bool {
	for _, h := range res.GetHeaders(field) {
		if strings.EqualFold(digestParams(h.Value())["stale"], "true") {
			return true
		}
	}
	return false
}

func parseChallenge(value string) (*challenge, bool) {
	scheme, _, _ := strings.Cut(value, " ")
	if !strings.EqualFold(scheme, "Digest") {
		return nil, false
	}
	p := digestParams(value)
	c := &challenge{
		realm: p["realm"], nonce: p["nonce"], opaque: p["opaque"],
		algorithm: strings.ToUpper(p["algorithm"]),
	}
	if c.algorithm == "" {
		c.algorithm = "MD5"
	}
	for q := range strings.SplitSeq(p["qop"], ",") {
		c.qop = c.qop || strings.EqualFold(strings.TrimSpace(q), "auth")
	}
	if p["qop"] != "" && !c.qop {
		return nil, false // auth-int alone
	}
	return c, c.nonce != "" && (c.algorithm == "MD5" || c.algorithm == "SHA-256")
}

// digestParams reads name=value and name="value" after the scheme.
func digestParams(value string) map[string]string {
	p := map[string]string{}
	_, rest, _ := strings.Cut(value, " ")
	for rest != "" {
		name, after, ok := strings.Cut(rest, "=")
		if !ok {
			break
		}
		name = strings.ToLower(strings.Trim(name, " ,\t"))
		var v string
		if strings.HasPrefix(after, `"`) {
			v, rest, _ = strings.Cut(after[1:], `"`)
		} else {
			v, rest, _ = strings.Cut(after, ",")
		}
		p[name] = strings.TrimSpace(v)
	}
	return p
}

// credentials writes the answer (RFC 7616, 3.4).
func (c *challenge) credentials(user, password string, use uint32, req *sip.Request) string {
	uri := req.Recipient.String()
	a1 := c.hash(user + ":" + c.realm + ":" + password)
	a2 := c.hash(string(req.Method) + ":" + uri)
	var out strings.Builder
	fmt.Fprintf(&out, `Digest username="%s", realm="%s", nonce="%s", uri="%s", algorithm=%s`,
		quoted(user), quoted(c.realm), quoted(c.nonce), quoted(uri), c.algorithm)
	if c.qop {
		nc, cnonce := fmt.Sprintf("%08x", use), rand.Text()
		fmt.Fprintf(&out, `, qop=auth, nc=%s, cnonce="%s", response="%s"`, nc, cnonce,
			c.hash(strings.Join([]string{a1, c.nonce, nc, cnonce, "auth", a2}, ":")))
	} else {
		fmt.Fprintf(&out, `, response="%s"`, c.hash(a1+":"+c.nonce+":"+a2))
	}
	if c.opaque != "" {
		fmt.Fprintf(&out, `, opaque="%s"`, quoted(c.opaque))
	}
	return out.String()
}

func (c *challenge) hash(s string) string {
	var h hash.Hash
	if c.algorithm == "SHA-256" {
		h = sha256.New()
	} else {
		h = md5.New() //nolint:gosec // see the import
	}
	h.Write([]byte(s))
	return hex.EncodeToString(h.Sum(nil))
}

// quoted keeps a value within its quotes.
func quoted(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' || r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
