package sms

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/scheduler"
)

// kannelTo is a driver whose Kannel answers as it is told.
func kannelTo(t *testing.T, d Desk, h http.HandlerFunc) *Kannel {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c := Defaults()
	c.Driver, c.From, c.PerSecond = "kannel", service, 1000
	c.Kannel = KannelConfig{
		URL: srv.URL, Username: "holdless", PasswordFile: secretFile(t, "pass word"), SecretFile: secretFile(t, "s3&cret"),
	}
	k, err := newKannel(c, ports(t, d))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKannelSends(t *testing.T) {
	t.Parallel()
	var got url.Values
	k := kannelTo(t, newTill(), func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.Query()
		w.WriteHeader(http.StatusAccepted)
	})
	m := text("Kiitos, 5 €")
	m.Until = time.Now().Add(90*time.Minute + 59*time.Second)
	if err := k.Text(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"username": "holdless", "password": "pass word", "from": string(service), "to": string(aino),
		"text": m.Body, "coding": "0", "validity": "90", "charset": "UTF-8", "dlr-mask": "27",
	} {
		if got.Get(key) != want {
			t.Errorf("%s = %q, want %q", key, got.Get(key), want)
		}
	}
	dlr, err := url.Parse(strings.NewReplacer("%d", "1", "%A", "").Replace(got.Get("dlr-url")))
	if err != nil || dlr.Query().Get("token") != m.ID || dlr.Query().Get("secret") != "s3&cret" {
		t.Errorf("dlr-url %q", got.Get("dlr-url"))
	}
	if err := k.Text(t.Context(), text("Dobrý večer, Řehoři")); err != nil || got.Get("coding") != "2" {
		t.Errorf("coding %q, %v", got.Get("coding"), err)
	}
}

func TestSendingFails(t *testing.T) {
	t.Parallel()
	hang := func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			conn.Close()
		}
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	const again, permanently, unclear = "again", "permanently", "unclear"
	tests := []struct {
		name   string
		answer http.HandlerFunc
		class  string
	}{
		{"missing to", status(400), permanently},
		{"wrong password", status(403), again},
		{"busy", status(503), again},
		{"too many", status(429), again},
		{"broken", status(500), unclear},
		{"no answer", hang, unclear},
		{"pointed elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusTemporaryRedirect)
		}, again},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := kannelTo(t, newTill(), tt.answer).Text(t.Context(), text("x"))
			permanent, unknown := errors.Is(err, scheduler.ErrPermanent), errors.Is(err, scheduler.ErrUnknown)
			if err == nil || permanent != (tt.class == permanently) || unknown != (tt.class == unclear) {
				t.Errorf("got %v, want the class %s", err, tt.class)
			}
			if err != nil && (strings.Contains(err.Error(), "pass") || strings.Contains(err.Error(), "cret")) {
				t.Errorf("a secret in %q", err)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		k := kannelTo(t, newTill(), status(202))
		k.config.URL = "http://127.0.0.1:1/"
		err := k.Text(t.Context(), text("x"))
		if err == nil || errors.Is(err, scheduler.ErrUnknown) || errors.Is(err, scheduler.ErrPermanent) {
			t.Errorf("got %v: nothing has left", err)
		}
	})
}

