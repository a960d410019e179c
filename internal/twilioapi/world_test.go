package twilioapi_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/internal/twiliosim"
)

const (
	public   = "https://calls.example.org"
	ours     = "+358931542000"
	customer = "+358401111111"
	token    = "3f1c2a9d7e5b4860"
)

// app is the application: it tells the client what status callbacks say, if
// there is somebody to tell, and has every call wait in a conference or queue.
type app struct {
	mu     sync.Mutex
	client *twilioapi.Client
	told   []string
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	tok, isStatus := strings.CutPrefix(r.URL.Path, "/s/")
	w.Header().Set("Content-Type", "text/xml")
	if r.URL.Path == "/wait" {
		w.Write([]byte(`<Response><Play>https://calls.example.org/music.wav</Play></Response>`))
		return
	}
	if r.URL.Path == "/queue" {
		w.Write([]byte(`<Response><Enqueue>q</Enqueue></Response>`))
		return
	}
	if !isStatus {
		w.Write([]byte(`<Response><Dial><Conference>room</Conference></Dial></Response>`))
		return
	}
	status := r.PostForm.Get("CallStatus") + r.PostForm.Get("MessageStatus")
	a.mu.Lock()
	a.told = append(a.told, status)
	client := a.client
	a.mu.Unlock()
	if sid := r.PostForm.Get("CallSid"); client != nil && sid != "" {
		client.Heard(twilioapi.News{Token: tok, SID: sid, Status: twilioapi.Status(status)})
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *app) statuses() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.told...)
}

// world is a client, Twilio and the application.
type world struct {
	*twilioapi.Client
	sim *twiliosim.Sim
	app *app
}

func newWorld(t *testing.T, sim twiliosim.Config, tweak func(*twilioapi.Config)) *world {
	t.Helper()
	w := &world{app: &app{}}
	sim.Public, sim.App = public, twiliosim.Into(w.app)
	var err error
	if w.sim, err = twiliosim.New(sim); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.sim.Close)
	w.Client = newClient(t, w.sim, tweak)
	w.app.client = w.Client
	return w
}

func newClient(t *testing.T, s *twiliosim.Sim, tweak func(*twilioapi.Config)) *twilioapi.Client {
	t.Helper()
	c := twilioapi.Defaults()
	c.Account, c.Key, c.Secret, c.HTTP = s.Account, s.Key, s.Secret, s.Transport()
	c.PerSecond = 1000
	if tweak != nil {
		tweak(&c)
	}
	client, err := twilioapi.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (w *world) clean(t *testing.T) {
	t.Helper()
	for _, p := range w.sim.Problems() {
		t.Error(p)
	}
}

// order is a call with all that a call can have.
func order() twilioapi.NewCall {
	return twilioapi.NewCall{
		Token: token, From: ours, To: customer,
		URL: public + "/v/" + token, FallbackURL: public + "/fallback", StatusURL: public + "/s/" + token,
		Reason: "The callback that you asked for", Ring: 25 * time.Second, Limit: time.Hour,
		DetectURL: public + "/detect",
	}
}

func text() twilioapi.NewMessage {
	return twilioapi.NewMessage{
		Token: token, To: customer, Service: "MG" + strings.Repeat("c", 32), Body: "We call you at 15:10.",
		StatusURL: public + "/s/" + token, Valid: 4 * time.Hour,
	}
}

// created counts what Twilio was asked to create.
func created(s *twiliosim.Sim) (n int) {
	for _, r := range s.Requests() {
		if strings.HasPrefix(r.Method, "Create") {
			n++
		}
	}
	return n
}

// mutant changes requests on their way.
type mutant struct {
	next   http.RoundTripper
	change func(path string, f url.Values) string
}

func (m mutant) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.ParseForm()
	req.URL.Path = m.change(req.URL.Path, req.PostForm)
	body := req.PostForm.Encode()
	again, err := http.NewRequestWithContext(context.WithoutCancel(req.Context()), req.Method, req.URL.String(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	again.Header = req.Header
	return m.next.RoundTrip(again)
}
