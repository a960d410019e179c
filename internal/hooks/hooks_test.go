package hooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

const secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A crm is a program that is told, and what it answers.
type crm struct {
	t     testing.TB
	p     *hooks.Publisher
	store *store.Store
	mu    sync.Mutex
	now   time.Time
	code  int
	got   []heard
}

// heard is one request.
type heard struct {
	header http.Header
	body   string
}

func (c *crm) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *crm) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *crm) answers(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.code = code
}

// ServeHTTP implements [http.Handler].
func (c *crm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Error(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, heard{r.Header.Clone(), string(body)})
	w.WriteHeader(c.code)
}

// taken returns what was sent, and forgets it.
func (c *crm) taken() []heard {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.got
	c.got = nil
	return got
}

func open(t testing.TB, st *store.Store, edit func(*hooks.Endpoint)) *crm {
	t.Helper()
	c := &crm{t: t, store: st, now: noon, code: http.StatusNoContent}
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	e := hooks.Endpoint{URL: srv.URL + "/hook", Events: []string{"callback.*", "survey.score"}, Private: true}
	if edit != nil {
		edit(&e)
	}
	c.p = &hooks.Publisher{
		Store: st, Endpoints: map[string]hooks.Endpoint{"crm": e}, Secrets: map[string][]string{"crm": {secret}},
		Now: c.time, Log: slog.New(slog.DiscardHandler),
	}
	c.step() // the first look: nothing of the past is told
	return c
}

func (c *crm) step() {
	c.t.Helper()
	for more := true; more; {
		var err error
		if more, err = c.p.Step(context.Background(), "crm"); err != nil {
			c.t.Fatal(err)
		}
	}
}

