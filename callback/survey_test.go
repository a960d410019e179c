package callback_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/ivr"
)

// asked lets a survey leave after a call.
func (w *world) asked(from callback.Phone) callback.Callback {
	w.Helper()
	c := w.speaks(from)
	w.pass(3 * time.Minute)
	w.wantTexts("csat")
	return c
}

func (w *world) figures() feedback.Figures {
	w.Helper()
	f, err := w.Figures(w.Context(), callback.FigureFilter{From: w.now.Add(-1000 * time.Hour), To: w.now.Add(time.Hour)})
	if err != nil {
		w.Fatal(err)
	}
	return f
}

// An unhappy customer has two times for a call at a digit, and somebody is
// told.
func TestUnhappy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		c.Agents["eva"] = callback.Agent{Name: "Eva", Phone: "+358405555555"}
		c.Survey.Owner = "eva"
	})
	first := w.asked(aino)
	w.reply(aino, "1", "2, nobody listened")
	got := w.texts()
	if len(got) != 2 || got[0] != "text_unhappy"+string(aino) || got[1] != "text_sorry text_which text_slot Mon 12:30 text_slot Mon 13:30" {
		t.Fatalf("texts %q", got)
	}
	if w.journalled("task", "unhappy customer") != 1 {
		t.Error("nobody follows up")
	}
	if !w.reply(aino, "2", "and I waited a month") || w.journalled("survey.comment", "") != 2 {
		t.Error("words were lost")
	}
	w.wantTexts()
	w.reply(aino, "3", "2")
	w.wantTexts("text_booked Mon 13:30")
	if again := w.open(aino); again.ID == first.ID {
		t.Error("no new callback")
	}
}

func TestSecondThought(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asked(aino)
	w.reply(aino, "1", "4")
	w.wantTexts("thanks")
	w.pass(23 * time.Hour)
	if !w.reply(aino, "2", "5!") {
		t.Error("not taken")
	}
	if got := w.figures().Scores["csat"]; got[5] != 1 || got[4] != 0 {
		t.Errorf("counted %v", got)
	}
	if w.journalled("survey.score", "csat") != 2 {
		t.Error("what was said first is lost")
	}
	w.pass(2 * time.Hour)
	if w.reply(aino, "3", "1") {
		t.Error("taken after a day")
	}
	if got := w.figures().Scores["csat"]; got[5] != 1 || w.journalled("survey.comment", "late") != 1 {
		t.Errorf("counted %v", got)
	}
}

// Words belong to a survey for a month, and are a message to people after that.
func TestWordsAfterASurvey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asked(aino)
	w.reply(aino, "1", "4")
	w.wantTexts("thanks")
	w.pass(29 * 24 * time.Hour)
	w.reply(aino, "2", "it works again")
	if got := w.journalled("survey.comment", "late"); got != 1 {
		t.Errorf("%d words belong to the survey, want those after 29 days", got)
	}
	w.pass(2 * 24 * time.Hour)
	w.reply(aino, "3", "and again it does not")
	if got := w.journalled("survey.comment", "late"); got != 1 {
		t.Errorf("%d words belong to the survey, and those after 31 days do not", got)
	}
}

// A score is linked to its call, its agent and the text of the menu.
func TestSurveyIsLinked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.asked(aino)
	w.reply(aino, "1", "5")
	w.view(func(tx callback.Tx) error {
		a, err := tx.LastAsked(aino)
		if a.Callback != c.ID || a.Agent == "" || a.Call == "" || a.Version != w.Menus["survey"].Version() ||
			a.AnsweredAt.IsZero() || a.SentAt.IsZero() || a.Queue != "billing" {
			t.Errorf("kept %+v", a)
		}
		return err
	})
}

