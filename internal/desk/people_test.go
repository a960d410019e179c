package desk

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// Who wants no more texts says so beside every promise: the desks that have one of
// his open hear of it at once, and of nobody else's.
func TestNoMoreTextsIsNews(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	his := w.add(noon.Add(time.Hour))
	w.add(noon.Add(time.Hour), func(c *callback.Callback) { c.Phone = "+358409999999" })
	l := w.listen(w.open(), "anna", "0", 16)
	l.hears(t, "time")
	for _, body := range []string{"ei enää, kiitos", "START"} {
		if _, err := w.Desk.Reply(t.Context(), callback.InText{Line: "log", ID: body, From: his.Phone, Body: body}); err != nil {
			t.Fatal(err)
		}
		if got := l.hears(t, "row"); !strings.Contains(got, "r-"+his.ID) {
			t.Errorf("%s: heard %s", body, got)
		}
	}
}

// A text that did not leave is not shown as one that the customer has read, and
// a promise that was put off tells until when.
func TestLateAndUntold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(10*time.Minute), func(c *callback.Callback) {
		c.Until = noon.Add(40 * time.Minute).Add(w.Desk.Policy.Window.Duration())
	})
	w.write(func(tx callback.Tx) error {
		return tx.AddMessage(callback.Message{
			ID: "m", Kind: "text", To: string(c.Phone), Body: "abc", DoneAt: noon, Status: string(callback.Undelivered), Err: "the person wants no texts",
		})
	})
	page := w.ask(anna, "/desk/"+c.ID, nil).Body.String()
	for _, want := range []string{`class="low">not sent: the person wants no texts<`, "put off to 12:40"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
	if strings.Contains(page, "to the customer") {
		t.Error("what did not leave is shown as sent")
	}
}
