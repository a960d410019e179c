package web

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/ivr"
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

func (b *book) Keep(_ context.Context, id string) (callback.Promise, error) {
	b.wishes = append(b.wishes, id+" keep")
	kept := b.page
	kept.Kept = true
	return kept, b.err
}

func (b *book) Hasten(_ context.Context, id string) (callback.Promise, error) {
	b.wishes = append(b.wishes, id+" now")
	b.page.Sooner, b.page.Place = false, 3
	return b.page, b.err
}

func promiseServer(t *testing.T, lang string) (*Server, *book, string) {
	t.Helper()
	s, _, _ := surveyServer(t, lang, "csat", 1, 2)
	b := &book{page: callback.Promise{
		Lang: lang, State: callback.BookedState, At: surveyed.Add(time.Hour), Now: surveyed, Cancel: true, Sooner: true,
		From: "+358912345678", Wait: 7*time.Minute + time.Second,
		Times: []time.Time{surveyed.Add(2 * time.Hour), surveyed.Add(3 * time.Hour)},
	}}
	s.Promises = b
	return s, b, strings.TrimPrefix(s.Links.To(PromisePage, "call1", surveyed.Add(time.Hour)), "https://x.example")
}

func TestPromisePage(t *testing.T) {
	t.Parallel()
	s, b, path := promiseServer(t, "en")
	page := ask(s, "GET", path, "").Body.String()
	for _, want := range []string{
		"We will call you today at 13:00.", "today at 14:00", fmt.Sprint(surveyed.Add(3 * time.Hour).Unix()), "I need no call",
		"Call me now", "You wait at most 8 minutes.", "We will call from &#43;358 912 345 678.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
	if len(b.wishes) != 0 || len(page) > 10<<10 || strings.Count(page, "<script") != 1 || !strings.Contains(page, `<script defer src="/promise.js"></script>`) {
		t.Errorf("wishes %v, %d bytes", b.wishes, len(page))
	}
	now := ask(s, "POST", path, "now=1").Body.String()
	if !strings.Contains(now, "when it is your turn, at the latest today at 13:00") || !strings.Contains(now, "You are number 3 in line.") || strings.Contains(now, "Call me now") {
		t.Error(now)
	}
	ask(s, "POST", path, fmt.Sprintf("at=%d", surveyed.Add(2*time.Hour).Unix()))
	w := ask(s, "POST", path, "cancel=1")
	if got := fmt.Sprint(b.wishes); got != "[call1 now call1 at 14:00 call1 off]" {
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

// Who keeps the time presses a button, and is told so; looking keeps nothing.
func TestKeepOnThePage(t *testing.T) {
	t.Parallel()
	for _, lang := range sounds.Languages() {
		s, b, path := promiseServer(t, lang)
		button := sounds.Text(lang, ivr.Prompt{Name: "text_page_keep"})
		page := ask(s, "GET", path, "").Body.String()
		if button == "" || !strings.Contains(page, `name="keep" value="1">`+html.EscapeString(button)+"<") || len(b.wishes) != 0 {
			t.Errorf("%s: no %q, or %v was wished by looking: %s", lang, button, b.wishes, page)
		}
		if ask(s, "GET", path+"?keep=1", ""); len(b.wishes) != 0 {
			t.Errorf("%s: a link was followed, which did %v", lang, b.wishes)
		}
		kept := ask(s, "POST", path, "keep=1").Body.String()
		stands := sounds.Text(lang, ivr.Prompt{Name: "text_kept", At: b.page.At, Now: b.page.Now})
		if fmt.Sprint(b.wishes) != "[call1 keep]" || !strings.Contains(kept, html.EscapeString(stands)) || strings.Contains(kept, `name="keep"`) {
			t.Errorf("%s: %v, no %q in %s", lang, b.wishes, stands, kept)
		}
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

// The page tells how it stands as time goes by, and takes nothing from under a
// finger that has chosen something.
func TestPromisePageIsLive(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	s, b, path := promiseServer(t, "en")
	var mu sync.Mutex
	inside := s.Handler()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		inside.ServeHTTP(w, r)
	}))
	t.Cleanup(site.Close)
	stands := func(change func(*callback.Promise)) chromedp.Action {
		return chromedp.Tasks{
			chromedp.ActionFunc(func(context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				change(&b.page)
				return nil
			}),
			chromedp.Evaluate(`document.dispatchEvent(new Event("visibilitychange"))`, nil),
		}
	}
	pagetest.Drive(ctx, t, "open", chromedp.Navigate(site.URL+path), pagetest.Shows("#stands", "8 minutes"), pagetest.Shows("main", "Call me now"))
	pagetest.Drive(ctx, t, "it is his turn soon", chromedp.Click("main label"), stands(func(p *callback.Promise) { p.Place, p.Sooner, p.Wait = 2, false, 3*time.Minute }),
		pagetest.Shows("#stands", "number 2 in line"), pagetest.Shows("#stands", "3 minutes"), pagetest.Holds("document.querySelector(`main input:checked`)"))
	pagetest.Drive(ctx, t, "it is over", chromedp.Evaluate(`document.querySelector("main input:checked").checked = false; document.activeElement.blur()`, nil),
		stands(func(p *callback.Promise) {
			*p = callback.Promise{Lang: p.Lang, State: callback.Done, At: p.At, Now: p.Now}
		}),
		pagetest.Holds("document.forms.length === 0"))
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
