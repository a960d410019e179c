package sms

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/holdless/holdless/callback"
)

// hooks takes what a service of [HTTP] tells us.
type hooks struct {
	config InboundConfig
	secret string
	key    string
	inbox  inbox
}

func (c InboundConfig) check(wrong mistakes) {
	if c.SecretFile == "" && c.HMACFile == "" {
		wrong.add("http.inbound.secret_file", "name this or hmac_file: without a secret anybody could write in your customers' names")
	}
	if c.SecretFile != "" {
		wrong.secret("http.inbound.secret_file", c.SecretFile)
	}
	if c.HMACFile != "" {
		wrong.secret("http.inbound.hmac_file", c.HMACFile)
	}
	for key, name := range map[string]string{"from": c.From, "text": c.Text, "id": c.ID} {
		if name == "" {
			wrong.add("http.inbound."+key, "say where it is")
		}
	}
	if c.Ref == "" && c.Token == "" {
		wrong.add("http.inbound.ref", "say where a receipt has the name of the text")
	}
}

func newHooks(c Config, p Ports) (*hooks, error) {
	h := &hooks{config: c.HTTP.Inbound, inbox: inbox{p.Desk, c.From, "http", p.Log}}
	var err error
	if h.secret, err = secretOf(h.config.SecretFile); err != nil {
		return nil, fmt.Errorf("read the secret of webhooks: %w", err)
	}
	if h.key, err = secretOf(h.config.HMACFile); err != nil {
		return nil, fmt.Errorf("read the key of webhooks: %w", err)
	}
	return h, nil
}

// Webhooks takes replies and receipts.
func (h *HTTP) Webhooks() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(Path+"http/mo", h.hooks.mo)
	mux.HandleFunc(Path+"http/dlr", h.hooks.dlr)
	return mux
}

// open reads a request that knows the secret. It is nil, and answered, when
// it does not.
func (h *hooks) open(w http.ResponseWriter, r *http.Request) *parcel {
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "GET or POST", http.StatusMethodNotAllowed)
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, hookSize))
	if err != nil {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return nil
	}
	if !h.signed(r, body) && !h.knows(r) {
		http.Error(w, "wrong secret", http.StatusForbidden)
		return nil
	}
	return unpack(r, body)
}

// knows reports whether a request has our secret. It never does when an HMAC
// is asked for, or when there is none.
func (h *hooks) knows(r *http.Request) bool {
	if h.key != "" {
		return false
	}
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		given = r.URL.Query().Get("secret")
	}
	return same(given, h.secret)
}

// signed reports whether the body is signed with our key. What is in the URL
// is not signed, and so is not read then.
func (h *hooks) signed(r *http.Request, body []byte) bool {
	if h.key == "" {
		return false
	}
	mac := hmac.New(sha256.New, []byte(h.key))
	mac.Write(body)
	want := mac.Sum(nil)
	given := strings.TrimPrefix(r.Header.Get(h.config.HMACHeader), "sha256=")
	got, err := hex.DecodeString(given)
	if err != nil {
		got, _ = base64.StdEncoding.DecodeString(given) // what is neither equals nothing
	}
	if !hmac.Equal(got, want) {
		return false
	}
	r.URL.RawQuery = ""
	return true
}

func (h *hooks) mo(w http.ResponseWriter, r *http.Request) {
	p := h.open(w, r)
	if p == nil {
		return
	}
	h.inbox.reply(w, r, callback.InText{
		ID:   p.value(h.config.ID),
		From: callback.Phone(p.value(h.config.From)), To: callback.Phone(p.value(h.config.To)),
		Body: p.value(h.config.Text),
	})
}

func (h *hooks) dlr(w http.ResponseWriter, r *http.Request) {
	p := h.open(w, r)
	if p == nil {
		return
	}
	got := callback.Receipt{
		Message: p.value(h.config.Token), Ref: p.value(h.config.Ref), Reason: p.value(h.config.Reason),
	}
	switch status := p.value(h.config.Status); {
	case slices.Contains(h.config.Delivered, status):
		got.State = callback.ReceiptArrived
	case slices.Contains(h.config.Failed, status):
		got.State = callback.ReceiptLost
	default: // it is under way
		w.WriteHeader(http.StatusOK)
		return
	}
	h.inbox.receipt(w, r, got)
}

// A parcel is what a request brings, however it is written.
type parcel struct {
	body  []byte
	query url.Values
	form  url.Values
	doc   any
}

func unpack(r *http.Request, body []byte) *parcel {
	p := &parcel{body: body, query: r.URL.Query()}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
	case kind == "application/x-www-form-urlencoded":
		p.form, _ = url.ParseQuery(string(body)) // what can be read of it
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		_ = d.Decode(&p.doc) // a broken one has no values
	}
	return p
}

// wholeBody names the body of a request in a mapping.
const wholeBody = "@body"

func (p *parcel) value(name string) string {
	v := ""
	switch {
	case name == "":
	case name == wholeBody:
		v = string(p.body)
	case p.doc != nil:
		v = at(p.doc, name)
	case p.form.Has(name):
		v = p.form.Get(name)
	default:
		v = p.query.Get(name)
	}
	return strings.ToValidUTF8(v, "\uFFFD")
}
