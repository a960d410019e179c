package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/hooks"
)

// A crmNote is what the CRM keeps of a contact.
type crmNote struct {
	Contact, Subject, Text, Agent, Callback, Call, Kind string
	Tries, Seconds                                      int
	At                                                  time.Time
}

// A crm is a small program that keeps notes. It believes who can sign, and
// keeps what comes twice once.
type crm struct {
	*testing.T
	key []byte

	mu    sync.Mutex
	notes map[string]crmNote // by webhook-id
	asked map[string]int     // how often each came
	fails map[string]bool    // kinds whose first note is kept, and not answered so
}

// ServeHTTP implements [http.Handler].
func (c *crm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	id := r.Header.Get("webhook-id")
	sum := hmac.New(sha256.New, c.key)
	sum.Write([]byte(id + "." + r.Header.Get("webhook-timestamp") + "." + string(body)))
	signed := "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil))
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/api/notes" || r.Header.Get("Authorization") != "Bearer a token of the CRM" || r.Header.Get("webhook-signature") != signed {
		c.Errorf("got %s %s %v %s, %v", r.Method, r.URL, r.Header, body, err)
		w.WriteHeader(http.StatusForbidden)
		return
	}
	var n crmNote
	if err := json.Unmarshal(body, &n); err != nil {
		c.Errorf("%s: %v", body, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[id]++
	if _, there := c.notes[id]; !there {
		c.notes[id] = n
		if c.fails[n.Kind] {
			delete(c.fails, n.Kind)
			w.WriteHeader(http.StatusBadGateway) // it is written, and the answer is lost
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// kept are the subjects of all notes, and how many came more than once.
func (c *crm) kept() (subjects []string, again int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.notes {
		subjects = append(subjects, strings.TrimSpace(n.Subject))
	}
	for _, n := range c.asked {
		again += n - 1
	}
	slices.Sort(subjects)
	return subjects, again
}

// documented is a configuration of webhooks in docs/api.md.
func documented(t *testing.T, kind, was, is string) map[string]hooks.Endpoint {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := blocks(string(src))
	i := slices.IndexFunc(all, func(b block) bool { return b.kind == kind })
	text := strings.ReplaceAll(all[i].text, was, is)
	c, err := loadConfig(written(t, strings.ReplaceAll(text, "/etc/holdless/crm.secret", secretFile(t))))
	if err != nil {
		t.Fatal(err)
	}
	return c.Webhooks
}

// crmSecret is a secret of 32 bytes.
var crmSecret = base64.StdEncoding.EncodeToString([]byte("a secret of two programs, shared"))

func secretFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("whsec_"+crmSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestDocumentedCRM runs the integration of docs/api.md as it stands there: a
// CRM is told over plain HTTP of every contact that is over, and keeps each once.
func TestDocumentedCRM(t *testing.T) {
	t.Setenv("CRM_TOKEN", "a token of the CRM")
	c := &crm{
		T: t, key: []byte("a secret of two programs, shared"), notes: map[string]crmNote{}, asked: map[string]int{},
		fails: map[string]bool{"callback.done": true, "callback.cancelled": true},
	}
	srv := httptest.NewServer(c)
	defer srv.Close()
	told := documented(t, "yaml crm", "http://127.0.0.1:8090", srv.URL)
	st, err := newStage(t.Context(), t.Output(), demoOptions{speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", carrier: "127.0.0.1:0", cue: patience, log: quiet(), edit: func(c *config) { c.Webhooks = told }})
	if err != nil {
		t.Fatal(err)
	}
	err = st.during(t.Context(), func(ctx context.Context) error {
		eventually(t, "listened to the journal", func() bool {
			states, err := st.service.publisher.List(ctx)
			_, first := st.service.publisher.Deliveries(ctx, "crm", hooks.Mark{}, 1)
			return err == nil && first == nil && len(states) == 1 && states[0].Seq > 0
		})
		if err := st.play(ctx, []string{"1", "1", "1"}); err != nil {
			return err
		}
		lost, err := st.service.desk.Book(ctx, callback.Request{Queue: demoQueue, Phone: "+358401234568", Topic: "invoice"})
		if err != nil {
			return err
		}
		if err := st.service.desk.Cancel(ctx, lost.ID, "api:test"); err != nil {
			return err
		}
		if err := st.unreached(ctx, lost); err != nil {
			return err
		}
		c.holds(st, lost.ID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// unreached writes down that somebody was not reached, twice.
func (st *stage) unreached(ctx context.Context, c callback.Callback) error {
	return st.service.store.Update(ctx, func(tx callback.Tx) error {
		e := callback.Entry{At: st.clock.now(), Callback: c.ID, Queue: c.Queue, Phone: c.Phone, Actor: "scheduler", Name: "no_answer"}
		e.Kind = "callback." + string(callback.RetryWait)
		err := tx.Record(e)
		e.Kind = "callback." + string(callback.Failed)
		return errors.Join(err, tx.Record(e))
	})
}

// holds compares the notes of the CRM with what has happened.
func (c *crm) holds(st *stage, cancelled string) {
	c.Helper()
	want := []string{
		"Call ended billing", "Call ended billing", "Callback called off invoice", "Called back billing",
		"Not reached invoice", "Not reached, tried again later invoice", "Survey answered billing", "Texts ended billing",
	}
	var got []string
	var again int
	eventually(c.T, "kept in the CRM, some of it told twice", func() bool {
		got, again = c.kept()
		if len(got) >= len(want) && again < 2 {
			st.clock.jump(st.clock.now().Add(10 * time.Second)) // what was not answered is sent again
		}
		return len(got) >= len(want) && again >= 2
	})
	if !slices.Equal(got, want) {
		c.Errorf("the CRM has %q, want %q", got, want)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for n := range maps.Values(c.notes) {
		switch {
		case n.At.IsZero() || n.Contact != demoCustomer && n.Contact != "+358401234568":
			c.Errorf("a note is %+v", n)
		case n.Kind == "callback.cancelled" && n.Callback != cancelled, n.Kind == "callback.done" && (n.Agent != demoAgent || n.Tries != 1):
			c.Errorf("a note is %+v", n)
		case n.Kind == "survey.score" && !strings.HasPrefix(n.Text, "csat 5"), strings.HasPrefix(n.Kind, "talk.") && n.Call == "":
			c.Errorf("a note is %+v", n)
		}
	}
}
