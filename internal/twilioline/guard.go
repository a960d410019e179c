package twilioline

import (
	"crypto/subtle"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
)

// maxBody is more than any webhook of Twilio has.
const maxBody = 64 << 10

// ServeHTTP serves all that Twilio asks of us. Sounds have names that nobody
// can guess; everything else must be signed, and is refused without a word
// about the reason.
func (l *Line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer l.recover("webhook", func() { http.Error(w, "try again", http.StatusInternalServerError) })
	if sound, ok := strings.CutPrefix(r.URL.Path, root+"/clip/"); ok && r.Method != http.MethodPost {
		l.clip(w, r, sound)
		return
	}
	form, err := l.admit(w, r)
	if err != nil {
		l.refused.add(err)
		l.Log.Debug("webhook refused", "line", name, "addr", r.RemoteAddr, "err", err)
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	r.Form, r.PostForm = form, form
	l.mux.ServeHTTP(w, r)
}

// A refusalError is why a webhook is refused. The log tells; the one who sent it is
// not told.
type refusalError struct{ reason, text string }

// Error implements error.
func (r *refusalError) Error() string { return r.text }

var (
	errMethod    = &refusalError{"method", "method is not POST"}
	errAddress   = &refusalError{"address", "address is none of ours"}
	errForm      = &refusalError{"form", "body is not a form"}
	errRepeated  = &refusalError{"repeated", "a parameter is repeated"}
	errUnknown   = &refusalError{"unknown", "a parameter has a name that Twilio has not documented"}
	errAccount   = &refusalError{"account", "account is not ours"}
	errSignature = &refusalError{"signature", "signature is not Twilio's"}
)

// refusals counts what was refused, by reason.
type refusals struct {
	mu  sync.Mutex
	all map[string]float64
}

func (r *refusals) add(err error) {
	why, ok := errors.AsType[*refusalError](err)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[string]float64{}
	}
	r.all[why.reason]++
}

// Refused returns how many webhooks were refused, by reason.
func (l *Line) Refused() map[string]float64 {
	l.refused.mu.Lock()
	defer l.refused.mu.Unlock()
	return maps.Clone(l.refused.all)
}

// admit reads the parameters of a webhook, if Twilio has sent it. The address
// that was signed is the one we gave out: what the request says of its host
// counts for nothing.
func (l *Line) admit(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if r.Method != http.MethodPost {
		return nil, errMethod
	}
	if strings.ContainsAny(r.RequestURI, "?#%") || path.Clean(r.URL.Path) != r.URL.Path {
		return nil, errAddress
	}
	form, err := parameters(w, r)
	if err != nil {
		return nil, err
	}
	signature := r.Header.Values("X-Twilio-Signature")
	if len(signature) != 1 || !l.signed(r.URL.Path, form, signature[0]) {
		return nil, errSignature
	}
	if subtle.ConstantTimeCompare([]byte(form.Get("AccountSid")), []byte(l.config.AccountSID)) != 1 {
		return nil, errAccount
	}
	if err := l.only(form); err != nil { // last: of strangers no name is remembered
		return nil, err
	}
	return form, nil
}

// parameters reads a form in which nothing is said twice, in capitals or not:
// what a signature leaves open about repeated names, nobody shall use.
func parameters(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, errForm
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, errForm
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errForm
	}
	said := map[string]bool{}
	for name, values := range form {
		low := strings.ToLower(name)
		if len(values) != 1 || said[low] {
			return nil, errRepeated
		}
		said[low] = true
	}
	return form, nil
}
