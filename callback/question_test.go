package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// asks books, lets the confirmation leave, and returns the callback.
func (w *world) asks() callback.Callback {
	w.Helper()
	c := w.books(aino)
	w.wantTexts("text_booked Mon 12:15 text_answers")
	return c
}

func TestPromiseByText(t *testing.T) {
	t.Parallel()
	t.Run("kept", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.asks()
		w.reply(aino, "1", "1")
		w.wantTexts("text_kept Mon 12:15")
		w.state(c.ID, callback.BookedState)
	})
	t.Run("moved", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.asks()
		w.reply(aino, "1", "2")
		w.wantTexts("text_which text_slot Mon 12:30 text_slot Mon 13:30 text_slot Mon 14:30")
		w.reply(aino, "2", "two please")
		w.wantTexts("text_moved Mon 13:30 text_answers")
		if got := w.state(c.ID, callback.BookedState); got.At.In(helsinki(t)).Format("15:04") != "13:30" {
			t.Errorf("promised %s", got.At)
		}
	})
	t.Run("moved, after a while", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.asks()
		w.reply(aino, "1", "2")
		w.texts()
		w.pass(29 * time.Minute) // a time that was offered may be chosen until it comes
		w.reply(aino, "2", "1")
		w.wantTexts("text_moved Mon 12:30 text_answers")
		w.state(c.ID, callback.BookedState)
	})
	t.Run("moved, too late", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.asks()
		w.reply(aino, "1", "2")
		w.texts()
		w.pass(30 * time.Minute)
		w.reply(aino, "2", "1")
		w.wantTexts("taken text_which text_slot Mon 12:45 text_slot Mon 13:45 text_slot Mon 14:45")
	})
	t.Run("called off", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.asks()
		w.reply(aino, "1", " 9.")
		w.wantTexts("text_cancelled")
		w.state(c.ID, callback.CancelledState)
	})
	t.Run("somebody was quicker", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.asks()
		w.reply(aino, "1", "2")
		w.texts()
		for _, p := range []callback.Phone{eero, "+358401111111"} {
			r := callback.Request{Queue: "billing", Phone: p, At: c.At.Add(15 * time.Minute), Actor: "operator"}
			if _, err := w.Book(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		w.texts()
		w.reply(aino, "2", "1")
		w.wantTexts("taken text_which text_slot Mon 12:45")
		w.state(c.ID, callback.BookedState)
	})
	t.Run("unclear, once", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.asks()
		if !w.reply(aino, "1", "maybe 1 or 2") {
			t.Error("not answered")
		}
		w.wantTexts("unclear text_answers")
		if w.reply(aino, "2", "huh") {
			t.Error("answered twice")
		}
		w.wantTexts()
		if n := w.journalled("text.unexpected", ""); n != 2 {
			t.Errorf("a person sees %d of 2", n)
		}
	})
	t.Run("no words of carriers", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.asks()
		w.reply(aino, "1", "CANCEL")
		w.wantTexts()
		w.state(c.ID, callback.BookedState) // no texts is not no call
	})
	t.Run("while it rings", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.asks()
		w.now = c.At
		w.dials(w.ring())
		if w.reply(aino, "1", "9") {
			t.Error("called off what rings")
		}
		w.state(c.ID, callback.CustomerDialing)
	})
}

// Whoever was not reached has another call at two digits.
func TestCallAgainByText(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.Attempts = 1 })
	first := w.asks()
	w.now = first.At
	agent, _ := w.dials(w.ring())
	agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}).event(ivr.Event{Kind: ivr.Gone})
	w.wantTexts("text_unreached Mon 12:25 text_again")
	w.reply(aino, "1", "1")
	w.wantTexts("text_which text_slot Mon 12:30")
	w.reply(aino, "2", "3")
	w.wantTexts("text_booked Mon 14:30")
	again := w.open(aino)
	if again.ID == first.ID || again.Topic != first.Topic {
		t.Errorf("booked %+v", again)
	}
}

func TestReminder(t *testing.T) {
	t.Parallel()
	remind := func(c *callback.Config) { c.Callbacks.Reminder = callback.Span(2 * time.Hour) }
	book := func(w *world) callback.Callback {
		w.Helper()
		at := w.now.Add(26 * time.Hour)
		c, err := w.Book(w.Context(), callback.Request{Queue: "billing", Phone: aino, At: at, Actor: "operator"})
		if err != nil {
			w.Fatal(err)
		}
		w.wantTexts("text_booked")
		return c
	}
	t.Run("in time", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, remind)
		c := book(w)
		w.now = c.At.Add(-2*time.Hour - time.Second)
		w.wantTexts()
		w.pass(time.Second)
		w.wantTexts("text_reminder Tue 14:00 text_answers")
		w.reply(aino, "1", "9")
		w.wantTexts("text_cancelled")
	})
	t.Run("not of what is no more", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, remind)
		c := book(w)
		w.reply(aino, "1", "9")
		w.wantTexts("text_cancelled")
		w.now = c.At.Add(-time.Hour)
		w.wantTexts()
	})
	t.Run("of the new time only", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, remind)
		c := book(w)
		if _, err := w.Move(t.Context(), c.ID, c.At.Add(2*time.Hour), "operator"); err != nil {
			t.Fatal(err)
		}
		w.wantTexts("text_moved")
		w.now = c.At.Add(-time.Second)
		w.wantTexts()
		w.now = c.At
		w.wantTexts("text_reminder Tue 16:00")
	})
	t.Run("not of what is near", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, remind)
		w.books(aino)
		w.texts()
		w.pass(time.Minute)
		w.wantTexts()
	})
}

func TestHelp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Text = func(_ string, p ivr.Prompt) string { return p.Name + " " + p.Digits }
	for id, body := range map[string]string{"1": "HELP", "2": "apua"} {
		if !w.reply(aino, id, body) {
			t.Error("not understood")
		}
	}
	w.wantTexts("text_help " + string(service)) // once a day
	w.pass(24 * time.Hour)
	w.reply(aino, "3", "info")
	w.wantTexts("text_help")
}

func TestStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reply(aino, "1", "Please stop texting me")
	if w.journalled("task", "wants no texts") != 1 {
		t.Error("nobody reads it")
	}
	w.books(aino)
	w.wantTexts()
	w.reply(aino, "2", "START")
	w.calls(aino).presses("3").hears("cancelled")
	w.wantTexts("text_cancelled")
}

// One person gets so many texts in a day, whoever asks for them.
func TestTooManyTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.Texts, c.Callbacks.Bookings = 2, 100 })
	sent := 0
	for range 4 {
		w.calls(aino).presses("1", "1", "1")
		sent += len(w.texts())
		w.calls(aino).presses("3").hears("cancelled")
		sent += len(w.texts())
	}
	if sent != 2 {
		t.Errorf("%d texts left, want 2", sent)
	}
}
