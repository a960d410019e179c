package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestRemindOnce reminds nobody of a promise a second time, whatever reminds.
func TestRemindOnce(t *testing.T) {
	t.Parallel()
	// ahead is tomorrow at two, with a reminder two hours before.
	ahead := func(t *testing.T, edit ...func(*callback.Config)) (*world, callback.Callback) {
		t.Helper()
		soon := func(c *callback.Config) { c.Callbacks.Reminder = callback.Span(2 * time.Hour) }
		w := newWorld(t, append([]func(*callback.Config){soon}, edit...)...)
		c, err := w.Book(w.Context(), callback.Request{Queue: "billing", Phone: aino, At: w.now.Add(26 * time.Hour), Actor: "operator"})
		if err != nil {
			t.Fatal(err)
		}
		w.wantTexts("text_booked")
		return w, c
	}
	remind := func(w *world) {
		w.Helper()
		if err := w.Remind(w.Context(), w.now.Add(24*time.Hour)); err != nil {
			w.Fatal(err)
		}
	}
	t.Run("sooner than it would have been", func(t *testing.T) {
		t.Parallel()
		w, c := ahead(t)
		w.at("18:00")
		for range 2 {
			remind(w)
		}
		w.wantTexts("text_reminder Tue 14:00 text_answers")
		w.now = c.At.Add(-time.Minute)
		remind(w)
		w.wantTexts()
	})
	t.Run("where nothing else reminds", func(t *testing.T) {
		t.Parallel()
		w, _ := ahead(t, func(c *callback.Config) { c.Callbacks.Reminder = 0 })
		w.at("18:00")
		for range 2 {
			remind(w)
		}
		w.wantTexts("text_reminder Tue 14:00")
		remind(w)
		w.wantTexts()
	})
	t.Run("not after what was told just now", func(t *testing.T) {
		t.Parallel()
		w, _ := ahead(t)
		w.pass(59 * time.Minute)
		remind(w)
		w.wantTexts()
	})
	t.Run("not before the quiet hours are over", func(t *testing.T) {
		t.Parallel()
		w, _ := ahead(t)
		w.at("20:30")
		remind(w)
		w.wantTexts()
		w.at("09:00")
		w.wantTexts("text_reminder Tue 14:00")
	})
	t.Run("not of what is later, or over", func(t *testing.T) {
		t.Parallel()
		w, c := ahead(t)
		w.pass(time.Hour)
		remind(w) // until an hour before it
		w.wantTexts()
		w.reply(aino, "1", "9")
		w.wantTexts("text_cancelled")
		w.now = c.At.Add(-3 * time.Hour)
		remind(w)
		w.wantTexts()
	})
	slips := func(w *world, c callback.Callback, meanwhile func()) {
		w.Helper()
		c = w.must("anna", callback.DoCancel, c, words("wrong row"))
		w.pass(9 * time.Second)
		meanwhile()
		if _, err := w.Undo(w.Context(), c.ID, "agent:anna"); err != nil {
			w.Fatal(err)
		}
	}
	t.Run("called off after it, and undone", func(t *testing.T) {
		t.Parallel()
		w, c := ahead(t)
		w.at("18:00")
		remind(w)
		w.wantTexts("text_reminder Tue 14:00")
		slips(w, c, func() {})
		w.now = c.At.Add(-time.Minute)
		remind(w)
		w.wantTexts()
	})
	t.Run("called off when it was due, and undone", func(t *testing.T) {
		t.Parallel()
		w, c := ahead(t)
		w.now = c.At.Add(-2*time.Hour - 5*time.Second)
		slips(w, c, func() { w.wantTexts() })
		w.pass(10 * time.Second)
		w.wantTexts("text_reminder Tue 14:00")
	})
	t.Run("moved away and back", func(t *testing.T) {
		t.Parallel()
		w, c := ahead(t)
		for _, at := range []time.Time{c.At.Add(time.Hour), c.At} {
			if _, err := w.Move(t.Context(), c.ID, at, "operator"); err != nil {
				t.Fatal(err)
			}
			w.wantTexts("text_moved")
		}
		w.now = c.At.Add(-2 * time.Hour)
		w.wantTexts("text_reminder Tue 14:00")
		w.now = c.At.Add(-time.Minute)
		w.wantTexts()
	})
	t.Run("back after its time had come elsewhere", func(t *testing.T) {
		t.Parallel()
		w, c := ahead(t, func(c *callback.Config) { c.Callbacks.Reminder = callback.Span(10 * time.Hour) })
		if _, err := w.Move(t.Context(), c.ID, c.At.Add(2*time.Hour), "operator"); err != nil {
			t.Fatal(err)
		}
		w.wantTexts("text_moved")
		w.now = c.At.Add(-4 * time.Hour)
		w.wantTexts("text_reminder Tue 16:00")
		if _, err := w.Move(t.Context(), c.ID, c.At, "operator"); err != nil {
			t.Fatal(err)
		}
		w.wantTexts("text_moved")
		w.pass(2 * time.Hour)
		remind(w)
		w.wantTexts("text_reminder Tue 14:00")
	})
}
