package twilioline

import (
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
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
		l.Log.Debug("webhook refused", "line", name, "addr", r.RemoteAddr, "err", err)
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	r.Form, r.PostForm = form, form
	l.mux.ServeHTTP(w, r)
}

// Why a webhook is refused. The log tells; the one who sent it is not told.
var (
	errMethod    = errors.New("method is not POST")
	errAddress   = errors.New("address is none of ours")
	errForm      = errors.New("body is not a form")
	errRepeated  = errors.New("a parameter is repeated")
	errUnknown   = errors.New("a parameter has a name that Twilio gives to none")
	errAccount   = errors.New("account is not ours")
	errSignature = errors.New("signature is not Twilio's")
)

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
	return form, nil
}

// named is how Twilio names parameters: CallSid, SipHeader_X-Reason, msg. It
// adds new ones without notice, so that no list of them can be complete; they
// are signed like the others, and nobody reads them.
var named = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)

// parameters reads a form in which nothing is said twice, in capitals or not:
// what a signature leaves open about repeated names, nobody shall use. Names
// that are none of Twilio's are refused.
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
		switch low := strings.ToLower(name); {
		case !named.MatchString(name):
			return nil, errUnknown
		case len(values) != 1 || said[low]:
			return nil, errRepeated
		default:
			said[low] = true
		}
	}
	return form, nil
}
