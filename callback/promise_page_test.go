package callback_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

func (w *world) promise(id string) callback.Promise {
	w.Helper()
	p, err := w.Promise(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// The customer sees what was promised, moves it and calls it off, as often as
// by text and no oftener.
func TestPromiseOnItsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.Moves = 1 })
	c := w.asks()
	before := w.journalled("", "")
	p := w.promise(c.ID)
	if !p.At.Equal(c.At) || !p.Cancel || len(p.Times) != 6 || p.Times[0].Equal(c.At) || w.journalled("", "") != before {
		t.Fatalf("page %+v", p)
	}
	for _, bad := range []time.Time{{}, c.At, p.Times[0].Add(time.Minute), c.At.AddDate(1, 0, 0)} {
		if got, err := w.PutOff(t.Context(), c.ID, bad); err != nil || !got.At.Equal(c.At) {
			t.Errorf("moved to %s, %v", got.At, err)
		}
	}
	for range 2 { // sent twice
		got, err := w.PutOff(t.Context(), c.ID, p.Times[1])
		if err != nil || !got.At.Equal(p.Times[1]) || len(got.Times) != 0 || !got.Cancel {
			t.Errorf("page %+v, %v", got, err)
		}
	}
	w.wantTexts("text_moved")
	for range 2 {
		got, err := w.CallOff(t.Context(), c.ID)
		if err != nil || got.State != callback.CancelledState || got.Cancel || len(got.Times) == 0 {
			t.Errorf("page %+v, %v", got, err)
		}
	}
	w.wantTexts("text_cancelled")
	if _, err := w.Promise(t.Context(), "nobody"); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("page of nothing: %v", err)
	}
}

// The customer keeps what a text of ours asked about, once, by page or by text.
// Where nothing is asked, it stands, and nothing is recorded.
func TestKeepOnItsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.asks()
	for range 2 { // sent twice
		got, err := w.Keep(t.Context(), c.ID)
		if err != nil || !got.Kept || !got.At.Equal(c.At) {
			t.Errorf("page %+v, %v", got, err)
		}
	}
	w.reply(aino, "1", "1")
	w.wantTexts("text_kept Mon 12:15")
	if n := w.journalled("promise.confirmed", ""); n != 1 {
		t.Errorf("it was kept %d times", n)
	}
	if w.promise(c.ID).Kept {
		t.Error("it is said to be kept by looking")
	}
	w.reply(aino, "2", "9")
	w.wantTexts("text_cancelled")
	if got, err := w.Keep(t.Context(), c.ID); err != nil || got.Kept || got.State != callback.CancelledState || w.journalled("promise.confirmed", "") != 1 {
		t.Errorf("what was called off is kept: %+v, %v", got, err)
	}
	if _, err := w.Keep(t.Context(), "nobody"); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("kept nothing: %v", err)
	}
}

func TestKeepByTextIsInTheStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.asks()
	w.reply(aino, "1", "1")
	if s, err := w.Story(t.Context(), c.ID); err != nil || !slices.ContainsFunc(s.Entries, func(e callback.Entry) bool {
		return e.Kind == "promise.confirmed" && e.Name == "text" && e.Actor == "caller"
	}) {
		t.Errorf("%v, %v", s.Entries, err)
	}
}

func TestKeepWhereNothingIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.asks()
	w.reply(aino, "1", "2") // what is asked now is which time
	before := w.journalled("", "")
	got, err := w.Keep(t.Context(), c.ID)
	if err != nil || !got.Kept || w.journalled("", "") != before {
		t.Errorf("page %+v, %v, %d entries after %d", got, err, w.journalled("", ""), before)
	}
}

// The customer asks to be called now: it is his turn when those have been served
// who came before, and at the latest when it was promised.
func TestCallMeNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.asks(), w.books("+358401234002")
	p := w.promise(first.ID)
	if !p.Sooner || p.Place != 0 || p.From == "" {
		t.Fatalf("page %+v", p)
	}
	for range 2 { // sent twice
		got, err := w.Hasten(t.Context(), first.ID)
		if err != nil || got.Place != 1 || got.Sooner || !got.At.Equal(p.At) {
			t.Errorf("page %+v, %v", got, err)
		}
	}
	if n := w.journalled("promise.sooner", ""); n != 1 {
		t.Errorf("it was hastened %d times", n)
	}
	w.now = w.now.Add(time.Second)
	if got, err := w.Hasten(t.Context(), second.ID); err != nil || got.Place != 2 {
		t.Errorf("who asks later has place %d, %v", got.Place, err)
	}
	if r := w.rings(2); r[0].Callback != first.ID || r[1].Callback != second.ID || !w.now.Before(first.At) {
		t.Errorf("%+v ring", r)
	}
	if _, err := w.Hasten(t.Context(), "nobody"); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("nothing is hastened: %v", err)
	}
}

