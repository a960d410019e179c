package callback_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// speaks lets a promise be kept at a time of day.
func (w *world) speaks(from callback.Phone) callback.Callback {
	w.Helper()
	c := w.books(from)
	w.texts()
	w.now = c.At
	agent, dial := w.dials(w.ring())
	w.party(dial.Talk).presses("1")
	agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
	return c
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	t.Run("not before its time, and once", func(t *testing.T) {
		w := newWorld(t)
		w.speaks(aino)
		if w.reply(aino, "early", "5") {
			t.Error("an answer before the question")
		}
		w.pass(2*time.Minute + 59*time.Second)
		w.wantTexts()
		w.pass(time.Second)
		w.wantTexts("csat")
		w.wantTexts()
	})
	t.Run("words, and a comment", func(t *testing.T) {
		w := newWorld(t)
		w.speaks(aino)
		w.pass(3 * time.Minute)
		w.texts()
		if !w.reply(aino, "1", "banana") {
			t.Error("not expected")
		}
		w.wantTexts("unclear")
		if !w.reply(aino, "2", "2, nobody listened") {
			t.Error("not expected")
		}
		if w.journalled("survey.score", "csat") != 1 || w.journalled("survey.comment", "csat_comment") != 2 ||
			w.journalled("task", "unhappy customer") != 1 {
			t.Error("the answer is not in the journal")
		}
		w.wantTexts("text_sorry")
		if !w.reply(aino, "3", "bye") || w.journalled("survey.comment", "") != 3 {
			t.Error("the last word was lost")
		}
	})
	t.Run("no more questions", func(t *testing.T) {
		w := newWorld(t)
		w.speaks(aino)
		w.pass(3 * time.Minute)
		w.texts()
		w.reply(aino, "1", "0")
		w.wantTexts("texts_stop")
		w.pass(30 * 24 * time.Hour)
		w.speaks(aino)
		w.pass(3 * time.Minute)
		w.wantTexts()
	})
	t.Run("not every week", func(t *testing.T) {
		w := newWorld(t)
		w.speaks(aino)
		w.pass(3 * time.Minute)
		w.wantTexts("csat")
		w.pass(6 * 24 * time.Hour)
		w.at("12:00")
		w.pass(2 * 24 * time.Hour)
		w.speaks(aino)
		w.pass(3 * time.Minute)
		w.wantTexts("csat")
		w.pass(24 * time.Hour)
		w.speaks(aino)
		w.pass(3 * time.Minute)
		w.wantTexts()
	})
	t.Run("late in the evening", func(t *testing.T) {
		w := newWorld(t, func(c *callback.Config) {
			c.Queues["billing"] = callback.QueueConfig{
				Agents: []string{"anna"}, Hours: map[string]string{"mon-sun": "00:00-24:00"}, Dialing: callback.AgentFirst,
			}
		})
		w.at("20:30")
		w.speaks(aino)
		w.pass(3 * time.Minute)
		w.wantTexts()
		w.at("08:59")
		w.wantTexts()
		w.at("09:00")
		w.wantTexts("csat")
	})
	t.Run("only who agreed", func(t *testing.T) {
		w := newWorld(t, func(c *callback.Config) { c.Survey.Consent = "given" })
		w.speaks(aino)
		w.pass(3 * time.Minute)
		w.wantTexts()
	})
	t.Run("off", func(t *testing.T) {
		w := newWorld(t, func(c *callback.Config) { c.Survey.Kind = "off" })
		w.speaks(aino)
		w.pass(3 * time.Minute)
		w.wantTexts()
	})
	t.Run("an answer after days", func(t *testing.T) {
		w := newWorld(t)
		w.speaks(aino)
		w.pass(3 * time.Minute)
		w.texts()
		w.pass(4 * 24 * time.Hour)
		if w.reply(aino, "1", "5") {
			t.Error("it came too late")
		}
	})
}

