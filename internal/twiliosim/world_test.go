package twiliosim_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/twiliosim"
)

const (
	public   = "https://calls.example.org"
	ours     = "+358931542000"
	customer = "+358401111111"
	agent    = "+358402222222"
)

// app answers webhooks with documents by their path, and notes what it was
// told.
type app struct {
	docs  map[string]string
	kinds map[string]string // content types, where they are not text/xml
	fail  map[string]int    // how many times a path fails before it answers

	mu   sync.Mutex
	told []hook
}

type hook struct {
	path string
	form url.Values
	at   time.Time
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	a.mu.Lock()
	a.told = append(a.told, hook{r.URL.Path, r.PostForm, time.Now()})
	failing := a.fail[r.URL.Path] > 0
	a.fail[r.URL.Path]--
	a.mu.Unlock()
	doc, ok := a.docs[r.URL.Path]
	switch {
	case failing:
		w.WriteHeader(http.StatusInternalServerError)
	case !ok:
		w.WriteHeader(http.StatusNoContent)
	default:
		kind := a.kinds[r.URL.Path]
		if kind == "" {
			kind = "text/xml; charset=utf-8"
		}
		w.Header().Set("Content-Type", kind)
		w.Write([]byte(doc))
	}
}

// hooks are those that came to a path.
func (a *app) hooks(path string) []url.Values {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []url.Values
	for _, h := range a.told {
		if h.path == path {
			all = append(all, h.form)
		}
	}
	return all
}

// values are what one parameter was, in all that came to a path.
func (a *app) values(path, key string) []string {
	var all []string
	for _, f := range a.hooks(path) {
		all = append(all, f.Get(key))
	}
	return all
}

// doc wraps verbs.
func doc(verbs string) string { return "<Response>" + verbs + "</Response>" }

// world is Twilio and an application.
type world struct {
	*twiliosim.Sim
	app *app
}

func newWorld(t *testing.T, c twiliosim.Config, docs map[string]string) *world {
	t.Helper()
	w := &world{app: &app{docs: docs, kinds: map[string]string{}, fail: map[string]int{}}}
	c.Public, c.App = public, twiliosim.Into(w.app)
	var err error
	if w.Sim, err = twiliosim.New(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	w.AddNumber(twiliosim.Number{
		Number: ours, VoiceURL: public + "/in", VoiceFallbackURL: public + "/fallback", StatusURL: public + "/ended",
		SMSURL: public + "/text", SMSFallbackURL: public + "/text-fallback",
	})
	return w
}

// presses is a person who presses these keys, one time after the other.
func presses(keys ...string) twiliosim.Person {
	var mu sync.Mutex
	return twiliosim.Person{Press: func(context.Context, twiliosim.Call, []string) string {
		mu.Lock()
		defer mu.Unlock()
		if len(keys) == 0 {
			return twiliosim.Hangup
		}
		key := keys[0]
		keys = keys[1:]
		return key
	}}
}

// call holds one call to its end.
func (w *world) call(t *testing.T, p twiliosim.Person) twiliosim.Call {
	t.Helper()
	c, err := w.Await(t.Context(), w.Ring(customer, ours, p))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) clean(t *testing.T) {
	t.Helper()
	for _, p := range w.Problems() {
		t.Error(p)
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, " | "), strings.Join(want, " | "))
	}
}

// post sends one REST request and returns its status and body.
func (w *world) post(t *testing.T, path string, f url.Values) (int, string) {
	t.Helper()
	address := "https://api.twilio.com/2010-04-01/Accounts/" + w.Account + path
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(f.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(w.Account, w.AuthToken)
	resp, err := w.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	resp.Write(&b)
	return resp.StatusCode, b.String()
}

// place has the simulator call somebody.
func (w *world) place(t *testing.T, to string) string {
	t.Helper()
	status, body := w.post(t, "/Calls.json", url.Values{
		"To": {to}, "From": {ours}, "Url": {public + "/out"}, "StatusCallback": {public + "/status"}, "Timeout": {"20"},
		"StatusCallbackEvent": {"initiated", "ringing", "answered", "completed"},
	})
	if status != http.StatusCreated {
		t.Fatalf("the call was answered with %d: %s", status, body)
	}
	all := w.Calls()
	return all[len(all)-1].SID
}
