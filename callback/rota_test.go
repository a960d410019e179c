package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// New hours, seats and notices hold from the next turn on, and are written
// down with who made them; a configuration that is wrong changes nothing.
func TestRetime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := w.Queues["billing"]
	evening := time.Date(2026, 6, 1, 18, 0, 0, 0, helsinki(t))
	if q.Open(evening) || q.HasTime(w.now, evening) {
		t.Fatal("open in the evening")
	}
	c := config()
	billing := c.Queues["billing"]
	billing.Hours = map[string]string{"mon-fri": "09:00-20:00"}
	billing.Exceptions = map[string]string{"2026-06-02": "closed"}
	billing.Capacity, billing.Notice = 1, map[string]string{"en": "Fire."}
	c.Queues["billing"] = billing
	if err := w.Retime(t.Context(), c, "browser:anna"); err != nil {
		t.Fatal(err)
	}
	if !q.Open(evening) || !q.HasTime(w.now, evening) {
		t.Error("not open in the evening")
	}
	if tuesday := time.Date(2026, 6, 2, 10, 0, 0, 0, helsinki(t)); q.Open(tuesday) || q.HasTime(w.now, tuesday) {
		t.Error("open on the day that is closed")
	}
	book := func(phone callback.Phone) error {
		_, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: phone, At: evening})
		return err
	}
	if err := book(aino); err != nil {
		t.Fatal(err)
	}
	if err := book(eero); err == nil {
		t.Error("two callbacks on one seat")
	}
	if err := w.Retime(t.Context(), c, "browser:bo"); err != nil {
		t.Fatal(err)
	}
	billing.Hours = map[string]string{"mon-fri": "nine"}
	c.Queues = map[string]callback.QueueConfig{"billing": billing}
	if err := w.Retime(t.Context(), c, "browser:bo"); err == nil || !q.Open(evening) {
		t.Errorf("hours that are none: %v", err)
	}
	var got []string
	err := w.Store.View(t.Context(), func(tx callback.Tx) error {
		all, err := tx.MenuEntries(10)
		for _, e := range all {
			got = append(got, e.Kind+" "+e.Name+" "+e.Value+" "+e.Actor)
		}
		return err
	})
	want := []string{
		"menu.notice billing en Fire. browser:anna",
		"menu.hours billing mon-fri 09:00-20:00; 2026-06-02 closed browser:anna",
		"menu.capacity billing 1 browser:anna",
	}
	if err != nil || len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("the journal has %q, %v", got, err)
	}
}
