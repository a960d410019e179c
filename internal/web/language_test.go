package web

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// inLang tells in which language a page is, and what its words are there.
func inLang(t *testing.T, page *httptest.ResponseRecorder, lang string, names ...string) string {
	t.Helper()
	body := html.UnescapeString(page.Body.String())
	if !strings.Contains(body, `<html lang="`+lang+`"`) {
		t.Errorf("it is not in %s:\n%s", lang, body)
	}
	for _, name := range names {
		if want := sounds.Text(lang, ivr.Prompt{Name: name}); !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	return body
}

// TestAcceptedLanguage takes the language that a browser wants most, of those
// that are spoken, unless somebody has chosen.
func TestAcceptedLanguage(t *testing.T) {
	t.Parallel()
	s := &Server{Languages: []string{"en", "fi", "cs"}}
	for _, tt := range []struct{ header, query, own, want string }{
		{"", "", "", "en"},
		{"fi-FI,fi;q=0.9,en;q=0.8", "", "", "fi"},
		{"en;q=0.2, cs;q=0.9", "", "", "cs"},
		{"de, cs-CZ;q=0.5", "", "", "cs"},
		{"fi;q=0, cs;q=0.1", "", "", "cs"},
		{"de;q=x,,;;;", "", "", "en"},
		{"cs", "", "fi", "fi"},
		{"cs", "lang=en", "fi", "en"},
		{"cs", "lang=xx", "", "cs"},
		{"cs", "lang=%3Cscript%3E", "yy", "cs"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?"+tt.query, nil)
		r.Header.Set("Accept-Language", tt.header)
		if got := s.langOf(r, tt.own); got != tt.want {
			t.Errorf("%+v: got %s", tt, got)
		}
	}
}

// TestChooseAnotherLanguage reads each page in another language: what was typed
// stays as it was typed, and nothing is done with it.
func TestChooseAnotherLanguage(t *testing.T) {
	t.Parallel()
	f := newWishPage(t)
	for _, lang := range sounds.Languages() {
		asked := inLang(t, f.fill("into", lang, "phone", "+35840 <1", "at", "1795435200"), lang, "text_form_number", "text_page_language")
		if !strings.Contains(asked, `value="+35840 <1"`) || !strings.Contains(asked, `value="1795435200" required checked`) || strings.Contains(asked, "alert") {
			t.Errorf("%s: what was typed is gone\n%s", lang, asked)
		}
		sent := inLang(t, f.fill("into", lang, "sent", "1", "code", "12"), lang, "text_form_code")
		if !strings.Contains(sent, `maxlength="6" value="12"`) || !strings.Contains(sent, `name="lang" value="`+lang+`"`) {
			t.Errorf("%s: the step of the code is gone\n%s", lang, sent)
		}
	}
	if len(f.codes)+len(f.granted) > 0 {
		t.Errorf("codes %q, granted %v", f.codes, f.granted)
	}
	s, form, path := surveyServer(t, "en", "csat", 1, 2, 3, 4, 5)
	for _, lang := range sounds.Languages() {
		body := inLang(t, ask(s, "POST", path, url.Values{"turn": {"1"}, "value": {"4"}, "words": {"quick & kind"}, "into": {lang}}.Encode()), lang, "text_page_csat", "text_page_send")
		if !strings.Contains(body, `value="4" required checked`) || !strings.Contains(body, ">quick & kind</textarea>") {
			t.Errorf("%s: what was typed is gone\n%s", lang, body)
		}
	}
	if len(form.filled) > 0 {
		t.Errorf("filled in %v", form.filled)
	}
	if body := ask(s, "POST", path, "turn=7&value=4&into=fi").Body.String(); strings.Contains(body, "checked") {
		t.Error("the answer to another question is kept")
	}
	s, b, path := promiseServer(t, "en")
	for _, lang := range sounds.Languages() {
		body := inLang(t, ask(s, "GET", path+"?lang="+lang, ""), lang, "text_page_move", "text_page_now")
		for _, other := range sounds.Languages() {
			link := fmt.Sprintf(`<a href="?lang=%s" hreflang=%q lang=%q>%s</a>`, other, other, other, sounds.Name(other))
			if strings.Contains(body, link) != (other != lang) {
				t.Errorf("%s: the link to %s in\n%s", lang, other, body)
			}
		}
		inLang(t, ask(s, "POST", path+"?lang="+lang, "keep=1"), lang)
	}
	b.page.Lang = ""
	inLang(t, ask(s, "GET", path, "", func(r *http.Request) { r.Header.Set("Accept-Language", "el") }), "el")
	s.Languages = []string{"en"}
	if body := ask(s, "GET", path, "").Body.String(); strings.Contains(body, "<nav") {
		t.Errorf("a choice of one:\n%s", body)
	}
}

// TestTroubleInEveryLanguage says what is wrong in the language of the reader,
// and when to try again.
func TestTroubleInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range sounds.Languages() {
		s, b, path := promiseServer(t, "en")
		reader := func(r *http.Request) { r.Header.Set("Accept-Language", lang) }
		gone := ask(s, "GET", "/c/forged", "", reader)
		body := inLang(t, gone, lang, "text_page_over")
		if !strings.Contains(body, "<h1>"+sounds.Text(lang, ivr.Prompt{Name: "text_page_over"})) || gone.Code != http.StatusNotFound {
			t.Errorf("%s: %d, it is not said first:\n%s", lang, gone.Code, body)
		}
		for _, other := range sounds.Languages() {
			if marked := `<p lang="` + other + `">` + sounds.Text(other, ivr.Prompt{Name: "text_page_over"}); strings.Contains(body, marked) != (other != lang) {
				t.Errorf("%s: no %s in\n%s", lang, marked, body)
			}
		}
		b.err = errors.New("the database does not answer")
		away := ask(s, "GET", path, "", reader)
		inLang(t, away, lang, "text_page_busy")
		if away.Code != http.StatusServiceUnavailable || away.Header().Get("Retry-After") != again || strings.Contains(away.Body.String(), "database") {
			t.Errorf("%s: %d, %v", lang, away.Code, away.Header())
		}
		b.err = nil
		for range linkAtOnce {
			away = ask(s, "GET", path, "", reader)
		}
		inLang(t, away, lang, "text_form_often")
		if away.Code != http.StatusTooManyRequests || away.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d, %v", lang, away.Code, away.Header())
		}
	}
}

