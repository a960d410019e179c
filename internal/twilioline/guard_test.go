package twilioline

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/linetest"
)

const (
	public1 = "https://cb.example.org"
	token1  = "0123456789abcdef0123456789abcdef"
)

var account = "AC" + strings.Repeat("a", 32)

func testConfig() Config {
	c := Defaults()
	c.AccountSID, c.CallerID, c.PublicURL = account, linetest.Number, public1
	c.Tokens, c.Secret, c.CallsPerSecond = []string{token1}, token1, 1000
	return c
}

// A post is a webhook as Twilio sends it, for a test to spoil.
type post struct {
	method, host, path, kind string
	body                     string
	header                   http.Header
}

// genuine is a webhook that is good in every way.
func genuine(path string, form url.Values) post {
	form = cloneForm(form)
	form.Set("AccountSid", account)
	return post{
		method: http.MethodPost, host: "cb.example.org", path: path, body: form.Encode(),
		kind: "application/x-www-form-urlencoded; charset=UTF-8",
		header: http.Header{"X-Twilio-Signature": {
			base64.StdEncoding.EncodeToString(sign(token1, public1+path, form)),
		}},
	}
}

func cloneForm(form url.Values) url.Values {
	c := url.Values{}
	for k, v := range form {
		c[k] = append([]string(nil), v...)
	}
	return c
}

