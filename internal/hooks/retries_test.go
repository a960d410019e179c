package hooks_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/store/storetest"
)

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