// happens writes lines of the journal about one callback.
func (c *crm) happens(kinds ...string) {
	c.t.Helper()
	err := c.store.Update(context.Background(), func(tx callback.Tx) error {
		if _, err := tx.Callback("c1"); errors.Is(err, callback.ErrNotFound) {
			err = tx.AddCallback(callback.Callback{
				ID: "c1", Queue: "billing", Phone: "+358401234567", Name: `Aino "the X" <b>`, State: callback.BookedState,
				At: noon, DueAt: noon, Until: noon, CreatedAt: noon, UpdatedAt: noon,
			})
			if err != nil {
				return err
			}
		}
		for _, kind := range kinds {
			if err := tx.Record(callback.Entry{At: noon, Kind: kind, Callback: "c1", Queue: "billing", Phone: "+358401234567", Name: "because"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *crm) hook() hooks.State {
	c.t.Helper()
	all, err := c.p.List(context.Background())
	if err != nil || len(all) != 1 {
		c.t.Fatalf("got %v, %v", all, err)
	}
	return all[0]
}

func (c *crm) log() []hooks.Delivery {
	c.t.Helper()
	all, err := c.p.Deliveries(context.Background(), "crm", hooks.Mark{}, 1000)
	if err != nil {
		c.t.Fatal(err)
	}
	return all
}

// recorded is who did something to a webhook last, and to which, by the journal.
func (c *crm) recorded(kind string) (by string) {
	c.t.Helper()
	err := c.store.View(context.Background(), func(tx callback.Tx) error {
		all, err := tx.Entries(0, 10_000)
		for _, e := range all {
			if e.Kind == kind {
				by = e.Actor + " " + e.Name
			}
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return by
}

func TestTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		before := &crm{t: t, store: st}
		before.happens("callback.booked", "callback.moved") // nobody is told of the past
		c := open(t, st, nil)
		c.happens("callback.booked", "talk.note", "callback.done")
		c.step()
		c.step()
		got := c.taken()
		var kinds []string
		for _, h := range got {
			var p hooks.Payload
			if err := json.Unmarshal([]byte(h.body), &p); err != nil {
				t.Fatal(err)
			}
			if p.Data.Callback == nil || p.Data.Callback.ID != "c1" || !p.Timestamp.Equal(noon) {
				t.Errorf("got %s", h.body)
			}
			kinds = append(kinds, p.Type)
		}
		slices.Sort(kinds)
		if !slices.Equal(kinds, []string{"callback.booked", "callback.done"}) {
			t.Errorf("told %v", kinds)
		}
		if log := c.log(); len(log) != 2 || log[0].Status != 204 || log[0].DoneAt.IsZero() || log[0].Kind != "callback.done" {
			t.Errorf("the log has %+v", log)
		}
	})
}

// TestSignature has Standard Webhooks' own library judge what is sent, and what
// was changed on its way.
func TestSignature(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	dir := os.Getenv("HOLDLESS_TEST_NODE")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(cache, "holdless", "node")
	}
	module := filepath.Join(dir, "node_modules", "standardwebhooks")
	if _, err := os.Stat(module); err != nil {
		t.Skip("needs npm standardwebhooks: make test-tools")
	}
	c := open(t, storetest.New(t), nil)
	c.p.Secrets["crm"] = []string{"whsec_" + strings.Repeat("QUJD", 8), secret} // a new one, and the one that the program has
	c.mu.Lock()
	c.now = time.Now() // the library refuses what is old
	c.mu.Unlock()
	c.happens("callback.booked")
	c.step()
	got := c.taken()
	if len(got) != 1 {
		t.Fatalf("%d were sent", len(got))
	}
	judged := func(body, header string) bool {
		h := map[string]string{}
		for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
			h[name] = got[0].header.Get(name)
		}
		if header != "" {
			h[header] += "0"
		}
		in, err := json.Marshal(map[string]any{"body": body, "headers": h, "secret": secret})
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), node, "-e", `
			const { Webhook } = require(process.argv[1]);
			const { body, headers, secret } = JSON.parse(require("fs").readFileSync(0));
			new Webhook(secret).verify(body, headers);`, module)
		cmd.Stdin = strings.NewReader(string(in))
		return cmd.Run() == nil
	}
	if !judged(got[0].body, "") {
		t.Error("the library does not take our signature")
	}
	if judged(got[0].body+" ", "") || judged(got[0].body, "webhook-id") || judged(got[0].body, "webhook-timestamp") {
		t.Error("the library takes anything")
	}
}

// TestRetries lets a program fail for days: each try has the same id, comes
// later than the one before, and in the end it is told nothing more until
// somebody says so.
func TestRetries(t *testing.T) {
	t.Parallel()
	c := open(t, storetest.New(t), nil)
	c.answers(http.StatusInternalServerError)
	c.happens("callback.booked")
	var dues []time.Time
	var waited time.Duration
	ids := map[string]int{}
	for looks := 0; looks < 200 && c.hook().DisabledAt.IsZero(); looks++ {
		c.step()
		for _, h := range c.taken() {
			ids[h.header.Get("webhook-id")]++
		}
		log := c.log()
		if first := log[len(log)-1]; len(dues) == 0 || first.DueAt.After(dues[len(dues)-1]) {
			dues = append(dues, first.DueAt)
			if wait := first.DueAt.Sub(c.time()); wait <= waited {
				t.Errorf("after try %d it waits %s, and before that it waited %s", len(dues), wait, waited)
			} else {
				waited = wait
			}
		}
		c.wait(time.Hour)
		c.happens("callback.moved") // others fail too
	}
	if c.hook().DisabledAt.IsZero() || c.hook().DisabledAt.Sub(noon) < hooks.FailTime {
		t.Fatalf("got %+v", c.hook())
	}
	if by := c.recorded("webhook.disabled"); by != "webhooks crm" {
		t.Errorf("disabled by %q", by)
	}
	log := c.log()
	if first := log[len(log)-1]; ids[first.ID] != 10 || len(dues) != 9 || first.DoneAt.IsZero() || first.Err == "" {
		t.Errorf("tried %d times at %v: %+v", ids[first.ID], dues, first)
	}
	c.answers(http.StatusOK)
	c.wait(48 * time.Hour)
	c.step()
	if got := c.taken(); len(got) != 0 {
		t.Errorf("%d were sent to one that is disabled", len(got))
	}
	waiting := 0
	for _, d := range c.log() {
		if d.DoneAt.IsZero() {
			waiting++
		}
	}
	if err := c.p.Enable(t.Context(), "crm", "test"); err != nil {
		t.Fatal(err)
	}
	c.step()
	if got := c.taken(); len(got) < waiting || waiting == 0 {
		t.Errorf("%d of %d that waited were sent", len(got), waiting)
	}
	if by := c.recorded("webhook.enabled"); by != "test crm" {
		t.Errorf("enabled by %q", by)
	}
	if !c.hook().FailingSince.IsZero() {
		t.Errorf("got %+v", c.hook())
	}
}

func TestReplayAndGone(t *testing.T) {
	t.Parallel()
	c := open(t, storetest.New(t), nil)
	c.happens("callback.booked")
	c.step()
	first := c.taken()
	d, err := c.p.Replay(t.Context(), "crm", c.log()[0].ID, "test")
	if err != nil || d.Tries != 0 {
		t.Fatalf("got %+v, %v", d, err)
	}
	if by := c.recorded("webhook.replayed"); by != "test crm" {
		t.Errorf("sent once more by %q", by)
	}
	c.step()
	again := c.taken()
	if len(again) != 1 || again[0].body != first[0].body || again[0].header.Get("webhook-id") != first[0].header.Get("webhook-id") {
		t.Errorf("got %+v", again)
	}
	if _, err := c.p.Replay(t.Context(), "crm", "msg_none", "test"); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	c.p.Endpoints["other"] = c.p.Endpoints["crm"]
	if _, err := c.p.Replay(t.Context(), "other", d.ID, "test"); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("what was for one is sent to another: %v", err)
	}
	delete(c.p.Endpoints, "other")
	c.answers(http.StatusGone) // it wants no more
	c.happens("callback.done")
	c.step()
	if c.hook().DisabledAt.IsZero() {
		t.Error("one that is gone is told on")
	}
}