func (p post) send(h http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(p.method, p.path, strings.NewReader(p.body))
	r.Host = p.host
	maps.Copy(r.Header, p.header)
	r.Header.Set("Content-Type", p.kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestRefusesWithoutToken(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Config){
		"none":                         func(c *Config) { c.Tokens = nil },
		"a file that was not read":     func(c *Config) { c.Tokens, c.AuthTokenFile = nil, "/etc/holdless/token" },
		"an empty one":                 func(c *Config) { c.Tokens = []string{""} },
		"an empty one beside the real": func(c *Config) { c.Tokens = []string{token1, ""} },
	} {
		c := testConfig()
		spoil(&c)
		if _, err := New(c, Ports{}); err == nil || !strings.Contains(err.Error(), "token") {
			t.Errorf("%s: a line was made, %v", name, err)
		}
	}
}

// What is spoiled in one way or another is refused, and reaches no desk.
func TestRefuses(t *testing.T) {
	t.Parallel()
	form := url.Values{"CallSid": {"CA1"}, "From": {"+358401234567"}, "To": {string(linetest.Number)}, "CallStatus": {"ringing"}}
	path := root + "/voice"
	for _, tt := range []struct {
		name  string
		spoil func(*post)
	}{
		{"no signature", func(p *post) { p.header.Del("X-Twilio-Signature") }},
		{"two signatures", func(p *post) { p.header.Add("X-Twilio-Signature", p.header.Get("X-Twilio-Signature")) }},
		{"an empty signature", func(p *post) { p.header.Set("X-Twilio-Signature", "") }},
		{"a parameter more", func(p *post) { p.body += "&Digits=1" }},
		{"a parameter less", func(p *post) { p.body = strings.Replace(p.body, "CallSid=CA1&", "", 1) }},
		{"a parameter twice", func(p *post) { p.body += "&CallSid=CA1" }},
		{"another value", func(p *post) { p.body = strings.Replace(p.body, "CA1", "CA2", 1) }},
		{"another path", func(p *post) { p.path = root + "/fallback" }},
		{"a query", func(p *post) { p.path += "?CallSid=CA1" }},
		{"an empty query", func(p *post) { p.path += "?" }},
		{"an escaped path", func(p *post) { p.path = strings.Replace(p.path, "voice", "v%6fice", 1) }},
		{"a path with a detour", func(p *post) { p.path = root + "/x/../voice" }},
		{"another method", func(p *post) { p.method = http.MethodPut }},
		{"GET", func(p *post) { p.method = http.MethodGet }},
		{"another kind of body", func(p *post) { p.kind = "application/json" }},
		{"no kind of body", func(p *post) { p.kind = "" }},
		{"a broken form", func(p *post) { p.body += "&%zz" }},
		{"a form with semicolons", func(p *post) { p.body += ";a=b" }},
		{"a body too long", func(p *post) { p.body += "&a=" + strings.Repeat("a", maxBody) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := genuine(path, form)
			tt.spoil(&p)
			l, err := New(testConfig(), Ports{Log: quiet()}) // a desk that is asked panics
			if err != nil {
				t.Fatal(err)
			}
			if got := p.send(l); got.Code != http.StatusForbidden || strings.TrimSpace(got.Body.String()) != "forbidden" {
				t.Errorf("answered %d %q", got.Code, got.Body)
			}
		})
	}
}

// What Twilio would never send is refused though it is signed with our token:
// parameters that are repeated, and names that it has not documented. Where the
// operator says so, a new name is taken out instead.
func TestRefusesThoughSigned(t *testing.T) {
	t.Parallel()
	const ok, forbidden = http.StatusOK, http.StatusForbidden
	for _, tt := range []struct {
		name         string
		more         url.Values
		refuse, drop int
	}{
		{"as it is", nil, ok, ok},
		{"a header of SIP", url.Values{"SipHeader_X-Reason": {"y"}}, ok, ok},
		{"media", url.Values{"NumMedia": {"1"}, "MediaUrl0": {"https://example.org/"}, "MediaContentType0": {"image/png"}}, ok, ok},
		{"a new name", url.Values{"QueuePromise": {"x"}}, forbidden, ok},
		{"a known name in small letters", url.Values{"digits": {"1"}}, forbidden, ok},
		{"repeated, another value", url.Values{"CallSid": {"CA1", "CA2"}}, forbidden, forbidden},
		{"repeated, the same value", url.Values{"CallSid": {"CA1", "CA1"}}, forbidden, forbidden},
		{"repeated in small letters", url.Values{"callsid": {"CA2"}}, forbidden, forbidden},
		{"a list", url.Values{"Digits[]": {"1"}}, forbidden, forbidden},
		{"a path", url.Values{"From/../To": {"1"}}, forbidden, forbidden},
		{"no name", url.Values{"": {"1"}}, forbidden, forbidden},
		{"a blank", url.Values{" CallSid": {"CA2"}}, forbidden, forbidden},
		{"another alphabet", url.Values{"СallSid": {"CA2"}}, forbidden, forbidden},
		{"a long name", url.Values{strings.Repeat("A", 65): {"1"}}, forbidden, forbidden},
		{"as long as can be", url.Values{"SpeechResult": {strings.Repeat("a", 64<<10-100)}}, ok, ok},
		{"a body of more than 64 KiB", url.Values{"SpeechResult": {strings.Repeat("a", 64<<10)}}, forbidden, forbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			form := url.Values{"CallSid": {"CA1"}}
			maps.Copy(form, tt.more)
			for how, want := range map[string]int{refuseUnknown: tt.refuse, dropUnknown: tt.drop} {
				c := testConfig()
				c.UnknownParameters = how
				if got := genuine(root+"/fallback", form).send(newLine(t, c, Ports{})); got.Code != want {
					t.Errorf("%s: answered %d, want %d", how, got.Code, want)
				}
			}
		})
	}
}

