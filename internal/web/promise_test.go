package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/sounds"
)

// A book is one promise, which remembers what was wished.
type book struct {
	page   callback.Promise
	wishes []string
	err    error
}

func (b *book) Promise(context.Context, string) (callback.Promise, error) { return b.page, b.err }

func (b *book) PutOff(_ context.Context, id string, at time.Time) (callback.Promise, error) {
	b.wishes = append(b.wishes, id+" at "+at.UTC().Format("15:04"))
	return b.page, b.err
}

func (b *book) CallOff(_ context.Context, id string) (callback.Promise, error) {
	b.wishes = append(b.wishes, id+" off")
	b.page = callback.Promise{Lang: b.page.Lang, State: callback.CancelledState, At: b.page.At, Now: b.page.Now}
	return b.page, b.err
}

func promiseServer(t *testing.T, lang string) (*Server, *book, string) {
	t.Helper()
	s, _, _ := surveyServer(t, lang, "csat", 1, 2)
	b := &book{page: callback.Promise{
		Lang: lang, State: callback.BookedState, At: surveyed.Add(time.Hour), Now: surveyed, Cancel: true,
		Times: []time.Time{surveyed.Add(2 * time.Hour), surveyed.Add(3 * time.Hour)},
	}}
	s.Promises = b
	return s, b, strings.TrimPrefix(s.Links.To(PromisePage, "call1", surveyed.Add(time.Hour)), "https://x.example")
}

func TestPromisePage(t *testing.T) {
	t.Parallel()
	s, b, path := promiseServer(t, "en")
	page := ask(s, "GET", path, "").Body.String()
	for _, want := range []string{"We will call you today at 13:00.", "today at 14:00", fmt.Sprint(surveyed.Add(3 * time.Hour).Unix()), "I need no call"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
	if len(b.wishes) != 0 || len(page) > 10<<10 || strings.Contains(page, "<script") {
		t.Errorf("wishes %v, %d bytes", b.wishes, len(page))
	}
	ask(s, "POST", path, fmt.Sprintf("at=%d", surveyed.Add(2*time.Hour).Unix()))
	w := ask(s, "POST", path, "cancel=1")
	if got := fmt.Sprint(b.wishes); got != "[call1 at 14:00 call1 off]" {
		t.Errorf("wishes %s", got)
	}
	if body := w.Body.String(); !strings.Contains(body, "Your call is cancelled.") || strings.Contains(body, "<form") {
		t.Error(body)
	}
	if w := ask(s, "POST", path, "at=soon"); w.Code != http.StatusBadRequest {
		t.Errorf("no time: %d", w.Code)
	}
	b.err = callback.ErrNotFound
	if w := ask(s, "GET", path, ""); w.Code != http.StatusNotFound {
		t.Errorf("a callback that is gone: %d", w.Code)
	}
}

// The link of a survey opens no callback, nor does one that was forged.
func TestPromiseLink(t *testing.T) {
	t.Parallel()
	s, b, path := promiseServer(t, "en")
	survey := s.Links.To(SurveyPage, "call1", surveyed.Add(time.Hour))
	for _, bad := range []string{"/c/" + survey[strings.LastIndexByte(survey, '/')+1:], path + "x", "/c/x"} {
		for _, method := range []string{"GET", "POST"} {
			if w := ask(s, method, bad, map[string]string{"POST": "cancel=1"}[method]); w.Code != http.StatusNotFound {
				t.Errorf("%s %s: %d", method, bad, w.Code)
			}
		}
	}
	cross := ask(s, "POST", path, "cancel=1", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") })
	if cross.Code != http.StatusForbidden || len(b.wishes) != 0 {
		t.Errorf("%d, wishes %v", cross.Code, b.wishes)
	}
}

func TestPromisePageInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range sounds.Languages() {
		s, b, path := promiseServer(t, lang)
		for _, state := range callback.States() {
			b.page.State = state
			page := ask(s, "GET", path, "").Body.String()
			if !strings.Contains(page, fmt.Sprintf(`<html lang=%q>`, lang)) || strings.Contains(page, "text_") {
				t.Errorf("%s, %s: %s", lang, state, page)
			}
		}
	}
}
