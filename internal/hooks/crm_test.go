package hooks_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/store"
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