// Whoever writes stop gets no text any more, whatever happens.
func TestStop(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"STOP", "stop.", " Lopeta ", "konec", "ΣΤΟΠ", "στοπ", "oprește", "Diwedd"} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.books(aino)
			if !w.reply(aino, "1", word) {
				t.Error("not understood")
			}
			w.wantTexts() // the confirmation was due
			w.calls(aino).presses("3")
			w.pass(365 * 24 * time.Hour)
			w.wantTexts()
			if n := w.journalled("text.stopped", ""); n != 1 {
				t.Errorf("%d lines in the journal", n)
			}
		})
	}
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	claim := func(w *world) callback.Message {
		w.Helper()
		due, err := w.ClaimMessages(w.Context(), 10)
		if err != nil || len(due) != 1 {
			w.Fatalf("claimed %v, %v", due, err)
		}
		return due[0]
	}
	t.Run("again, less and less often", func(t *testing.T) {
		w := newWorld(t)
		w.books(aino)
		var waits []time.Duration
		for range 4 {
			m := claim(w)
			if m.Lease.Sub(w.now) > 90*time.Second {
				t.Errorf("leased for %s", m.Lease.Sub(w.now))
			}
			if err := w.Delivered(t.Context(), m, callback.Postponed, errors.New("busy")); err != nil {
				t.Fatal(err)
			}
			at, err := w.NextDue(t.Context(), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			waits = append(waits, at.Sub(w.now))
			w.now = at
		}
		if waits[0] != 10*time.Second || waits[1] != 20*time.Second || waits[3] != 80*time.Second {
			t.Errorf("waits %v", waits)
		}
	})
	t.Run("a lease that lapsed", func(t *testing.T) {
		w := newWorld(t)
		w.books(aino)
		first := claim(w)
		w.wantTexts()
		w.pass(61 * time.Second)
		w.wantTexts() // a receipt may come
		w.pass(time.Minute)
		second := claim(w)
		if err := w.Delivered(t.Context(), first, callback.Undelivered, nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Delivered(t.Context(), second, callback.Delivered, nil); err != nil {
			t.Fatal(err)
		}
		if n := w.journalled("message.sent", "text_booked"); n != 1 {
			t.Errorf("%d were sent", n)
		}
		if n := w.journalled("message.failed", ""); n != 0 {
			t.Error("the late word counted")
		}
	})
	t.Run("a lease that lapsed, and it had left", func(t *testing.T) {
		w := newWorld(t)
		w.books(aino)
		first := claim(w)
		w.pass(61 * time.Second)
		w.wantTexts()
		if err := w.Delivered(t.Context(), first, callback.Delivered, nil); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Hour)
		w.wantTexts()
		if n := w.journalled("message.sent", "text_booked"); n != 1 {
			t.Errorf("%d were sent", n)
		}
	})
	t.Run("whoever sends it dies", func(t *testing.T) {
		w := newWorld(t)
		w.tomorrow()
		n := 0
		for range 60 {
			due, err := w.ClaimMessages(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			n += len(due)
			w.pass(time.Minute)
		}
		if n != 3 || w.journalled("message.unknown", "text_booked") != 1 {
			t.Errorf("it was sent %d times", n)
		}
	})
	t.Run("a survey is sent once", func(t *testing.T) {
		w := newWorld(t)
		w.speaks(aino)
		w.pass(3 * time.Minute)
		claim(w)
		w.pass(2 * time.Minute) // whoever had it died
		w.wantTexts()
		w.view(func(tx callback.Tx) error {
			all, err := tx.MessagesTo(string(aino), 1)
			if len(all) != 1 || all[0].Status != "unknown" {
				t.Errorf("stored %+v", all)
			}
			return err
		})
	})
	t.Run("too late", func(t *testing.T) {
		w := newWorld(t)
		c := w.books(aino)
		w.now = c.At
		w.wantTexts()
	})
	t.Run("for good", func(t *testing.T) {
		w := newWorld(t)
		w.books(aino)
		if err := w.Delivered(t.Context(), claim(w), callback.Undelivered, errors.New("no such number")); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Minute)
		w.wantTexts()
	})
}

// The scheduler is told when something became due, and only then.
func TestWake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	woken := func() bool {
		select {
		case <-w.Wake():
			return true
		default:
			return false
		}
	}
	p := w.calls(aino).presses("1")
	if woken() {
		t.Error("woken by a menu")
	}
	p.presses("1", "1").hears("booked")
	if !woken() {
		t.Error("not woken by a promise")
	}
	caller := w.calls(eero).presses("0")
	woken()
	caller.event(ivr.Event{Kind: ivr.Gone})
	if !woken() {
		t.Error("not woken by an agent who became free")
	}
}