// ask puts one request to webhooks.
func ask(t *testing.T, h http.Handler, method, target, body string, headers ...string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func TestKannelWebhooks(t *testing.T) {
	t.Parallel()
	const secret = "?secret=s3%26cret"
	tests := []struct {
		name, method, target, body string
		want                       int
		text                       callback.InText
		receipt                    callback.Receipt
	}{
		{
			name: "a reply over SMPP", method: "POST", want: 200, body: "4 kiitos ★",
			target: "/sms/v1/kannel/mo" + secret + "&from=358401234567&to=912345678&id=u-1&charset=UTF-8",
			text:   callback.InText{Line: "kannel", ID: "u-1", From: aino, To: service, Body: "4 kiitos ★"},
		},
		{
			name: "UTF-16", method: "POST", want: 200, body: "\x00H\x03\xa9",
			target: "/sms/v1/kannel/mo" + secret + "&from=%2B358401234567&to=" + url.QueryEscape(string(service)) + "&id=u-2&charset=UTF-16BE",
			text:   callback.InText{Line: "kannel", ID: "u-2", From: aino, To: service, Body: "HΩ"},
		},
		{name: "unknown charset", method: "POST", target: "/sms/v1/kannel/mo" + secret + "&from=1&id=2&charset=KOI8-R", want: 415},
		{name: "no id", method: "POST", target: "/sms/v1/kannel/mo" + secret + "&from=%2B358401234567", want: 400},
		{name: "no secret", method: "POST", target: "/sms/v1/kannel/mo?from=%2B358401234567&id=1", want: 403},
		{name: "wrong secret", method: "GET", target: "/sms/v1/kannel/dlr?secret=s3&token=token-1&state=1", want: 403},
		{name: "a long one", method: "POST", target: "/sms/v1/kannel/mo" + secret + "&from=1&id=1", body: strings.Repeat("x", 20<<10), want: 413},
		{
			name: "arrived", method: "GET", target: "/sms/v1/kannel/dlr" + secret + "&token=token-1&state=1&reason=", want: 200,
			receipt: callback.Receipt{Message: "token-1", State: callback.ReceiptArrived},
		},
		{
			name: "lost", method: "GET", target: "/sms/v1/kannel/dlr" + secret + "&token=token-1&state=2&reason=absent+subscriber", want: 200,
			receipt: callback.Receipt{Message: "token-1", State: callback.ReceiptLost, Reason: "absent subscriber"},
		},
		{
			name: "taken", method: "GET", target: "/sms/v1/kannel/dlr" + secret + "&token=token-1&state=8", want: 200,
			receipt: callback.Receipt{Message: "token-1", State: callback.ReceiptTaken},
		},
		{name: "under way", method: "GET", target: "/sms/v1/kannel/dlr" + secret + "&token=token-1&state=4", want: 200},
		{name: "another path", method: "GET", target: "/sms/v1/kannel/" + secret, want: 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newTill()
			k := kannelTo(t, d, nil)
			for range 2 { // everything may come twice
				if got := ask(t, k.Webhooks(), tt.method, tt.target, tt.body); got != tt.want {
					t.Errorf("status %d, want %d", got, tt.want)
				}
			}
			if in, ok := d.texts["kannel "+tt.text.ID]; ok != (tt.text.ID != "") || in != tt.text {
				t.Errorf("got %+v, want %+v", in, tt.text)
			}
			if (len(d.receipts) > 0) != (tt.receipt.State != "") || len(d.receipts) > 0 && d.receipts[0] != tt.receipt {
				t.Errorf("got %+v, want %+v", d.receipts, tt.receipt)
			}
		})
	}
	t.Run("nobody can write it down", func(t *testing.T) {
		t.Parallel()
		d := newTill()
		d.close(errShut)
		k := kannelTo(t, d, nil)
		if got := ask(t, k.Webhooks(), "POST", "/sms/v1/kannel/mo"+secret+"&from=%2B358401234567&id=1", "STOP"); got != 503 {
			t.Errorf("status %d: Kannel would not bring it again", got)
		}
		d.close(callback.ErrNotFound)
		if got := ask(t, k.Webhooks(), "GET", "/sms/v1/kannel/dlr"+secret+"&token=old&state=1", ""); got != 200 {
			t.Errorf("status %d: Kannel would bring it for ever", got)
		}
	})
}

// httpTo is a driver for a service that answers as it is told.
func httpTo(t *testing.T, d Desk, h http.HandlerFunc, edit func(*HTTPConfig)) *HTTP {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c := Defaults()
	c.Driver, c.From, c.PerSecond = "http", service, 1000
	c.HTTP.URL = srv.URL + "/send?to={{query .To}}"
	c.HTTP.Body = `{"from":{{json .From}},"text":{{json .Body}},"ref":{{json .ID}},"minutes":{{.Minutes}},"unicode":{{.Unicode}}}`
	c.HTTP.Headers = map[string]string{"Authorization": "Bearer {{.Token}}", "Content-Type": "application/json"}
	c.HTTP.TokenFile = secretFile(t, "t0ken")
	c.HTTP.ID = "messages.0.id"
	edit(&c.HTTP)
	if wrong := c.Check(); len(wrong) > 1 || len(wrong) == 1 && wrong["http.inbound.secret_file"] == "" {
		t.Fatal(wrong)
	}
	driver, err := newHTTP(c, ports(t, d))
	if err != nil {
		t.Fatal(err)
	}
	return driver
}

func TestHTTPSends(t *testing.T) {
	t.Parallel()
	var got struct{ to, auth, body string }
	d := newTill()
	h := httpTo(t, d, func(w http.ResponseWriter, r *http.Request) {
		src, _ := io.ReadAll(r.Body)
		got.to, got.auth, got.body = r.URL.Query().Get("to"), r.Header.Get("Authorization"), string(src)
		_, _ = io.WriteString(w, `{"messages": [{"id": 4711}]}`)
	}, func(*HTTPConfig) {})
	if err := h.Text(t.Context(), text(`say "hi" & go`)); err != nil {
		t.Fatal(err)
	}
	want := `{"from":"+358912345678","text":"say \"hi\" \u0026 go","ref":"token-1","minutes":240,"unicode":false}`
	if got.to != string(aino) || got.auth != "Bearer t0ken" || got.body != want {
		t.Errorf("sent %+v, want %s", got, want)
	}
	if len(d.receipts) != 1 || d.receipts[0] != (callback.Receipt{Message: "token-1", Ref: "4711", State: callback.ReceiptTaken}) {
		t.Errorf("noted %+v", d.receipts)
	}
}

func TestHTTPSuccessRule(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]error{`{"ok":true}`: nil, `{"ok":false}`: scheduler.ErrPermanent} {
		h := httpTo(t, newTill(), func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, answer)
		}, func(c *HTTPConfig) { c.Success = `"ok":\s*true` })
		if err := h.Text(t.Context(), text("x")); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", answer, err, want)
		}
	}
}

