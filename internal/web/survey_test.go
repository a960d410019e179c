package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// A form is a survey that remembers what was filled in.
type form struct {
	page   callback.Page
	shown  []string
	filled []callback.Filled
	err    error
}

func (f *form) Page(_ context.Context, talk string) (callback.Page, error) {
	f.shown = append(f.shown, talk)
	return f.page, f.err
}

func (f *form) FillIn(_ context.Context, _ string, in callback.Filled) (callback.Page, error) {
	f.filled = append(f.filled, in)
	if in.Value == "" && !in.Stop {
		return f.page, f.err
	}
	return callback.Page{Lang: f.page.Lang, Say: []ivr.Prompt{{Name: "thanks"}}}, f.err
}

var surveyed = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// surveyServer serves the page of a survey in a language, and returns its path.
func surveyServer(t *testing.T, lang, question string, answers ...int) (*Server, *form, string) {
	t.Helper()
	f := &form{page: callback.Page{Lang: lang, Turn: 1, Say: []ivr.Prompt{{Name: question}}, Asks: question, Answers: answers}}
	s := &Server{
		Now: func() time.Time { return surveyed }, Log: slog.New(slog.DiscardHandler), Surveys: f,
		Links: Links{Base: "https://x.example", Key: []byte("key of the test")}, Languages: sounds.Languages(), Words: sounds.Text,
	}
	link := s.Links.To(SurveyPage, "talk1", surveyed.Add(time.Hour))
	return s, f, strings.TrimPrefix(link, "https://x.example")
}

func ask(s *Server, method, path, body string, edit ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, e := range edit {
		e(r)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func TestSurveyPage(t *testing.T) {
	t.Parallel()
	s, f, path := surveyServer(t, "fi", "csat", 1, 2, 3, 4, 5)
	for _, method := range []string{"GET", "HEAD"} { // what scans links does both
		w := ask(s, method, path, "")
		if w.Code != 200 || len(f.filled) != 0 {
			t.Fatalf("%s: %d, filled in %v", method, w.Code, f.filled)
		}
		if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || strings.Contains(got, "unsafe") {
			t.Errorf("policy %q", got)
		}
	}
	page := ask(s, "GET", path, "").Body.String()
	for _, want := range []string{`<html lang="fi">`, "Kuinka tyytyväinen olitte palveluun?", `value="5"`, "erinomainen", "Lähetä", `method="post">`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "style=") || strings.Contains(page, "Vastatkaa") || len(page) > 10<<10 {
		t.Errorf("%d bytes: %s", len(page), page)
	}
	w := ask(s, "POST", path, url.Values{"turn": {"1"}, "value": {"4"}, "words": {"<b>nopea</b>"}}.Encode())
	if w.Code != 200 || len(f.filled) != 1 || f.filled[0] != (callback.Filled{Turn: 1, Value: "4", Words: "<b>nopea</b>"}) {
		t.Fatalf("%d, filled in %+v", w.Code, f.filled)
	}
	if body := w.Body.String(); !strings.Contains(body, "Kiitos.") || strings.Contains(body, "<form") {
		t.Error(body)
	}
}

func TestSurveyPageWithoutAChoice(t *testing.T) {
	t.Parallel()
	s, _, path := surveyServer(t, "en", "nps", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	w := ask(s, "POST", path, "turn=1&value=")
	if body := w.Body.String(); !strings.Contains(body, "Please choose one.") || !strings.Contains(body, `value="10"`) {
		t.Error(body)
	}
	if w := ask(s, "POST", path, "value=5"); w.Code != http.StatusBadRequest {
		t.Errorf("without a turn: %d", w.Code)
	}
	if w := ask(s, "POST", path, "turn=1&stop=1"); !strings.Contains(w.Body.String(), "Thank you.") {
		t.Error(w.Body.String())
	}
}

// Words where no number is asked for.
func TestSurveyPageWithWords(t *testing.T) {
	t.Parallel()
	s, _, path := surveyServer(t, "cy", "went_wrong")
	if body := ask(s, "GET", path, "").Body.String(); !strings.Contains(body, `<textarea name="value"`) || strings.Contains(body, "radio") {
		t.Error(body)
	}
}

// A link that we did not write, that is over, or that leads elsewhere opens
// nothing, and says so in every language.
func TestSurveyLink(t *testing.T) {
	t.Parallel()
	s, f, path := surveyServer(t, "en", "csat", 1, 2, 3, 4, 5)
	other := Links{Base: "", Key: []byte("another key")}
	for name, bad := range map[string]string{
		"over":            s.Links.To(SurveyPage, "talk1", surveyed.Add(-time.Minute)),
		"longer":          strings.Replace(path, "talk1.", "talk1.z", 1),
		"somebody else's": strings.Replace(path, "talk1", "talk2", 1),
		"another key":     other.To(SurveyPage, "talk1", surveyed.Add(time.Hour)),
		"another page":    "/s/" + strings.TrimPrefix(other.To("c", "talk1", surveyed.Add(time.Hour)), "/c/"),
		"cut":             path[:len(path)-1],
		"nothing":         "/s/x",
		"dots":            "/s/...",
	} {
		bad = strings.TrimPrefix(bad, "https://x.example")
		for _, method := range []string{"GET", "POST"} {
			w := ask(s, method, bad, map[string]string{"POST": "turn=1&value=5"}[method])
			if w.Code != http.StatusNotFound || len(f.shown)+len(f.filled) != 0 {
				t.Errorf("%s: %s answered %d", name, method, w.Code)
			}
			for _, lang := range sounds.Languages() {
				if want := sounds.Text(lang, ivr.Prompt{Name: "text_page_over"}); !strings.Contains(w.Body.String(), strings.ReplaceAll(want, "'", "&#39;")) {
					t.Errorf("%s: no %q", name, want)
				}
			}
		}
	}
	if _, ok := (Links{}).Open("s", (Links{}).To("s", "talk1", surveyed.Add(time.Hour))[3:], surveyed); ok {
		t.Error("without a key everybody is let in")
	}
	if link := s.Links.To(SurveyPage, "talk1", surveyed.Add(time.Hour)); strings.Contains(link, "+358") || len(link) > 70 {
		t.Errorf("link %s", link)
	}
}

// Nobody fills in a survey from the page of another site.
func TestSurveyFromAnotherSite(t *testing.T) {
	t.Parallel()
	s, f, path := surveyServer(t, "en", "csat", 1, 2, 3, 4, 5)
	w := ask(s, "POST", path, "turn=1&value=1", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	if w.Code != http.StatusForbidden || len(f.filled) != 0 {
		t.Errorf("%d, filled in %v", w.Code, f.filled)
	}
}

// Every language has words for all that the page can ask.
func TestSurveyPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range sounds.Languages() {
		for question, answers := range map[string][]int{"csat": {1, 2, 3, 4, 5}, "nps": {0, 1, 10}, "ces": {1, 2, 7}, "solved": {1, 2}} {
			s, _, path := surveyServer(t, lang, question, answers...)
			page := ask(s, "GET", path, "").Body.String()
			if !strings.Contains(page, fmt.Sprintf(`<html lang=%q>`, lang)) || strings.Contains(page, "text_page") {
				t.Errorf("%s, %s: %s", lang, question, page)
			}
		}
	}
}
