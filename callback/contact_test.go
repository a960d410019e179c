package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A call helped when the person did not come back about the matter within a
// week: by another call, by a text, or by another booking.
func TestFirstContactResolution(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, tt := range map[string]struct {
		comes func(w *world)
		back  int
	}{
		"never":                   {func(*world) {}, 0},
		"calls, and hangs up":     {func(w *world) { w.pass(day); w.calls(aino).event(ivr.Event{Kind: ivr.Gone}) }, 1},
		"calls about it":          {func(w *world) { w.pass(day); w.calls(aino).presses("1").event(ivr.Event{Kind: ivr.Gone}) }, 1},
		"calls about another":     {func(w *world) { w.pass(day); w.calls(aino).presses("2").event(ivr.Event{Kind: ivr.Gone}) }, 0},
		"somebody else calls":     {func(w *world) { w.pass(day); w.calls(eero).presses("1").event(ivr.Event{Kind: ivr.Gone}) }, 0},
		"calls after a week":      {func(w *world) { w.pass(8 * day); w.calls(aino).presses("1").event(ivr.Event{Kind: ivr.Gone}) }, 0},
		"writes":                  {func(w *world) { w.pass(day); w.reply(aino, "a", "the invoice is still wrong") }, 1},
		"writes a late score":     {func(w *world) { w.pass(day); w.reply(aino, "a", "5") }, 0},
		"wants no texts any more": {func(w *world) { w.pass(day); w.reply(aino, "a", "STOP") }, 0},
		"is booked again": {func(w *world) {
			r := callback.Request{Queue: "billing", Phone: aino, Topic: "billing", At: w.now.Truncate(time.Hour).Add(2 * time.Hour), Actor: "operator"}
			if _, err := w.Book(w.Context(), r); err != nil {
				w.Fatal(err)
			}
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) { c.Survey.Kind = "off" })
			w.calls(aino).presses("1", "1", "1").event(ivr.Event{Kind: ivr.Gone})
			w.texts()
			w.keeps(w.open(aino))
			w.pass(time.Minute)
			w.sweep()
			tt.comes(w)
			w.pass(10 * day)
			f := w.figures()
			if f.Kept != 1 || f.Repeated != tt.back {
				t.Errorf("%d kept, after %d came back, want %d", f.Kept, f.Repeated, tt.back)
			}
		})
		t.Run(name+", after a call that was answered at once", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) { c.Survey.Kind = "off" })
			caller := w.calls(aino).presses("1", "0")
			w.party(caller.connect().Talk).presses("1")
			w.pass(time.Minute)
			caller.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
			w.pass(time.Minute)
			tt.comes(w)
			w.pass(10 * day)
			f := w.figures()
			if f.Kept != 1 || f.Repeated != tt.back {
				t.Errorf("%d answered, after %d came back, want %d", f.Kept, f.Repeated, tt.back)
			}
		})
	}
}

// A customer moves a callback so many times, by text or by telephone; a person
// may move it on.
func TestMovesAreCapped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.Moves = 2 })
	c := w.books(aino)
	w.texts()
	w.calls(aino).presses("2", "2").hears("moved")
	w.texts()
	w.reply(aino, "a", "2")
	w.texts()
	w.reply(aino, "b", "1")
	w.wantTexts("text_moved")
	at := w.state(c.ID, callback.BookedState).At
	w.reply(aino, "c", "2")
	w.texts()
	w.reply(aino, "d", "2")
	w.wantTexts("text_kept")
	w.calls(aino).presses("2", "2")
	got := w.state(c.ID, callback.BookedState)
	if !got.At.Equal(at) || got.Moves != 2 || w.journalled("text.unexpected", "") != 1 {
		t.Errorf("promised %s after %d moves, want %s after 2", got.At, got.Moves, at)
	}
	if _, err := w.Move(t.Context(), c.ID, at.Add(2*time.Hour), "operator"); err != nil {
		t.Error(err)
	}
}
