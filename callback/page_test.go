package callback_test

import (
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// linked lets a survey with a link leave, and returns the talk in the link.
func (w *world) linked() string {
	w.Helper()
	talk := ""
	w.SurveyLink = func(id string, until time.Time) string {
		if got := until.Sub(w.now); got != w.Survey.Within.Duration() {
			w.Errorf("the link is good for %s", got)
		}
		talk = id
		return "https://x/s/1"
	}
	w.speaks(aino)
	w.pass(3 * time.Minute)
	w.wantTexts("text_survey_linkhttps://x/s/1")
	return talk
}

func (w *world) fills(talk string, f callback.Filled) callback.Page {
	w.Helper()
	p, err := w.FillIn(w.Context(), talk, f)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func byLink(c *callback.Config) { c.Survey.By = "link" }

func TestSurveyPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, byLink)
	talk := w.linked()
	before := w.journalled("", "")
	var p callback.Page
	for range 3 { // what scans links follows them
		var err error
		if p, err = w.Page(t.Context(), talk); err != nil {
			t.Fatal(err)
		}
	}
	if p.Asks != "csat" || !slices.Equal(p.Answers, []int{1, 2, 3, 4, 5}) || w.figures().Answered != 0 || w.journalled("", "") != before {
		t.Fatalf("page %+v, %+v", p, w.figures())
	}
	for _, f := range []callback.Filled{{Turn: p.Turn, Value: "6"}, {Turn: p.Turn}, {Turn: p.Turn, Value: "huh"}, {Turn: p.Turn + 1, Value: "5"}} {
		if got := w.fills(talk, f); got.Asks != "csat" {
			t.Errorf("%+v was taken", f)
		}
	}
	for range 2 { // sent twice
		if got := w.fills(talk, callback.Filled{Turn: p.Turn, Value: "5", Words: " quick! "}); got.Asks != "" {
			t.Errorf("asks %+v", got)
		}
	}
	got := w.figures()
	if got.Scores["csat"][5] != 1 || got.Answered != 1 || w.journalled("survey.comment", "csat_comment") != 1 {
		t.Errorf("counted %+v", got)
	}
	w.wantTexts()
}

// An unhappy answer on the page is made good as one by text.
func TestSurveyPageUnhappy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, byLink)
	talk := w.linked()
	p, _ := w.Page(t.Context(), talk)
	w.fills(talk, callback.Filled{Turn: p.Turn, Value: "1"})
	if w.journalled("task", "unhappy customer") != 1 {
		t.Error("nobody follows up")
	}
	w.wantTexts("text_sorry text_which text_slot")
	w.reply(aino, "1", "1")
	w.wantTexts("text_booked")
}

// A page of questions goes on to the next, and may be left for good.
func TestSurveyPageGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, byLink, func(c *callback.Config) { c.Survey.Menu = "survey_solved" })
	talk := w.linked()
	p, _ := w.Page(t.Context(), talk)
	if p = w.fills(talk, callback.Filled{Turn: p.Turn, Value: "4"}); p.Asks != "solved" {
		t.Errorf("asks %q", p.Asks)
	}
	p = w.fills(talk, callback.Filled{Turn: p.Turn, Stop: true})
	if p.Asks != "" || w.figures().Stopped != 1 {
		t.Errorf("page %+v, figures %+v", p, w.figures())
	}
}

// The page of a survey that another question has closed since still takes the
// answer, and leaves that question open.
func TestSurveyPageBesideAnotherQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, byLink)
	talk := w.linked()
	c := w.books(aino)
	w.wantTexts("text_booked")
	p, _ := w.Page(t.Context(), talk)
	w.fills(talk, callback.Filled{Turn: p.Turn, Value: "3"})
	if w.figures().Scores["csat"][3] != 1 {
		t.Error("not taken")
	}
	w.reply(aino, "1", "9")
	w.state(c.ID, callback.CancelledState)
}

// The text with the link can be answered by a digit all the same.
func TestSurveyLinkByDigit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, byLink)
	talk := w.linked()
	w.reply(aino, "1", "5")
	w.wantTexts("thanks")
	if p, err := w.Page(t.Context(), talk); err != nil || p.Asks != "" {
		t.Errorf("asks %+v, %v", p, err)
	}
	if _, err := w.Page(t.Context(), "nobody"); err == nil {
		t.Error("a page of nothing")
	}
}