// However it is answered, a score is linked to its call, its agent and the text
// of the menu that asked.
func TestEveryAnswerIsLinked(t *testing.T) {
	t.Parallel()
	keptThen := func(w *world) *party { // a promise that is kept, with the customer who stays on the line
		c := w.books(aino)
		w.texts()
		w.now = c.At
		agent, dial := w.dials(w.ring())
		customer := w.party(dial.Talk).presses("1")
		agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
		return customer.event(ivr.Event{Kind: ivr.Spoke})
	}
	for _, tt := range []struct {
		name, menu string
		edit       func(*callback.Config)
		answer     func(*world)
		promised   bool
	}{
		{"text", "survey", func(*callback.Config) {}, func(w *world) { w.asked(aino); w.reply(aino, "1", "4") }, true},
		{"page", "survey", byLink, func(w *world) {
			talk := w.linked()
			p, err := w.Page(w.Context(), talk)
			if err != nil {
				w.Fatal(err)
			}
			w.fills(talk, callback.Filled{Turn: p.Turn, Value: "4"})
		}, true},
		{"keys after a promise", "customer", byKeys, func(w *world) { keptThen(w).hears("rate_us").presses("4") }, true},
		{"keys after a call", "main", byKeys, func(w *world) { w.afterwards(aino).hears("rate_us").presses("4") }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.edit)
			tt.answer(w)
			w.view(func(tx callback.Tx) error {
				a, err := tx.LastAsked(aino)
				if a.Call == "" || a.Agent != "anna" || a.Menu != tt.menu || a.Version != w.Menus[tt.menu].Version() ||
					(a.Callback != "") != tt.promised || a.Queue != "billing" {
					t.Errorf("asked %+v", a)
				}
				s, err2 := tx.Score(a.Talk, "csat")
				if s.Value != 4 || s.Agent != "anna" || s.Queue != "billing" {
					t.Errorf("score %+v", s)
				}
				return errors.Join(err, err2)
			})
		})
	}
}

func TestResponse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []string
	for i := range 4 {
		p := callback.Phone(fmt.Sprintf("+35840123450%d", i))
		w.speaks(p)
		w.pass(3 * time.Minute)
		ids = append(ids, w.leaves().ID)
		if i < 2 {
			w.reply(p, p.LogValue().String(), "5")
			w.texts()
		}
	}
	for i, state := range []callback.ReceiptState{callback.ReceiptArrived, callback.ReceiptArrived, callback.ReceiptArrived, callback.ReceiptLost} {
		if err := w.Receipt(t.Context(), callback.Receipt{Message: ids[i], State: state}); err != nil {
			t.Fatal(err)
		}
	}
	f := w.figures()
	if f.Asked != 4 || f.Sent != 4 || f.Delivered != 3 || f.Answered != 2 || f.Response().Value != 2.0/3 || f.CSAT().Value != 1 {
		t.Errorf("counted %+v", f)
	}
}

func TestConsent(t *testing.T) {
	t.Parallel()
	ask := func(c *callback.Config) { c.Survey.Consent = "ask" }
	t.Run("yes", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ask)
		w.calls(aino).presses("1", "1", "1").hears("booked", "ask_consent").presses("1").hears("goodbye")
		c := w.open(aino)
		w.texts()
		w.now = c.At
		agent, dial := w.dials(w.ring())
		w.party(dial.Talk).presses("1")
		agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
		w.pass(3 * time.Minute)
		w.wantTexts("csat")
		w.view(func(tx callback.Tx) error {
			got, err := tx.Consent(aino)
			if !got.Given || got.At.IsZero() || got.Version != w.Menus["main"].Version() || got.Talk == "" || got.Line == "" {
				t.Errorf("kept %+v", got)
			}
			return err
		})
		w.calls(aino).presses("1", "1", "1").hears("booked", "goodbye") // not asked again
	})
	for name, keys := range map[string][]string{"no": {"1", "1", "1", "2"}, "hung up": {"1", "1", "1"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ask)
			w.calls(aino).presses(keys...)
			c := w.open(aino)
			w.texts()
			w.now = c.At
			agent, dial := w.dials(w.ring())
			w.party(dial.Talk).presses("1")
			agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
			w.pass(3 * time.Minute)
			w.wantTexts()
		})
	}
}

// Who speaks for a moment only has nothing to tell.
func TestShortCall(t *testing.T) {
	t.Parallel()
	for length, want := range map[time.Duration]int{29 * time.Second: 0, 30 * time.Second: 1} {
		w := newWorld(t, func(c *callback.Config) { c.Survey.Talked = callback.Span(30 * time.Second) })
		c := w.books(aino)
		w.texts()
		w.now = c.At
		agent, dial := w.dials(w.ring())
		w.party(dial.Talk).presses("1")
		w.pass(length)
		agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
		w.pass(3 * time.Minute)
		if got := len(w.texts()); got != want {
			t.Errorf("after %s: %d texts, want %d", length, got, want)
		}
	}
}

