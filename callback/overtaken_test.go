package callback_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// tomorrow is a callback that is promised for the next noon.
func (w *world) tomorrow() callback.Callback {
	w.Helper()
	w.bookedAhead()
	return w.open(aino)
}

// TestTextsOutliveTheirGateway tries a text as long as it means something, sends
// it once, and counts it until then.
func TestTextsOutliveTheirGateway(t *testing.T) {
	t.Parallel()
	unsent := func(w *world, want int) {
		w.Helper()
		n, err := w.Backlog(w.Context())
		if err != nil || n[callback.TextKind] != want || n[callback.MailKind] != 0 {
			w.Errorf("%v wait for their carrier, %v; want %d texts", n, err, want)
		}
	}
	t.Run("sent in the end", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.tomorrow()
		unsent(w, 0)
		tries, longest := w.away(5 * time.Hour)
		if tries < 20 || tries > 60 || longest > 11*time.Minute {
			t.Errorf("%d tries in five hours, up to %s apart", tries, longest)
		}
		unsent(w, 1)
		w.wantTexts("text_booked")
		unsent(w, 0)
		w.pass(time.Hour)
		w.wantTexts()
	})
	t.Run("until it means nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.tomorrow()
		w.away(c.At.Add(-time.Minute).Sub(w.now))
		w.now = c.At.Add(11 * time.Minute)
		w.wantTexts()
		if n := w.journalled("message.expired", "text_booked"); n != 1 {
			t.Errorf("it ended %d times", n)
		}
		unsent(w, 0)
	})
	t.Run("a survey", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.speaks(aino)
		w.pass(3 * time.Minute)
		w.away(4 * time.Hour)
		w.wantTexts("csat")
		w.pass(time.Hour)
		w.wantTexts()
	})
	t.Run("not again and again, when each may have left", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.tomorrow()
		w.away(3 * time.Hour) // none of those tries left
		var sent []time.Time
		for end := w.now.Add(5 * time.Hour); w.now.Before(end); w.pass(time.Minute) {
			due, err := w.ClaimMessages(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range due {
				sent = append(sent, w.now)
				if err := w.Delivered(t.Context(), m, callback.Unclear, errors.New("no answer")); err != nil {
					t.Fatal(err)
				}
				unsent(w, map[bool]int{true: 1}[len(sent) < 3])
			}
		}
		if len(sent) != 3 || w.journalled("message.unknown", "text_booked") != 1 {
			t.Fatalf("a text that may have left was sent %d times", len(sent))
		}
		if first, second := sent[1].Sub(sent[0]), sent[2].Sub(sent[1]); first < 2*time.Minute || second < 20*time.Minute {
			t.Errorf("sent again after %s, and after %s", first, second)
		}
	})
}

// TestTextsThatAreOvertaken has a gateway come back when more has happened: the
// customer is told what holds now, and nothing that held before.
func TestTextsThatAreOvertaken(t *testing.T) {
	t.Parallel()
	move := func(w *world, c callback.Callback) {
		if _, err := w.Move(w.Context(), c.ID, c.At.Add(time.Hour), "operator"); err != nil {
			w.Fatal(err)
		}
	}
	cancel := func(w *world, c callback.Callback) {
		if err := w.Cancel(w.Context(), c.ID, "operator"); err != nil {
			w.Fatal(err)
		}
	}
	again := func(w *world, c callback.Callback) {
		cancel(w, c)
		w.away(10 * time.Minute)
		if _, err := w.Book(w.Context(), callback.Request{Queue: "billing", Phone: aino, At: c.At.Add(time.Hour), Actor: "operator"}); err != nil {
			w.Fatal(err)
		}
	}
	served := func(w *world, c callback.Callback) {
		if _, err := w.Act(w.Context(), callback.Act{Do: callback.DoCall, Callback: c.ID, Version: c.Version, Agent: "anna", Actor: "agent:anna"}); err != nil {
			w.Fatal(err)
		}
		_, dial := w.dials(w.ring())
		w.party(dial.Talk).presses("1")
		w.state(c.ID, callback.Connected)
	}
	for name, tt := range map[string]struct {
		happens func(*world, callback.Callback)
		want    []string
	}{
		"nothing":       {happens: func(*world, callback.Callback) {}, want: []string{"text_booked"}},
		"moved":         {happens: move, want: []string{"text_moved"}},
		"called off":    {happens: cancel, want: []string{"text_cancelled"}},
		"promised anew": {happens: again, want: []string{"text_booked Tue 13:00"}},
		"being called":  {happens: served},
		"nobody wrote a text": {happens: func(w *world, c callback.Callback) {
			w.Policy.Confirm = false
			move(w, c)
		}},
		"nor of the end": {happens: func(w *world, c callback.Callback) {
			w.Policy.Confirm = false
			cancel(w, c)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.tomorrow()
			w.away(time.Hour)
			tt.happens(w, c)
			w.pass(11 * time.Minute)
			w.wantTexts(tt.want...)
			w.pass(11 * time.Minute)
			w.wantTexts()
		})
	}
}

