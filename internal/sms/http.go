package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/scheduler"
)

// HTTP sends by any service that takes a request for each text, as its
// configuration describes it.
type HTTP struct {
	config  HTTPConfig
	from    callback.Phone
	base    string
	token   string
	url     *template.Template
	body    *template.Template
	headers map[string]*template.Template
	success *regexp.Regexp
	gate    *gate
	hooks   *hooks
	desk    Desk
}

// letter is what templates may fill in.
type letter struct {
	ID       string // our name of the text, unguessable
	To, From string
	Body     string
	Minutes  int    // how long it may be under way
	Unicode  bool   // it does not fit the GSM alphabet
	Token    string // of TokenFile
	Receipts string // where receipts are taken
}

var functions = template.FuncMap{
	"query": url.QueryEscape,
	"json": func(v any) (string, error) {
		src, err := json.Marshal(v)
		return string(src), err
	},
}

func parseTemplate(name, text string) (*template.Template, error) {
	t, err := template.New(name).Funcs(functions).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, err
	}
	return t, t.Execute(&bytes.Buffer{}, letter{ID: "1", To: "+1", From: "+1", Body: "x", Minutes: 1, Token: "x", Receipts: "x"})
}

func (c HTTPConfig) check(wrong mistakes) {
	wrong.address("http.url", c.URL)
	if c.Method != http.MethodPost && c.Method != http.MethodGet && c.Method != http.MethodPut {
		wrong.add("http.method", "%q is not one of POST, PUT, GET", c.Method)
	}
	all := map[string]string{"http.url": c.URL, "http.body": c.Body}
	for name, text := range c.Headers {
		all["http.headers."+name] = text
	}
	for key, text := range all {
		if _, err := parseTemplate(key, text); err != nil {
			wrong.add(key, "%v", err)
		}
	}
	if !strings.Contains(c.URL+c.Body, ".Body") {
		wrong.add("http.body", "the words of the text are in neither url nor body: write {{json .Body}} or {{query .Body}}")
	}
	if _, err := regexp.Compile(c.Success); err != nil {
		wrong.add("http.success", "%v", err)
	}
	if c.TokenFile != "" {
		wrong.secret("http.token_file", c.TokenFile)
	}
	c.Inbound.check(wrong)
}

func newHTTP(c Config, p Ports) (*HTTP, error) {
	h := &HTTP{
		config: c.HTTP, from: c.From, base: strings.TrimRight(p.Base, "/"),
		gate: newGate(p), desk: p.Desk, headers: map[string]*template.Template{},
	}
	if err := h.parse(); err != nil {
		return nil, fmt.Errorf("read how texts are sent: %w", err)
	}
	var err error
	if h.token, err = secretOf(c.HTTP.TokenFile); err != nil {
		return nil, fmt.Errorf("read the token for texts: %w", err)
	}
	h.hooks, err = newHooks(c, p)
	return h, err
}

func (h *HTTP) parse() (err error) {
	if h.url, err = parseTemplate("url", h.config.URL); err != nil {
		return err
	}
	if h.body, err = parseTemplate("body", h.config.Body); err != nil {
		return err
	}
	for name, text := range h.config.Headers {
		if h.headers[name], err = parseTemplate(name, text); err != nil {
			return err
		}
	}
	h.success, err = regexp.Compile(h.config.Success)
	return err
}

// Text hands one message to the service. It implements [scheduler.Texter].
func (h *HTTP) Text(ctx context.Context, m callback.Message) error {
	req, err := h.request(ctx, m)
	if err != nil {
		return fmt.Errorf("%w: write request: %w", scheduler.ErrPermanent, err)
	}
	status, answer, err := h.gate.send(req)
	switch {
	case err != nil:
		return fmt.Errorf("send text: %w", err)
	case status < 200 || status > 299:
		return fmt.Errorf("send text: %w: %s", classify(status), cut(answer))
	case !h.success.Match(answer):
		return fmt.Errorf("%w: send text: the answer does not say that it was taken: %s", scheduler.ErrPermanent, cut(answer))
	}
	return h.accepted(ctx, m, answer)
}

func (h *HTTP) request(ctx context.Context, m callback.Message) (*http.Request, error) {
	l := letter{
		ID: m.ID, To: m.To, From: string(h.from), Body: m.Body, Unicode: !GSM(m.Body), Token: h.token,
		Minutes: int(validity(m, h.gate.now()).Minutes()), Receipts: h.base + Path + "http/dlr",
	}
	fill := func(t *template.Template) string {
		var b strings.Builder
		_ = t.Execute(&b, l) // tried when the configuration was read
		return b.String()
	}
	req, err := http.NewRequestWithContext(ctx, h.config.Method, fill(h.url), strings.NewReader(fill(h.body)))
	if err != nil {
		return nil, err
	}
	for name, t := range h.headers {
		req.Header.Set(name, fill(t))
	}
	return req, nil
}

// accepted notes the carrier's name of a text, by which its receipts come.
func (h *HTTP) accepted(ctx context.Context, m callback.Message, answer []byte) error {
	if h.config.ID == "" {
		return nil
	}
	var doc any
	if err := json.Unmarshal(answer, &doc); err != nil {
		return nil //nolint:nilerr // it was taken: that its name cannot be read loses the receipt, not the text
	}
	ref := at(doc, h.config.ID)
	if ref == "" || !utf8.ValidString(ref) {
		return nil
	}
	r := callback.Receipt{Message: m.ID, Ref: ref, State: callback.ReceiptTaken}
	_ = h.desk.Receipt(context.WithoutCancel(ctx), r) // likewise
	return nil
}

// at finds a value in JSON by a path like messages.0.id.
func at(doc any, path string) string {
	for step := range strings.SplitSeq(path, ".") {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[step]
		case []any:
			i := index(step)
			if i < 0 || i >= len(v) {
				return ""
			}
			doc = v[i]
		default:
			return ""
		}
	}
	switch v := doc.(type) {
	case string:
		return v
	case json.Number, float64, bool:
		return fmt.Sprint(v)
	}
	return ""
}

func index(step string) int {
	n := 0
	for _, r := range step {
		if r < '0' || r > '9' || n > 1000 {
			return -1
		}
		n = n*10 + int(r-'0')
	}
	return n
}