func TestHTTPWebhooks(t *testing.T) {
	t.Parallel()
	const key = "k3y"
	sign := func(body string) string {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(body))
		return "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	bearer := func(c *HTTPConfig) { c.Inbound.SecretFile = secretFile(t, "s3cret") }
	signed := func(c *HTTPConfig) { c.Inbound.HMACFile = secretFile(t, key) }
	nested := func(c *HTTPConfig) {
		signed(c)
		c.Inbound.From, c.Inbound.Text, c.Inbound.ID = "data.from.number", "data.text", "data.id"
	}
	const json, form = "application/json", "application/x-www-form-urlencoded"
	reply := `{"data":{"id":"7","from":{"number":"+358401234567"},"text":"5"}}`
	tests := []struct {
		name         string
		edit         func(*HTTPConfig)
		method, path string
		body         string
		headers      []string
		want         int
		texts        int
		receipt      callback.ReceiptState
	}{
		{"bearer", bearer, "POST", "mo", "from=358401234567&id=7&text=5", []string{"Authorization", "Bearer s3cret", "Content-Type", form}, 200, 1, ""},
		{"secret in the URL", bearer, "GET", "mo?secret=s3cret&from=358401234567&id=7&text=5", "", nil, 200, 1, ""},
		{"wrong bearer", bearer, "POST", "mo", "from=358401234567&id=7&text=5", []string{"Authorization", "Bearer s3cre", "Content-Type", form}, 403, 0, ""},
		{"none", bearer, "POST", "mo", "from=358401234567&id=7&text=5", []string{"Content-Type", form}, 403, 0, ""},
		{"signed", nested, "POST", "mo", reply, []string{"X-Signature", sign(reply), "Content-Type", json}, 200, 1, ""},
		{"signed for other words", nested, "POST", "mo", reply + " ", []string{"X-Signature", sign(reply), "Content-Type", json}, 403, 0, ""},
		{"what is not signed", signed, "POST", "mo?from=%2B358401234567&id=7&text=5", "", []string{"X-Signature", sign("")}, 400, 0, ""},
		{"not signed", nested, "POST", "mo", reply, []string{"X-Signature", "", "Content-Type", json}, 403, 0, ""},
		{"no sender", bearer, "POST", "mo?secret=s3cret", "{", []string{"Content-Type", json}, 400, 0, ""},
		{"arrived", bearer, "POST", "dlr?secret=s3cret", `{"id":"4711","status":"delivered"}`, []string{"Content-Type", json}, 200, 0, callback.ReceiptArrived},
		{"lost", bearer, "GET", "dlr?secret=s3cret&id=4711&status=failed", "", nil, 200, 0, callback.ReceiptLost},
		{"under way", bearer, "GET", "dlr?secret=s3cret&id=4711&status=sent", "", nil, 200, 0, ""},
		{"another method", bearer, "PUT", "dlr?secret=s3cret", "", nil, 405, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newTill()
			h := httpTo(t, d, nil, tt.edit)
			if got := ask(t, h.Webhooks(), tt.method, Path+"http/"+tt.path, tt.body, tt.headers...); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
			if len(d.texts) != tt.texts {
				t.Errorf("texts %v", d.texts)
			}
			if in := d.texts["http 7"]; tt.texts > 0 && (in.From != aino || in.Body != "5") {
				t.Errorf("got %+v", in)
			}
			if (len(d.receipts) > 0) != (tt.receipt != "") || len(d.receipts) > 0 && (d.receipts[0].State != tt.receipt || d.receipts[0].Ref != "4711") {
				t.Errorf("got %+v", d.receipts)
			}
		})
	}
	t.Run("a receipt before our own note", func(t *testing.T) {
		t.Parallel()
		d := newTill()
		d.close(callback.ErrNotFound)
		h := httpTo(t, d, nil, bearer)
		if got := ask(t, h.Webhooks(), "GET", Path+"http/dlr?secret=s3cret&id=4711&status=failed", ""); got != 503 {
			t.Errorf("status %d: it would not come again", got)
		}
	})
}

func FuzzWebhook(f *testing.F) {
	f.Add("from=1&id=2&text=x", "application/json", []byte(`{"from": ["a", {"b": 1}]}`))
	f.Fuzz(func(t *testing.T, query, kind string, body []byte) {
		c := Defaults()
		c.HTTP.Inbound.From, c.HTTP.Inbound.Text = "from.0.b", wholeBody
		h := &hooks{config: c.HTTP.Inbound, secret: "s3cret", inbox: inbox{newTill(), service, "http", ports(t, nil).Log}}
		r := httptest.NewRequestWithContext(context.Background(), "POST", Path+"http/mo", bytes.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		h.mo(w, r)
		if w.Code == 200 && !same(r.URL.Query().Get("secret"), "s3cret") {
			t.Fatal("let in without the secret")
		}
	})
}