// TestTextsOfWhatIsUndone has somebody slip while the gateway is away: what he did is
// undone, and the customer is told what he was to be told before.
func TestTextsOfWhatIsUndone(t *testing.T) {
	t.Parallel()
	move := func(w *world, a *callback.Act) {
		free, err := w.Free(w.Context(), "billing")
		if err != nil {
			w.Fatal(err)
		}
		a.At = free[len(free)-1]
	}
	reason := func(_ *world, a *callback.Act) { a.Words = "wrong row" }
	for _, tt := range []struct {
		do    callback.Deed
		edit  func(*world, *callback.Act)
		meant string // what the customer is told when it stays so
	}{
		{callback.DoMove, move, "text_moved"},
		{callback.DoCancel, reason, "text_cancelled"},
	} {
		for how, want := range map[string]string{"undone": "text_booked Tue 12:00", "undone, and tried before": "text_booked Tue 12:00", "not undone": tt.meant} {
			t.Run(string(tt.do)+", "+how, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				c := w.tomorrow()
				w.away(time.Hour) // until it is tried again
				c = w.must("anna", tt.do, c, func(a *callback.Act) { tt.edit(w, a) })
				if how != "undone" {
					w.wantTexts()
				}
				w.pass(9 * time.Second)
				if how != "not undone" {
					if _, err := w.Undo(t.Context(), c.ID, "agent:anna"); err != nil {
						t.Fatal(err)
					}
				}
				w.pass(11 * time.Minute)
				w.wantTexts(want)
				w.pass(time.Hour)
				w.wantTexts()
			})
		}
	}
}

// TestQuestionOfWhatIsUndone has somebody slip where customers are told nothing of that:
// the digit of an earlier text is an answer about the promise that is made anew.
func TestQuestionOfWhatIsUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tomorrow()
	w.wantTexts("text_booked")
	w.Policy.Confirm = false
	c = w.must("anna", callback.DoCancel, c, words("wrong row"))
	again, err := w.Undo(t.Context(), c.ID, "agent:anna")
	if err != nil || again.ID == c.ID {
		t.Fatalf("undone: %s, %v", again.ID, err)
	}
	if !w.reply(aino, "1", "9") {
		t.Error("nobody calls it off")
	}
	w.state(again.ID, callback.CancelledState)
}

// TestTextsThatHoldStill has more happen, and nothing that a customer was told change
// by it.
func TestTextsThatHoldStill(t *testing.T) {
	t.Parallel()
	t.Run("called, and not taken by the agent", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.tomorrow()
		w.away(time.Hour)
		if _, err := w.Act(t.Context(), callback.Act{Do: callback.DoCall, Callback: c.ID, Version: c.Version, Agent: "anna", Actor: "agent:anna"}); err != nil {
			t.Fatal(err)
		}
		r := w.rings(1)[0]
		w.pass(11 * time.Minute)
		w.wantTexts() // he may be reached
		(&party{w: w, talk: r.Talk}).event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		w.state(c.ID, callback.BookedState)
		w.pass(10 * time.Second)
		w.wantTexts("text_booked Tue 12:00")
	})
	t.Run("not reached, and to be tried again", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.books(aino)
		w.texts()
		w.now = c.At
		w.tries(ivr.Machine)
		w.away(5 * time.Minute)
		w.pass(11 * time.Minute)
		w.wantTexts("text_tried")
	})
}