// A sample of none still asks whom nobody has asked for long.
func TestSample(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Survey.Sample = 0 })
	w.asked(aino)
	w.pass(30 * 24 * time.Hour)
	w.at("12:00")
	w.speaks(aino)
	w.pass(3 * time.Minute)
	w.wantTexts()
	w.pass(91 * 24 * time.Hour)
	w.now = time.Date(2026, 10, 5, 12, 0, 0, 0, helsinki(t))
	w.asked(aino)
}

// A carrier may try until the night of the person, and no longer.
func TestSurveyBeforeNight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.at("16:30")
	w.speaks(aino)
	w.pass(3 * time.Minute)
	due, err := w.ClaimMessages(t.Context(), 10)
	if err != nil || len(due) != 1 {
		t.Fatalf("claimed %v, %v", due, err)
	}
	if got := due[0].Until.In(helsinki(t)).Format("15:04"); got != "20:00" {
		t.Errorf("until %s, want the quiet hours", got)
	}
}

// A score may be keyed in at the end of a call, in any menu.
func TestKeypadSurvey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src := "for: caller\nstart: q\nstuck: bye\nnodes:\n" +
		"  q: {do: ask, say: csat, save: csat, answers: [1, 2, 3, 4, 5], then: bye}\n  bye: {do: connect, to: agents, then: done, busy: done}\n  done: {do: end}\n"
	m, err := ivr.Parse("keys.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	w.Menus["main"] = m
	w.calls(aino).presses("4")
	if got := w.figures(); got.Scores["csat"][4] != 1 || got.Answered != 1 {
		t.Errorf("counted %+v", got)
	}
}

// A call that was answered at once is asked about as one that was kept is, and
// the answer is linked to it.
func TestSurveyOfACallAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		c.Survey.Menu, c.Survey.Talked = "survey_solved", callback.Span(30*time.Second)
	})
	spoke := func(from callback.Phone, length time.Duration) string {
		caller := w.calls(from).presses("1", "0")
		w.party(caller.connect().Talk).presses("1")
		w.pass(length)
		caller.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
		w.pass(3 * time.Minute)
		return caller.talk
	}
	call := spoke(aino, time.Minute)
	w.wantTexts("csat")
	w.reply(aino, "1", "5")
	w.wantTexts("solved")
	w.reply(aino, "2", "1")
	w.wantTexts("thanks")
	f := w.figures()
	if f.Scores["csat"][5] != 1 || f.AskedFCR().N != 1 || f.Asked != 1 || f.Sent != 1 {
		t.Errorf("counted %+v", f)
	}
	w.view(func(tx callback.Tx) error {
		a, err := tx.LastAsked(aino)
		if a.Call != call || a.Callback != "" || a.Agent == "" || a.Queue != "billing" || a.Topic != "billing" || a.Version == "" {
			t.Errorf("kept %+v", a)
		}
		return err
	})
	spoke(eero, 20*time.Second) // too short to be asked about
	w.wantTexts()
	w.at("10:00")
	w.pass(31 * 24 * time.Hour)
	spoke(eero, time.Minute)
	w.wantTexts("csat")
	w.reply(eero, "3", "1")
	w.wantTexts("text_sorry text_which text_slot")
	w.reply(eero, "4", "1")
	w.wantTexts("text_booked")
	if c := w.open(eero); c.Topic != "billing" || c.Queue != "billing" {
		t.Errorf("booked %+v", c)
	}
}

// Who agrees right after he has spoken is asked about that call.
func TestConsentAfterACall(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]int{"1": 1, "2": 0} {
		w := newWorld(t, func(c *callback.Config) { c.Survey.Consent = "ask" })
		w.afterwards(aino).hears("ask_consent").presses(key).hears("goodbye")
		w.pass(3 * time.Minute)
		if got := w.texts(); len(got) != want {
			t.Errorf("key %s: texts %q", key, got)
		}
		w.afterwards(aino).hears("goodbye") // not asked again
	}
}