// Nobody is called sooner while nobody is at work.
func TestCallMeNowAtNight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.asks()
	w.now = c.At.Add(-12 * time.Hour)
	if p, err := w.Hasten(t.Context(), c.ID); err != nil || p.Sooner || p.Place != 0 {
		t.Errorf("page %+v, %v", p, err)
	}
}

// While the telephone rings, only who answers it decides.
func TestPromisePageWhileItRings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	w.dials(w.ring())
	if p := w.promise(c.ID); p.Cancel || p.Times != nil {
		t.Errorf("page %+v", p)
	}
	if _, err := w.CallOff(t.Context(), c.ID); err != nil {
		t.Error(err)
	}
	w.state(c.ID, callback.CustomerDialing)
}

// What was called off can be had again at a digit, so often in a day.
func TestCancelledAndAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.Bookings = 2 })
	first := w.asks()
	for i, id := range []string{"a", "b"} {
		w.reply(aino, id+"1", "9")
		w.wantTexts("text_cancelled")
		w.reply(aino, id+"2", "1")
		w.wantTexts("text_which")
		w.reply(aino, id+"3", "1")
		if i == 0 {
			w.wantTexts("text_booked")
		}
	}
	w.wantTexts("text_no_times") // the third of the day
	w.state(first.ID, callback.CancelledState)
}

// What came to an end without a call can be had again on its page, once: from
// then on the page is that of the new promise, as long as that is shown.
func TestAgainOnThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.asks()
	short := callback.Short(first.ID)
	if _, err := w.CallOff(t.Context(), short); err != nil {
		t.Fatal(err)
	}
	w.wantTexts("text_cancelled")
	p := w.promise(short)
	for range 2 { // sent twice
		got, err := w.PutOff(t.Context(), short, p.Times[1])
		if err != nil || got.State != callback.BookedState || !got.At.Equal(p.Times[1]) || !got.Cancel {
			t.Errorf("page %+v, %v", got, err)
		}
	}
	w.wantTexts("text_booked")
	w.state(first.ID, callback.CancelledState)
	if open, err := w.List(t.Context(), callback.Filter{Phone: aino, States: []callback.State{callback.BookedState}}); err != nil || len(open) != 1 {
		t.Errorf("%d promises, %v", len(open), err)
	}
}

// A page is found by the first letters of a name, until two days after the
// promise, and by no fewer letters, nor by those of nobody.
func TestPageByShortName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.asks()
	short := callback.Short(c.ID)
	if p := w.promise(short); !p.At.Equal(c.At) || len(short) != 8 {
		t.Errorf("%s: page %+v", short, p)
	}
	for _, wrong := range []string{"", short[:7], short + "A", "AAAAAAAA", "ABCDEFG%"} {
		if _, err := w.Promise(t.Context(), wrong); !errors.Is(err, callback.ErrNotFound) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	w.now = c.At.Add(48*time.Hour - time.Minute)
	w.promise(short)
	w.now = c.At.Add(48 * time.Hour)
	if _, err := w.Promise(t.Context(), short); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("after two days: %v", err)
	}
	if _, err := w.CallOff(t.Context(), short); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("called off after two days: %v", err)
	}
}

// Who asks to be called now was promised a time before, and that is what counts,
// whatever becomes of the call: when nobody takes it, he hears of another time five
// minutes before the promise breaks, once, and not as soon as the time has come.
func TestCallMeNowIsLateByWhatWasPromised(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.asks()
	if _, err := w.Hasten(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	for range 2 { // neither of the two takes it
		w.pass(time.Second)
		agent := &party{w: w, talk: w.ring().Talk}
		agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
	}
	w.offline()
	var told []time.Duration
	for breaks := c.Until; w.now.Before(breaks.Add(5 * time.Minute)); w.pass(10 * time.Second) {
		w.sweep()
		for _, text := range w.texts() {
			told = append(told, breaks.Sub(w.now))
			if want := "text_late " + w.now.Add(15*time.Minute).In(helsinki(t)).Format("Mon 15:04"); !strings.HasPrefix(text, want) {
				t.Errorf("text %q, want %q", text, want)
			}
		}
	}
	if len(told) != 1 || told[0] < 5*time.Minute || told[0] > 6*time.Minute {
		t.Errorf("told %s before the promise breaks", told)
	}
}
