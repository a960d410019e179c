package accounts_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// A forger is an OpenID provider that may say what is not so. It knows one
// person, anna@example.com.
type forger struct {
	*testing.T
	*site
	url   string
	key   *ecdsa.PrivateKey
	forge forgery

	mu    sync.Mutex
	asked url.Values // how somebody was sent last
	back  string     // and where he was sent back to
}

// A forgery is what is wrong with what a provider says; what is nil is right.
type forgery struct {
	claims   func(map[string]any)
	info     map[string]any                                    // what is told of a person when asked
	sign     func(f *forger, claims []byte) string             // the ID token
	back     func(url.Values)                                  // how a person is sent back
	exchange func(w http.ResponseWriter, r *http.Request) bool // answers, instead of what is right
}

func newForger(t *testing.T, s *site) *forger {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{T: t, site: s, key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", f.describes)
	mux.HandleFunc("GET /keys", f.keys)
	mux.HandleFunc("GET /auth", f.sendsBack)
	mux.HandleFunc("POST /token", f.exchanges)
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, _ *http.Request) { f.says(w, f.forge.info) })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	f.url = srv.URL
	s.Origin, s.ProviderSecret = s.url, "a secret between the two of us"
	s.Config.OIDC.Issuer, s.Config.OIDC.ClientID = f.url, "holdless"
	return f
}

func (f *forger) says(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		f.Error(err)
	}
}

func (f *forger) describes(w http.ResponseWriter, _ *http.Request) {
	f.says(w, map[string]any{
		"issuer": f.url, "authorization_endpoint": f.url + "/auth", "token_endpoint": f.url + "/token", "jwks_uri": f.url + "/keys",
		"userinfo_endpoint": f.url + "/me", "id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
	})
}

func (f *forger) keys(w http.ResponseWriter, _ *http.Request) {
	point, err := f.key.PublicKey.Bytes() // 4, x and y
	if err != nil {
		f.Error(err)
		return
	}
	f.says(w, map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "alg": "ES256", "x": b64(point[1:33]), "y": b64(point[33:]),
	}}})
}