// TestInside sends to nothing of the inner network, by whatever name, and
// follows nobody there.
func TestInside(t *testing.T) {
	t.Parallel()
	for addr, public := range map[string]bool{
		"127.0.0.1:80": false, "[::1]:80": false, "10.0.0.1:80": false, "192.168.1.1:80": false, "172.16.0.1:80": false,
		"169.254.169.254:80": false, "[fe80::1]:80": false, "[fc00::1]:80": false, "0.0.0.0:80": false, "[::]:80": false,
		"100.64.0.1:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false, "[::ffff:127.0.0.1]:80": false, "[::ffff:100.64.0.1]:80": false,
		"[64:ff9b::7f00:1]:80": false, "[2002:7f00:1::]:80": false, "name:80": false,
		"0.1.2.3:80": false, "192.0.0.8:80": false, "192.0.2.1:80": false, "198.18.0.1:80": false, "198.51.100.1:80": false, "203.0.113.1:80": false,
		"240.0.0.1:80": false, "[64:ff9b:1::1]:80": false, "[100::1]:80": false, "[2001::1]:80": false, "[2001:db8::1]:80": false, "[fec0::1]:80": false,
		"93.184.216.34:443": true, "[2606:2800:220:1::1]:443": true,
	} {
		if err := hooks.PublicOnly(addr); (err == nil) != public {
			t.Errorf("%s: %v", addr, err)
		}
	}
	c := open(t, storetest.New(t), func(e *hooks.Endpoint) { e.Private = false })
	c.happens("callback.booked")
	c.step()
	if log := c.log(); len(c.taken()) != 0 || len(log) != 1 || log[0].Err != hooks.ErrInner.Error() {
		t.Errorf("the log has %+v", log)
	}
	away := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer away.Close()
	to := httptest.NewServer(http.RedirectHandler(away.URL, http.StatusTemporaryRedirect))
	defer to.Close()
	c = open(t, storetest.New(t), func(e *hooks.Endpoint) { e.URL = to.URL })
	c.happens("callback.booked")
	c.step()
	if log := c.log(); log[0].Status != http.StatusTemporaryRedirect || !log[0].DoneAt.IsZero() {
		t.Errorf("the log has %+v", log)
	}
}