// TestWishesThatFail tells a customer whose wish came too late, and tells
// nobody so whose wish was granted before.
func TestWishesThatFail(t *testing.T) {
	t.Parallel()
	free := surveyed.Add(2 * time.Hour)
	for name, tt := range map[string]struct {
		stands func(*callback.Promise)
		wish   string
		says   string
	}{
		"time taken":         {func(*callback.Promise) {}, fmt.Sprintf("at=%d", free.Unix()), "text_form_taken"},
		"moved before":       {func(p *callback.Promise) { p.At = free }, fmt.Sprintf("at=%d", free.Unix()), ""},
		"now, out of hours":  {func(*callback.Promise) {}, "now=1", "text_page_missed"},
		"now, a second time": {func(p *callback.Promise) { p.Place = 1 }, "now=1", ""},
		"now, it rings":      {func(p *callback.Promise) { p.State = callback.CustomerDialing }, "now=1", ""},
		"off, it rings":      {func(p *callback.Promise) { p.State = callback.CustomerDialing }, "cancel=1", "text_page_missed"},
		"off, it was kept":   {func(p *callback.Promise) { p.State = callback.Done }, "cancel=1", ""},
	} {
		s, _, path := promiseServer(t, "fi")
		b := &deaf{}
		b.page = callback.Promise{Lang: "fi", State: callback.BookedState, At: surveyed.Add(time.Hour), Now: surveyed, Cancel: true}
		tt.stands(&b.page)
		s.Promises = b
		body := ask(s, "POST", path, tt.wish).Body.String()
		for _, words := range []string{"text_form_taken", "text_page_missed"} {
			if alert := `<p role="alert">` + sounds.Text("fi", ivr.Prompt{Name: words}); strings.Contains(body, alert) != (words == tt.says) {
				t.Errorf("%s: %q in\n%s", name, alert, body)
			}
		}
	}
}

// A deaf desk grants nothing.
type deaf struct{ book }

func (d *deaf) PutOff(context.Context, string, time.Time) (callback.Promise, error) {
	return d.page, nil
}
func (d *deaf) CallOff(context.Context, string) (callback.Promise, error) { return d.page, nil }
func (d *deaf) Hasten(context.Context, string) (callback.Promise, error)  { return d.page, nil }

// TestLater has every page that cannot be had just now say when to try again.
func TestLater(t *testing.T) {
	t.Parallel()
	busy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Not just now.", http.StatusServiceUnavailable)
	})
	own := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	streams := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	})
	s := &Server{Board: busy, Wall: busy, Reports: busy, Menus: busy, API: own, Phone: streams}
	for path, want := range map[string]string{
		"/": again, "/desk/x": again, "/wall": again, "/reports": again, "/audit": again, "/menus/": again, "/api/v1/x": "7", "/phone/": "", "/healthz": "",
	} {
		if got := ask(s, "GET", path, "").Header().Get("Retry-After"); got != want {
			t.Errorf("%s: Retry-After %q, want %q", path, got, want)
		}
	}
}

