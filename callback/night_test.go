package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// allDay is a service that never closes.
func allDay(c *callback.Config) {
	c.Queues["billing"] = callback.QueueConfig{
		Agents: []string{"anna"}, Hours: map[string]string{"mon-sun": "00:00-24:00"}, Dialing: callback.AgentFirst,
	}
}

// leaving claims the one text that is due.
func (w *world) leaving(words string) callback.Message {
	w.Helper()
	due, err := w.ClaimMessages(w.Context(), 10)
	if err != nil || len(due) != 1 || due[0].Body[:min(len(words), len(due[0].Body))] != words {
		w.Fatalf("claimed %+v, %v, want %q", due, err, words)
	}
	return due[0]
}

// bookedAhead books a callback for noon of the next day.
func (w *world) bookedAhead() {
	w.Helper()
	y, m, d := w.now.In(helsinki(w.T)).Date()
	noon := time.Date(y, m, d+1, 12, 0, 0, 0, helsinki(w.T))
	_, err := w.Book(w.Context(), callback.Request{Queue: "billing", Phone: aino, At: noon, Actor: "operator"})
	if err != nil {
		w.Fatal(err)
	}
}

// No carrier delivers a text of the evening at night: it may try until the quiet
// hours, and an answer to what somebody did in them for ten minutes.
func TestNoTextRingsAtNight(t *testing.T) {
	t.Parallel()
	unreached := func(w *world) {
		w.at(w.books(aino).At.In(helsinki(t)).Format("15:04"))
		w.texts()
		w.tries(ivr.Rejected)
	}
	for _, tt := range []struct {
		name, at, words string
		do              func(*world)
		want            time.Duration // until when the carrier may try, from when it leaves
		until           string        // or at what time that is
	}{
		{name: "confirmed by day", at: "13:00", words: "text_booked", do: (*world).bookedAhead, until: "20:00"},
		{name: "confirmed before the night", at: "19:55", words: "text_booked", do: (*world).bookedAhead, want: 10 * time.Minute},
		{name: "confirmed in the evening", at: "19:30", words: "text_booked", do: (*world).bookedAhead, until: "20:00"},
		{name: "confirmed at night", at: "23:30", words: "text_booked", do: (*world).bookedAhead, want: 10 * time.Minute},
		{name: "confirmed in the morning", at: "08:55", words: "text_booked", do: (*world).bookedAhead, want: 10 * time.Minute},
		{name: "help at night", at: "02:00", words: "text_help", do: func(w *world) { w.reply(aino, "1", "HELP") }, want: 10 * time.Minute},
		{name: "not reached", at: "17:30", words: "text_unreached", do: unreached, until: "20:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, allDay)
			w.at(tt.at)
			tt.do(w)
			m := w.leaving(tt.words)
			if got := m.Until.Sub(w.now); tt.until == "" && got != tt.want {
				t.Errorf("the carrier may try for %s, want %s", got, tt.want)
			}
			if got := m.Until.In(helsinki(t)).Format("15:04"); tt.until != "" && got != tt.until {
				t.Errorf("the carrier may try until %s, want %s", got, tt.until)
			}
		})
	}
}

// An answer that could not leave while it was one waits for the morning.
func TestLateAnswerWaitsForTheMorning(t *testing.T) {
	t.Parallel()
	late := func(t *testing.T) *world {
		t.Helper()
		w := newWorld(t, allDay)
		w.at("19:50")
		w.bookedAhead()
		return w
	}
	t.Run("nobody was there to send it", func(t *testing.T) {
		t.Parallel()
		w := late(t)
		w.at("20:30")
		w.wantTexts()
		w.at("08:59")
		w.wantTexts()
		w.at("09:00")
		w.wantTexts("text_booked")
	})
	t.Run("the carrier did not take it", func(t *testing.T) {
		t.Parallel()
		w := late(t)
		tries := 0
		for night := w.now.Add(3 * time.Hour); w.now.Before(night); w.pass(time.Minute) {
			due, err := w.ClaimMessages(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range due {
				if tries++; w.now.In(helsinki(t)).Format("15:04") > "20:10" {
					t.Errorf("tried at %s", w.now.In(helsinki(t)).Format("15:04"))
				}
				if err := w.Delivered(t.Context(), m, callback.Unclear, nil); err != nil {
					t.Error(err)
				}
			}
		}
		if tries != 2 {
			t.Errorf("sent %d times: it was an answer for ten minutes", tries)
		}
		w.at("09:00")
		w.wantTexts("text_booked")
	})
}