// TestTemplate writes what a program wishes to read, whatever stands in it.
func TestTemplate(t *testing.T) {
	t.Parallel()
	c := open(t, storetest.New(t), func(e *hooks.Endpoint) {
		e.Headers = map[string]string{"Authorization": "Bearer x"}
		e.Body = `{"contact": {{json .Data.Phone}}, "name": {{json .Data.Callback.Name}}, "kind": {{json .Type}}}`
	})
	c.happens("callback.done")
	c.step()
	got := c.taken()
	var body struct{ Contact, Name, Kind string }
	if len(got) != 1 || json.Unmarshal([]byte(got[0].body), &body) != nil || body.Name != `Aino "the X" <b>` || got[0].header.Get("Authorization") != "Bearer x" {
		t.Errorf("got %+v", got)
	}
}

// TestNothingToSay tells of a call that is over what it was, and nothing where the
// template has nothing to say.
func TestNothingToSay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		c := open(t, st, func(e *hooks.Endpoint) {
			e.Events = []string{"talk.*"}
			e.Body = `{{if ne .Data.Line "text"}} {"line": {{json .Data.Line}}, "agent": {{json .Data.Agent}}, "menu": {{json .Data.Menu}}, "seconds": {{.Data.Seconds}}} {{end}}`
		})
		err := st.Update(t.Context(), func(tx callback.Tx) error {
			var all []error
			for _, line := range []string{"text", "sip"} {
				all = append(all, tx.PutTalk(callback.Talk{ID: line, Line: line, Menu: "main", Agent: "anna", BeganAt: noon, EndedAt: noon.Add(72 * time.Second)}),
					tx.Record(callback.Entry{At: noon, Kind: "talk.gone", Talk: line}))
			}
			return errors.Join(append(all, tx.Record(callback.Entry{At: noon, Kind: "talk.ended", Talk: "erased"}))...)
		})
		if err != nil {
			t.Fatal(err)
		}
		c.step()
		var bodies []string
		for _, h := range c.taken() {
			bodies = append(bodies, strings.TrimSpace(h.body))
		}
		slices.Sort(bodies)
		want := []string{`{"line": "", "agent": "", "menu": "", "seconds": 0}`, `{"line": "sip", "agent": "anna", "menu": "main", "seconds": 72}`}
		if !slices.Equal(bodies, want) || len(c.log()) != len(want) {
			t.Errorf("told %q, and the log has %d", bodies, len(c.log()))
		}
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := hooks.Endpoint{URL: "https://crm.example.com/", SecretFile: "x", Events: []string{"*"}}
	if wrong := good.Check(); len(wrong) != 0 {
		t.Errorf("got %v", wrong)
	}
	for key, edit := range map[string]func(*hooks.Endpoint){
		"url":         func(e *hooks.Endpoint) { e.URL = "http://crm.example.com/" },
		"secret_file": func(e *hooks.Endpoint) { e.SecretFile = "" },
		"events":      func(e *hooks.Endpoint) { e.Events = nil },
		"body":        func(e *hooks.Endpoint) { e.Body = "{{" },
	} {
		e := good
		edit(&e)
		if wrong := e.Check(); wrong[key] == "" || len(wrong) != 1 {
			t.Errorf("%s: got %v", key, wrong)
		}
	}
	for _, at := range []string{"https://sam:secret@crm.example.com/", "ftp://crm.example.com/", "crm.example.com"} {
		e := good
		e.URL = at
		if wrong := e.Check(); wrong["url"] == "" || strings.Contains(wrong["url"], "secret") {
			t.Errorf("%s: got %v", at, wrong)
		}
	}
}

// TestRun tells what happens while it runs, and ends when it shall.
func TestRun(t *testing.T) {
	t.Parallel()
	c := open(t, storetest.New(t), nil)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.p.Run(ctx) }()
	c.happens("callback.booked")
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(5 * time.Minute); len(c.taken()) == 0; {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("nothing was told")
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