// sendsBack knows everybody who comes.
func (f *forger) sendsBack(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back := url.Values{"state": {q.Get("state")}, "code": {"the code"}}
	if f.forge.back != nil {
		f.forge.back(back)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked, f.back = q, q.Get("redirect_uri")+"?"+back.Encode()
	http.Redirect(w, r, f.back, http.StatusSeeOther)
}

// exchanges gives an ID token for a code to who has begun to ask for it (RFC
// 7636, 4.6), and is who he says.
func (f *forger) exchanges(w http.ResponseWriter, r *http.Request) {
	if f.forge.exchange != nil && f.forge.exchange(w, r) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	name, secret, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if f.asked.Get("code_challenge_method") != "S256" || f.asked.Get("code_challenge") != b64(sum[:]) || len(r.PostFormValue("code_verifier")) < 43 ||
		r.PostFormValue("code") != "the code" || name != "holdless" || secret != url.QueryEscape(f.ProviderSecret) {
		w.WriteHeader(http.StatusBadRequest)
		f.says(w, map[string]string{"error": "invalid_grant"})
		return
	}
	now := f.time()
	claims := map[string]any{
		"iss": f.url, "aud": "holdless", "sub": "4711", "nonce": f.asked.Get("nonce"), "email": "anna@example.com", "email_verified": true,
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}
	if f.forge.claims != nil {
		f.forge.claims(claims)
	}
	src, err := json.Marshal(claims)
	if err != nil {
		f.Error(err)
		return
	}
	sign := f.forge.sign
	if sign == nil {
		sign = func(f *forger, src []byte) string { return signed(f.T, f.key, src) }
	}
	f.says(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": sign(f, src)})
}

func b64(src []byte) string { return base64.RawURLEncoding.EncodeToString(src) }

// signed is an ID token by ES256 (RFC 7518, 3.4: r and s, of 32 bytes each).
func signed(t *testing.T, key *ecdsa.PrivateKey, claims []byte) string {
	text := b64([]byte(`{"alg":"ES256","kid":"1"}`)) + "." + b64(claims)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Error(err)
		return ""
	}
	return text + "." + b64(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// comes has somebody sign in by the provider.
func (f *forger) comes(p *person) (int, string) {
	f.Helper()
	return p.send(http.MethodGet, "/login/oidc?next=/open", nil)
}

// turnsAway has somebody sign in by the provider, who must not come in, must be
// told why, and is taken down.
func (f *forger) turnsAway(name, words, why string) {
	f.Helper()
	before := len(f.audited(f.T))
	p := f.person(f.T)
	if code, body := f.comes(p); code != http.StatusForbidden || !strings.Contains(body, words) {
		f.Errorf("%s: got %d %s, want %q", name, code, body, words)
	}
	p.sees("/", http.StatusOK, "<h1>Sign in</h1>")
	after := f.audited(f.T)
	if len(after) != before+1 || !strings.HasPrefix(after[before], "user.refused somebody ") || !strings.HasSuffix(after[before], "127.0.0.1 by the provider: "+why) {
		f.Errorf("%s: taken down is %q, want %q", name, after[before:], why)
	}
	f.wait(time.Minute) // so that there is a try left for the next
}

const (
	unproved    = "is not proved to be about you"
	nothing     = "nothing is proved"
	unsaid      = "has not verified your address"
	nameless    = "no name, or one that is not verified"
	elsewhere   = "begun in another browser"
	notBegun    = "not begun in that browser, or over"
	hisJSON     = `{"alg":"HS256","kid":"1"}`
	unprotected = `{"alg":"none"}`
)

// TestForgedProviders holds that nobody comes in by what a provider says to
// somebody else, or at another time, or does not say at all.
func TestForgedProviders(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.member(t, accounts.User{Name: "anna@example.com", Role: accounts.Supervisor})
	f := newForger(t, s)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set := func(name string, v any) func(map[string]any) {
		return func(claims map[string]any) { claims[name] = v }
	}
	without := func(name string) func(map[string]any) {
		return func(claims map[string]any) { delete(claims, name) }
	}
	for name, tt := range map[string]struct {
		forge      forgery
		words, why string
	}{
		"another nonce":       {forgery{claims: set("nonce", "of somebody else")}, unproved, nothing},
		"no nonce":            {forgery{claims: without("nonce")}, unproved, nothing},
		"for another program": {forgery{claims: set("aud", "another")}, unproved, nothing},
		"by another provider": {forgery{claims: set("iss", "https://evil.example")}, unproved, nothing},
		"over":                {forgery{claims: set("exp", s.time().Add(-time.Second).Unix())}, unproved, nothing},
		"without an end":      {forgery{claims: without("exp")}, unproved, nothing},
		"not yet":             {forgery{claims: set("nbf", s.time().Add(24*time.Hour).Unix())}, unproved, nothing},
		"by another key":      {forgery{sign: func(f *forger, src []byte) string { return signed(f.T, other, src) }}, unproved, nothing},
		"unsigned":            {forgery{sign: func(_ *forger, src []byte) string { return b64([]byte(unprotected)) + "." + b64(src) + "." }}, unproved, nothing},
		"by what anybody reads": {forgery{sign: func(f *forger, src []byte) string {
			text := b64([]byte(hisJSON)) + "." + b64(src)
			point, _ := f.key.PublicKey.Bytes()
			sum := hmac.New(sha256.New, point)
			sum.Write([]byte(text))
			return text + "." + b64(sum.Sum(nil))
		}}, unproved, nothing},
		"no token":       {forgery{sign: func(*forger, []byte) string { return "" }}, unproved, nothing},
		"half a token":   {forgery{sign: func(_ *forger, src []byte) string { return "x." + b64(src) }}, unproved, nothing},
		"the code is no": {forgery{back: func(q url.Values) { q.Set("code", "guessed") }}, unproved, nothing},
		"no e-mail":      {forgery{claims: without("email"), info: map[string]any{"sub": "4711"}}, unsaid, nameless},
		"an e-mail of nobody's": {
			forgery{claims: without("email_verified")}, unsaid, nameless,
		},
		"unverified": {forgery{claims: set("email_verified", false)}, unsaid, nameless},
		"no words":   {forgery{claims: set("email", 5)}, unsaid, nameless},
		"an e-mail of somebody else": {
			forgery{claims: without("email"), info: map[string]any{"sub": "4712", "email": "anna@example.com", "email_verified": true}}, unproved, nothing,
		},
		"another state": {forgery{back: func(q url.Values) { q.Set("state", "guessed") }}, elsewhere, notBegun},
		"no state":      {forgery{back: func(q url.Values) { q.Del("state") }}, elsewhere, notBegun},
		"a no":          {forgery{back: func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") }}, "does not let you in", "the provider said no"},
		"nobody's":      {forgery{claims: set("email", "bert@example.com")}, "you have no account here", "no account"},
	} {
		f.forge = tt.forge
		f.turnsAway(name, tt.words, tt.why)
	}
	f.forge = forgery{}
	if code, body := f.comes(s.person(t)); code != http.StatusOK || body != "inside as anna@example.com supervisor " {
		t.Errorf("without a forgery: %d %s", code, body)
	}
	if code, body := s.person(t).send(http.MethodGet, "/login/oidc?next=//127.0.0.1:9/", nil); code != http.StatusOK || body != "inside as anna@example.com supervisor " {
		t.Errorf("with a link that leads elsewhere in the end: %d %s", code, body)
	}
}

// TestReturnedOnce holds that the way back from a provider is of one browser, and
// of one time.
func TestReturnedOnce(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.member(t, accounts.User{Name: "anna@example.com", Role: accounts.Supervisor})
	f := newForger(t, s)
	p := s.person(t)
	if code, body := f.comes(p); code != http.StatusOK || !strings.HasPrefix(body, "inside as anna") {
		t.Fatalf("got %d %s", code, body)
	}
	again := s.person(t)
	again.Jar = p.Jar
	for name, q := range map[string]*person{"in the same browser": again, "in another": s.person(t)} {
		if code, body := q.send(http.MethodGet, strings.TrimPrefix(f.back, s.url), nil); code != http.StatusForbidden || !strings.Contains(body, elsewhere) {
			t.Errorf("once more %s: %d %s", name, code, body)
		}
	}
	all := s.audited(t)
	if n := len(all); !slices.Equal(all[n-2:], []string{"user.refused somebody  127.0.0.1 by the provider: " + notBegun, "user.refused somebody  127.0.0.1 by the provider: " + notBegun}) {
		t.Errorf("taken down is %q", all)
	}
	for range 50 {
		s.person(t).send(http.MethodGet, "/login/oidc/callback?code=x&state=x", nil)
	}
	if n := len(s.audited(t)) - len(all); n < 1 || n > 10 {
		t.Errorf("of fifty that anybody may say, %d are taken down", n)
	}
	late := s.person(t)
	late.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, "/login/oidc/callback") {
			s.wait(10 * time.Minute) // over a cup of coffee
		}
		return nil
	}
	s.wait(time.Hour)
	if code, body := f.comes(late); code != http.StatusForbidden || !strings.Contains(body, elsewhere) {
		t.Errorf("after ten minutes: %d %s", code, body)
	}
}

// A provider that breaks down between the two halves is no reason to turn
// anybody away for good.
func TestProviderBreaksDown(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	f := newForger(t, s)
	f.forge.exchange = func(w http.ResponseWriter, _ *http.Request) bool {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return false
		}
		conn.Close()
		return true
	}
	if code, body := f.comes(s.person(t)); code != http.StatusServiceUnavailable || !strings.Contains(body, "Try again in a minute") {
		t.Errorf("got %d %s", code, body)
	}
}
