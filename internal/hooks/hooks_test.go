package hooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

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