// While the token is changed Twilio signs with the new or the old one, and both
// are ours; one that is listed no more is not.
func TestTokensRotate(t *testing.T) {
	t.Parallel()
	newer, older := "newer-token", "older-token"
	form := url.Values{"CallSid": {"CA1"}, "AccountSid": {account}}
	by := func(token string) post {
		p := genuine(root+"/fallback", form)
		p.header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(sign(token, public1+root+"/fallback", form)))
		return p
	}
	for _, tt := range []struct {
		tokens []string
		signed string
		code   int
	}{
		{[]string{newer, older}, newer, http.StatusOK},
		{[]string{newer, older}, older, http.StatusOK},
		{[]string{newer}, older, http.StatusForbidden},
		{[]string{older}, newer, http.StatusForbidden},
		{[]string{newer, older}, "", http.StatusForbidden},
	} {
		c := testConfig()
		c.Tokens = tt.tokens
		if got := by(tt.signed).send(newLine(t, c, Ports{})); got.Code != tt.code {
			t.Errorf("%q, signed by %q: answered %d, want %d", tt.tokens, tt.signed, got.Code, tt.code)
		}
	}
}

// Every address of the line but that of sounds is closed to whoever does not
// sign, and answers nothing about what is behind it.
func TestEveryAddressIsSigned(t *testing.T) {
	t.Parallel()
	l, err := New(testConfig(), Ports{Log: quiet()}) // a desk that is asked panics
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/voice", "/talk/a/1/keys", "/meet/a/1/b/1/keys", "/meet/a/1/b/c/1/keys", "/status", "/status/a", "/status/a/1/b",
		"/status/a/1/b/c", "/conference/a", "/wait", "/wait/a/1/1", "/fallback", "/detect/a", "/message", "/message/a", "/here", "/nothing",
	} {
		p := genuine(root+path, url.Values{"CallSid": {"CA1"}})
		p.header.Del("X-Twilio-Signature")
		if got := p.send(l); got.Code != http.StatusForbidden || strings.TrimSpace(got.Body.String()) != "forbidden" {
			t.Errorf("%s answered %d %q", path, got.Code, got.Body)
		}
	}
}

// No address is answered with a redirect: it would make a GET of a POST, and
// lose the keys.
func TestNothingIsRedirected(t *testing.T) {
	t.Parallel()
	l := newLine(t, testConfig(), Ports{})
	for _, path := range []string{
		"/fallback", "/fallback/", "//fallback", "/x/../fallback", "/./fallback", "", "/", "/voice/", "/talk//1/keys", "/clip", "/clip/",
	} {
		if got := genuine(root+path, url.Values{"CallSid": {"CA1"}}).send(l); got.Code/100 == 3 {
			t.Errorf("%s answered %d, to %s", path, got.Code, got.Header().Get("Location"))
		}
	}
}

// Every address that Twilio is given asks it to try again, after an answer that
// says that we could not, too: by itself it would after none.
func TestAddressesAskForRetries(t *testing.T) {
	t.Parallel()
	c := testConfig()
	c.DetectMachines = true
	l := newLine(t, c, Ports{})
	s := side{talk: "T", near: "N", at: 1}
	for _, address := range []string{
		l.turn(s, 1, doKeys), l.turn(side{talk: "T"}, 1, doKeys), l.status(s), l.waiting(s, 1, 1), l.fallback(), l.detection(s), l.textStatus("M"),
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		asks, err := url.ParseQuery(u.Fragment)
		if n, _ := strconv.Atoi(asks.Get("rc")); err != nil || n < 1 || n > 5 || !slices.Contains(strings.Split(asks.Get("rp"), ","), "5xx") {
			t.Errorf("%s asks for %d more tries after %q, %v", address, n, asks.Get("rp"), err)
		}
		if u.RawQuery != "" || !strings.HasPrefix(address, public1+root+"/") {
			t.Errorf("%s is none that we would take", address)
		}
	}
}