// TestChooseInBrowser types a number, reads the form in another language, and
// sends it by the Enter key: the number is still there, and Enter sends it.
func TestChooseInBrowser(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	f := newWishPage(t)
	site := httptest.NewServer(f.pages)
	t.Cleanup(site.Close)
	pagetest.Drive(ctx, t, "type", chromedp.Navigate(site.URL+"/call/billing?lang=en"), chromedp.SendKeys("[name=phone]", "+358401234567"), chromedp.Click("main label:has([type=radio])"))
	pagetest.Drive(ctx, t, "read it in Czech", pagetest.Tap("nav [value=cs]"), pagetest.Shows("h1", "Máme vám zavolat?"),
		pagetest.Holds("document.documentElement.lang === `cs` && document.querySelector(`[name=phone]`).value === `+358401234567` && document.querySelector(`:checked`)"))
	pagetest.Drive(ctx, t, "send it by Enter", pagetest.Focus("[name=phone]"), chromedp.KeyEvent("\r"), pagetest.Holds("document.querySelector(`[name=code]`) && document.documentElement.lang === `cs`"),
		pagetest.Holds("!location.search.includes(`358`)"))
}

// TestPromisePageToTheEnd keeps a page open after its link is over, and while
// the service does not answer: it shows nothing that it does not know.
func TestPromisePageToTheEnd(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	s, _, path := promiseServer(t, "en")
	inside := s.Handler()
	var code atomic.Int64
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch code.Load() {
		case http.StatusNotFound:
			r.URL.Path = "/c/over"
		case http.StatusServiceUnavailable:
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		inside.ServeHTTP(w, r)
	}))
	t.Cleanup(site.Close)
	look := chromedp.Evaluate(`document.dispatchEvent(new Event("visibilitychange"))`, nil)
	shown := func(sel string) string { return "document.querySelector(`" + sel + "`)?.checkVisibility()" }
	pagetest.Drive(ctx, t, "open", chromedp.Navigate(site.URL+path), pagetest.Shows("#stands", "8 minutes"), pagetest.Holds("!"+shown("#stale")))
	code.Store(http.StatusServiceUnavailable)
	pagetest.Drive(ctx, t, "the service is away", look, look, look, pagetest.Holds(shown("#stale")), pagetest.Holds("!"+shown("#stands")))
	code.Store(0)
	pagetest.Drive(ctx, t, "it is back", look, pagetest.Holds(shown("#stands")), pagetest.Holds("!"+shown("#stale")))
	code.Store(http.StatusNotFound)
	pagetest.Drive(ctx, t, "the link is over", look, pagetest.Shows("h1", "This page is closed"), pagetest.Holds("document.forms.length === 0"))
}

// TestFramedPages lets the web sites of the configuration show the form and the
// promise, and nobody show a survey or the pages of a service without such sites.
func TestFramedPages(t *testing.T) {
	t.Parallel()
	s, _, promise := promiseServer(t, "en")
	survey := strings.TrimPrefix(s.Links.To(SurveyPage, "talk1", surveyed.Add(time.Hour)), "https://x.example")
	s.Wishes, s.Zone = &fakeWishes{}, func(string) *time.Location { return time.UTC }
	s.Form = FormConfig{Queues: []string{"billing"}, PerHour: 1}
	hold := func(path, ancestors, old string) {
		t.Helper()
		h := ask(s, "GET", path, "").Header()
		if got := h.Get("Content-Security-Policy"); !strings.HasSuffix(got, "frame-ancestors "+ancestors) || strings.Contains(got, "unsafe") || h.Get("X-Frame-Options") != old {
			t.Errorf("%s: %q, %q", path, got, h.Get("X-Frame-Options"))
		}
		// The address of a page opens it: nobody is told of it, and nobody keeps it.
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	for _, path := range []string{promise, survey, "/call/billing", "/c/forged"} {
		hold(path, "'none'", "DENY")
	}
	s.Form.Embed = []string{"https://www.example.com", "https://shop.example.com"}
	for _, path := range []string{promise, "/call/billing", "/c/forged"} {
		hold(path, "https://www.example.com https://shop.example.com", "")
	}
	hold(survey, "'none'", "DENY")
}
