package hooks_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/store/storetest"
)

// fails has something happen that the program does not take.
func (c *crm) fails() {
	c.t.Helper()
	c.answers(http.StatusInternalServerError)
	c.happens("callback.moved")
	c.step()
}

// TestFailsForDays disables a program that has taken nothing for days: not one that
// has taken something meanwhile, nor at once one that somebody has just enabled.
func TestFailsForDays(t *testing.T) {
	t.Parallel()
	c := open(t, storetest.New(t), nil)
	c.fails()
	c.wait(hooks.FailTime - time.Hour)
	c.answers(http.StatusNoContent)
	c.happens("callback.done")
	c.step()
	c.wait(2 * time.Hour)
	if c.fails(); !c.hook().DisabledAt.IsZero() {
		t.Error("one that took something an hour ago is disabled")
	}
	c.wait(hooks.FailTime)
	if c.fails(); c.hook().DisabledAt.IsZero() {
		t.Error("one that has taken nothing for days is told on")
	}
	if err := c.p.Enable(t.Context(), "crm", "test"); err != nil {
		t.Fatal(err)
	}
	if c.fails(); !c.hook().DisabledAt.IsZero() {
		t.Error("one that was just enabled is disabled by its first failure")
	}
}

// TestLogNamesNoAddress: an address may have a secret in it, and the log is read by
// more people than the configuration.
func TestLogNamesNoAddress(t *testing.T) {
	t.Parallel()
	c := open(t, storetest.New(t), func(e *hooks.Endpoint) { e.URL = "http://127.0.0.1:9/hook?token=hidden" })
	c.fails()
	if d := c.log()[0]; d.Err == "" || strings.Contains(d.Err, "hidden") {
		t.Errorf("the log says %q", d.Err)
	}
}

// TestHalfABody has a template end in its middle, for it names what there is not:
// what was written until then is never sent, also when somebody asks for it.
func TestHalfABody(t *testing.T) {
	t.Parallel()
	c := open(t, storetest.New(t), func(e *hooks.Endpoint) { e.Body = `{"contact": {{.Data.Nothing}}}` })
	c.happens("callback.booked")
	c.step()
	d := c.log()[0]
	if d.DoneAt.IsZero() || !strings.Contains(d.Err, "the template does not fit") {
		t.Errorf("the log has %+v", d)
	}
	if _, err := c.p.Replay(t.Context(), "crm", d.ID, "test"); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("it is sent once more: %v", err)
	}
	if c.step(); len(c.taken()) != 0 {
		t.Error("half a body is sent")
	}
}