// The address that is signed is the one we gave out, whatever a request says
// of its host; an account that is not ours may sign with our token as it likes.
func TestAddressAndAccount(t *testing.T) {
	t.Parallel()
	l := newLine(t, testConfig(), Ports{})
	form := url.Values{"CallSid": {"CA1"}}
	for _, host := range []string{"cb.example.org", "127.0.0.1:8080", "evil.example.com"} {
		p := genuine(root+"/fallback", form)
		p.host = host
		p.header.Set("X-Forwarded-Host", "evil.example.com")
		p.header.Set("X-Forwarded-Proto", "http")
		if got := p.send(l); got.Code != http.StatusOK {
			t.Errorf("%s: answered %d", host, got.Code)
		}
	}
	other := cloneForm(form)
	other.Set("AccountSid", "AC"+strings.Repeat("b", 32))
	p := genuine(root+"/fallback", form)
	p.body = other.Encode()
	p.header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(sign(token1, public1+root+"/fallback", other)))
	if got := p.send(l); got.Code != http.StatusForbidden {
		t.Errorf("another account: answered %d", got.Code)
	}
}

// Of 10,000 webhooks that are forged or spoiled, not one is accepted, and of
// 2,000 that are genuine and come again, not one changes anything.
func TestForgeries(t *testing.T) {
	t.Parallel()
	desk := linetest.NewDesk(t, talk(t, "default_path"))
	l := newLine(t, testConfig(), Ports{Desk: desk})
	chance := rand.New(rand.NewPCG(3, 4))
	genuines := conversation(t, l)
	before := journal(t, desk)
	accepted := 0
	for range 10_000 {
		p := genuines[chance.IntN(len(genuines))]
		p.header = p.header.Clone()
		forge(chance, &p)
		if code := p.send(l).Code; code != http.StatusForbidden {
			accepted++
			t.Errorf("%s %s answered %d", p.method, p.path, code)
		}
	}
	for range 2_000 {
		p := genuines[chance.IntN(len(genuines))]
		if code := p.send(l).Code; code >= 300 {
			t.Errorf("%s again: answered %d", p.path, code)
		}
	}
	if after := journal(t, desk); after != before {
		t.Errorf("the journal had %d lines, and has %d", before, after)
	}
	t.Logf("10000 forged: %d accepted; 2000 replayed: %d changes", accepted, journal(t, desk)-before)
}

// forge spoils a genuine webhook in one of many ways.
func forge(chance *rand.Rand, p *post) {
	old := p.header.Get("X-Twilio-Signature")
	form, err := url.ParseQuery(p.body)
	if err != nil {
		panic(err)
	}
	names := []string{"CallSid", "From", "To", "Digits", "CallStatus", "AccountSid", "StirVerstat", "X" + fmt.Sprint(chance.IntN(1e6))}
	k := names[chance.IntN(len(names))]
	switch chance.IntN(9) {
	case 0: // another value
		form.Set(k, form.Get(k)+fmt.Sprint(chance.IntN(10)))
		p.body = form.Encode()
	case 1: // twice, as some validators see it
		p.body += "&" + k + "=" + url.QueryEscape(form.Get(k))
	case 2: // twice, and signed by someone who knows the rule for that, but not the token
		p.body += "&" + k + "=2"
		p.header.Set("X-Twilio-Signature", forged(chance, p))
	case 3: // another talk, another turn
		p.path = p.path[:len(p.path)-1] + string(rune('a'+chance.IntN(26))) + "x"
	case 4: // by another token
		p.header.Set("X-Twilio-Signature", forged(chance, p))
	case 5: // one bit
		b, _ := base64.StdEncoding.DecodeString(old)
		b[chance.IntN(len(b))] ^= 1 << chance.IntN(8)
		p.header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(b))
	case 6: // by SHA-1 without a key
		p.header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(sign("", public1+p.path, form)))
	case 7: // parameters in the query, where they are signed as the address
		p.path += "?" + p.body
		p.body = ""
	case 8: // signed for the address that the request claims
		p.host = "evil.example.com"
		p.header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(sign(token1, "https://evil.example.com"+p.path, form)))
	}
}

func forged(chance *rand.Rand, p *post) string {
	form, _ := url.ParseQuery(p.body)
	return base64.StdEncoding.EncodeToString(sign(fmt.Sprintf("%032x", chance.Uint64()), public1+p.path, form))
}
