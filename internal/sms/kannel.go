package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/scheduler"
)

// Kannel sends by the gateway of that name. It knows no names of texts: our
// own token rides in the URL at which it tells of a receipt.
type Kannel struct {
	config   KannelConfig
	from     callback.Phone
	base     string
	password string
	secret   string
	gate     *gate
	inbox    inbox
}

func (c KannelConfig) check(wrong mistakes) {
	wrong.address("kannel.url", c.URL)
	if c.Username == "" {
		wrong.add("kannel.username", "name the user of Kannel's group sendsms-user")
	}
	wrong.secret("kannel.password_file", c.PasswordFile)
	wrong.secret("kannel.secret_file", c.SecretFile)
}

func newKannel(c Config, p Ports) (*Kannel, error) {
	password, err := readSecret(c.Kannel.PasswordFile)
	if err != nil {
		return nil, fmt.Errorf("read the password for Kannel: %w", err)
	}
	secret, err := readSecret(c.Kannel.SecretFile)
	if err != nil {
		return nil, fmt.Errorf("read the secret of webhooks: %w", err)
	}
	return &Kannel{
		config: c.Kannel, from: c.From, base: strings.TrimRight(p.Base, "/"), password: password, secret: secret,
		gate: newGate(p), inbox: inbox{p.Desk, c.From, "kannel", p.Log},
	}, nil
}

// Text hands one message to Kannel. It implements [scheduler.Texter].
func (k *Kannel) Text(ctx context.Context, m callback.Message) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.config.URL+"?"+k.query(m).Encode(), nil)
	if err != nil {
		return fmt.Errorf("%w: %w", scheduler.ErrPermanent, err)
	}
	status, answer, err := k.gate.send(req)
	switch {
	case err != nil:
		return fmt.Errorf("hand text to Kannel: %w", err)
	case status == http.StatusAccepted: // "0: Accepted" or "3: Queued": both are kept
		return nil
	}
	return fmt.Errorf("hand text to Kannel: %w: %s", classify(status), cut(answer))
}

// query is what sendsms is asked (Kannel user guide, 6.3).
func (k *Kannel) query(m callback.Message) url.Values {
	q := url.Values{
		"username": {k.config.Username}, "password": {k.password},
		"from": {string(k.from)}, "to": {m.To}, "text": {m.Body}, "charset": {"UTF-8"}, "coding": {"0"},
		"validity": {strconv.Itoa(int(validity(m, k.gate.now()).Minutes()))},
		"dlr-mask": {"27"}, // 1 delivered, 2 failed, 8 taken by the SMSC, 16 refused by it
		"dlr-url":  {k.dlrURL(m)},
	}
	if !GSM(m.Body) {
		q.Set("coding", "2")
	}
	if k.config.SMSC != "" {
		q.Set("smsc", k.config.SMSC)
	}
	return q
}

// dlrURL is where Kannel tells of a receipt. It fills in %d and %A.
func (k *Kannel) dlrURL(m callback.Message) string {
	return k.base + Path + "kannel/dlr?secret=" + url.QueryEscape(k.secret) +
		"&token=" + url.QueryEscape(m.ID) + "&state=%d&reason=%A"
}

// Webhooks takes replies (post-url) and receipts (dlr-url).
func (k *Kannel) Webhooks() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+Path+"kannel/mo", k.mo)
	mux.HandleFunc("GET "+Path+"kannel/dlr", k.dlr)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !same(r.URL.Query().Get("secret"), k.secret) {
			http.Error(w, "wrong secret", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (k *Kannel) mo(w http.ResponseWriter, r *http.Request) {
	src, err := io.ReadAll(http.MaxBytesReader(w, r.Body, hookSize))
	if err != nil {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	q := r.URL.Query()
	body, err := decode(src, q.Get("charset"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
		return
	}
	k.inbox.reply(w, r, callback.InText{
		ID: q.Get("id"), From: callback.Phone(q.Get("from")), To: callback.Phone(q.Get("to")), Body: body,
	})
}

// dlrStates are the values of %d that matter (Kannel user guide, 6.2); the
// others only say that it is under way.
var dlrStates = map[string]callback.ReceiptState{
	"1": callback.ReceiptArrived, "2": callback.ReceiptLost, "8": callback.ReceiptTaken, "16": callback.ReceiptLost,
}

func (k *Kannel) dlr(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	state, ok := dlrStates[q.Get("state")]
	if !ok {
		w.WriteHeader(http.StatusOK)
		return
	}
	k.inbox.receipt(w, r, callback.Receipt{Message: q.Get("token"), State: state, Reason: q.Get("reason")})
}

var errCharset = errors.New("this charset is not known; set mo-recode = true")

// decode reads a body in one of the charsets that Kannel passes on.
func decode(src []byte, charset string) (string, error) {
	switch strings.ToUpper(charset) {
	case "", "UTF-8", "US-ASCII", "ASCII":
		return strings.ToValidUTF8(string(src), "\uFFFD"), nil
	case "UTF-16BE":
		all := make([]uint16, 0, len(src)/2)
		for i := 0; i+1 < len(src); i += 2 {
			all = append(all, uint16(src[i])<<8|uint16(src[i+1]))
		}
		return string(utf16.Decode(all)), nil
	case "ISO-8859-1", "LATIN1":
		all := make([]rune, len(src))
		for i, b := range src {
			all[i] = rune(b)
		}
		return string(all), nil
	}
	return "", errCharset
}

// cut shortens an answer for a log.
func cut(answer []byte) string {
	s := strings.Join(strings.Fields(string(answer)), " ")
	return strings.ToValidUTF8(s[:min(len(s), 100)], "")
}
