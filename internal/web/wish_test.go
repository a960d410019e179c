package web

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

var asked = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// fakeWishes is a desk behind the page: it keeps the codes that it texts.
type fakeWishes struct {
	codes   []string
	granted []callback.Wish
	full    bool // no time is free
	err     error
}

func (f *fakeWishes) WishTimes(_ context.Context, queue string) ([]time.Time, error) {
	if queue != "billing" {
		return nil, callback.ErrNotFound
	}
	if f.full {
		return nil, nil
	}
	return []time.Time{asked.Add(time.Hour), asked.Add(2 * time.Hour)}, nil
}

func (*fakeWishes) WishNumber(_, written string) (callback.Phone, error) {
	if !strings.HasPrefix(written, "+35840") {
		return "", &number.RefusalError{Reason: "region"}
	}
	return callback.Phone(written), nil
}

func (f *fakeWishes) Prove(_ context.Context, _ callback.Wish, code string, _ time.Time) error {
	if !slices.Contains(f.codes, code) {
		f.codes = append(f.codes, code)
	}
	return f.err
}

func (f *fakeWishes) Grant(_ context.Context, w callback.Wish) (callback.Callback, error) {
	if f.err == nil {
		f.granted = append(f.granted, w)
	}
	return callback.Callback{ID: "CB", At: w.At}, f.err
}

// wishPage is the page in a test, with a clock.
type wishPage struct {
	*testing.T
	*fakeWishes
	form    *FormConfig
	pages   http.Handler
	now     time.Time
	address string
}

func newWishPage(t *testing.T) *wishPage {
	t.Helper()
	f := &wishPage{T: t, fakeWishes: &fakeWishes{}, now: asked, address: "192.0.2.1:1234"}
	s := &Server{
		Wishes: f.fakeWishes, Form: FormConfig{Queues: []string{"billing"}, Embed: []string{"https://www.example.com"}, PerHour: 60, AllPerHour: 120},
		Links: Links{Base: "https://cb.example.org", Key: []byte("a key of links")}, Languages: sounds.Languages(),
		Now: func() time.Time { return f.now }, Words: sounds.Text, Zone: func(string) *time.Location { return time.UTC },
	}
	f.pages, f.form = s.Handler(), &s.Form
	return f
}

func (f *wishPage) ask(method, path string, fields url.Values) *httptest.ResponseRecorder {
	f.Helper()
	return f.askFrom("", method, path, fields)
}

// askFrom asks as a browser does that comes from a page.
func (f *wishPage) askFrom(page, method, path string, fields url.Values) *httptest.ResponseRecorder {
	f.Helper()
	r := httptest.NewRequestWithContext(f.Context(), method, path, strings.NewReader(fields.Encode()))
	r.Header.Set("Referer", page)
	r.RemoteAddr = f.address
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", "fi-FI,fi;q=0.9,en;q=0.8")
	w := httptest.NewRecorder()
	f.pages.ServeHTTP(w, r)
	return w
}

func (f *wishPage) fill(more ...string) *httptest.ResponseRecorder {
	f.Helper()
	fields := url.Values{"phone": {"+358401234567"}, "at": {"1795432800"}, "lang": {"fi"}}
	for i := 0; i+1 < len(more); i += 2 {
		fields.Set(more[i], more[i+1])
	}
	return f.ask(http.MethodPost, "/call/billing", fields)
}

// TestWish asks for a call, proves the number by the code, and is shown the
// promise.
func TestWish(t *testing.T) {
	t.Parallel()
	f := newWishPage(t)
	page := f.ask(http.MethodGet, "/call/billing", nil)
	policy := page.Header().Get("Content-Security-Policy")
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), `lang="fi"`) || !strings.Contains(page.Body.String(), "Soitammeko") ||
		!strings.Contains(policy, "frame-ancestors https://www.example.com") || strings.Contains(policy, "unsafe") {
		t.Errorf("%d %q\n%s", page.Code, policy, page.Body)
	}
	if page := f.ask(http.MethodGet, "/call/sales", nil); page.Code != http.StatusNotFound {
		t.Errorf("a queue that has no page: %d", page.Code)
	}
	if page := f.ask(http.MethodPost, "/call/sales", url.Values{"phone": {"+358401234567"}}); page.Code != http.StatusNotFound || len(f.codes) > 0 {
		t.Errorf("a code for a queue that has no page: %d, %q", page.Code, f.codes)
	}
	for range 2 {
		if page := f.fill(); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), `name="code"`) {
			t.Fatalf("%d\n%s", page.Code, page.Body)
		}
	}
	if len(f.codes) != 1 || len(f.codes[0]) != 6 {
		t.Fatalf("the codes %q", f.codes)
	}
	if page := f.fill("code", "000000"); page.Code != http.StatusUnprocessableEntity || !strings.Contains(page.Body.String(), "role=\"alert\"") {
		t.Errorf("a wrong code: %d\n%s", page.Code, page.Body)
	}
	f.now = f.now.Add(codeLife)
	done := f.fill("code", f.codes[0])
	if done.Code != http.StatusSeeOther || !strings.HasPrefix(done.Header().Get("Location"), "/c/CB.") {
		t.Errorf("%d to %q", done.Code, done.Header().Get("Location"))
	}
	if len(f.granted) != 1 || f.granted[0].Phone != "+358401234567" || f.granted[0].Lang != "fi" || f.granted[0].At.Unix() != 1795432800 {
		t.Errorf("granted %+v", f.granted)
	}
}

// TestWishInEveryLanguage holds that each step of the page, and what goes wrong in
// it, is said in the language that was asked for, in which the promise is made.
func TestWishInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range sounds.Languages() {
		f := newWishPage(t)
		says := func(what string, page *httptest.ResponseRecorder, names ...string) {
			t.Helper()
			body := html.UnescapeString(page.Body.String())
			for _, name := range names {
				if want := sounds.Text(lang, ivr.Prompt{Name: name, Digits: "+358401234567"}); want == "" || !strings.Contains(body, want) {
					t.Errorf("%s, %s: no %q in\n%s", lang, what, want, body)
				}
			}
			if !strings.Contains(body, `<html lang="`+lang+`"`) || strings.Contains(body, "text_") {
				t.Errorf("%s, %s: another language, or no words\n%s", lang, what, body)
			}
		}
		says("asked", f.ask(http.MethodGet, "/call/billing?lang="+lang, nil), "text_form_title", "text_form_number", "text_form_when", "text_form_next")
		says("refused", f.fill("lang", lang, "phone", "+882123"), "text_form_refused")
		says("sent", f.fill("lang", lang), "text_form_sent", "text_form_code", "text_form_book")
		says("wrong", f.fill("lang", lang, "code", "000000"), "text_form_wrong")
		if page := f.fill("lang", lang, "code", f.codes[0]); page.Code != http.StatusSeeOther || strings.Contains(page.Header().Get("Location"), "4012345") {
			t.Errorf("%s: %d to %s", lang, page.Code, page.Header().Get("Location"))
		}
		if len(f.granted) != 1 || f.granted[0].Lang != lang {
			t.Errorf("%s: granted %+v", lang, f.granted)
		}
	}
}

// TestWishOfStrangers has no promise for who does not prove the number, who
// guesses, or asks too often.
func TestWishOfStrangers(t *testing.T) {
	t.Parallel()
	f := newWishPage(t)
	if page := f.fill("phone", "+882123"); page.Code != http.StatusUnprocessableEntity || len(f.codes) != 0 {
		t.Errorf("a number that is never called: %d, %d codes", page.Code, len(f.codes))
	}
	f.fill()
	f.fill("phone", "+358401234568", "code", f.codes[0]) // which was sent to another
	f.now = f.now.Add(2 * codeLife)
	f.fill("code", f.codes[0])
	for range 50 {
		f.fill("code", "123456")
	}
	f.now = f.now.Add(time.Second)
	f.fill()
	f.fill("code", f.codes[len(f.codes)-1]) // right, after too many that were wrong
	if len(f.granted) != 0 {
		t.Errorf("granted %+v", f.granted)
	}
	g := newWishPage(t)
	refused := 0
	for range 20 {
		if g.fill().Code == http.StatusUnprocessableEntity {
			refused++
		}
	}
	if refused < 10 {
		t.Errorf("%d of 20 requests for codes were refused", refused)
	}
}

// TestSitesHaveBoundsOfTheirOwn has a site use up its codes, and its guesses: the
// others, and the page by itself, have theirs, until all together are used up.
func TestSitesHaveBoundsOfTheirOwn(t *testing.T) {
	t.Parallel()
	f := newWishPage(t)
	f.form.Embed, f.form.PerHour, f.form.AllPerHour = []string{"https://shop.example", "https://*.bank.example", "https://later.example"}, 3, 8
	hidden := regexp.MustCompile(`name="site" value="([^"]*)"`)
	n := 0
	// asks opens the form on a page, and asks for codes, or tries one, each from
	// another address and for another number; it returns how often it could.
	asks := func(page, query string, times int, code string) (could int) {
		fields := url.Values{"at": {"1795432800"}, "lang": {"en"}, "code": {code}}
		if site := hidden.FindStringSubmatch(f.askFrom(page, http.MethodGet, "/call/billing"+query, nil).Body.String()); site != nil {
			fields.Set("site", html.UnescapeString(site[1]))
		}
		often := sounds.Text("en", ivr.Prompt{Name: "text_form_often"})
		for range times {
			n++
			fields.Set("phone", fmt.Sprintf("+35840%07d", n))
			f.address = fmt.Sprintf("198.51.%d.%d:1", n/250, n%250)
			if !strings.Contains(html.UnescapeString(f.ask(http.MethodPost, "/call/billing", fields).Body.String()), often) {
				could++
			}
		}
		return could
	}
	for _, tt := range []struct {
		what, page, query string
		tries, want       int
	}{
		{"a site that is attacked", "https://shop.example/", "", 20, 3},
		{"the same, as its address says", "", "?site=https://SHOP.example", 5, 0},
		{"another", "https://www.bank.example/loans", "", 2, 2},
		{"the same under another name", "https://my.bank.example/", "", 2, 1},
		{"one that nobody knows", "https://evilbank.example/", "", 1, 1},
		{"the page by itself", "", "", 1, 1},
		{"all together", "https://later.example/", "", 2, 0},
	} {
		if got := asks(tt.page, tt.query, tt.tries, ""); got != tt.want {
			t.Errorf("%s had %d codes, want %d", tt.what, got, tt.want)
		}
	}
	if got := asks("https://shop.example/", "", 40, "123456"); got != 3*codeTries {
		t.Errorf("%d guesses were tried on the site that is attacked", got)
	}
	if got := asks("https://www.bank.example/", "", 5, "123456"); got != 5 {
		t.Errorf("%d guesses were tried on another", got)
	}
	if got := asks("", "", 40, "123456"); got != 3*codeTries {
		t.Errorf("%d guesses were tried on the page by itself", got)
	}
	if got := asks("https://later.example/", "", 40, "123456"); got != 8*codeTries-6*codeTries-5 {
		t.Errorf("%d guesses were tried when all were nearly used up", got)
	}
}

// TestSiteIsKeptWithoutTimes reads the form in another language while no time is
// free, and so there is nothing to send: the site that shows it is known still.
func TestSiteIsKeptWithoutTimes(t *testing.T) {
	t.Parallel()
	choice := regexp.MustCompile(`<a href="([^"]*)" hreflang="cs"`)
	for from, want := range map[string]string{"https://www.example.com/contact": "https://www.example.com", "": "", "https://evil.example/": ""} {
		f := newWishPage(t)
		f.full = true
		link := choice.FindStringSubmatch(f.askFrom(from, http.MethodGet, "/call/billing", nil).Body.String())
		if link == nil {
			t.Fatalf("from %q no other language is offered", from)
		}
		f.full = false
		body := inLang(t, f.ask(http.MethodGet, "/call/billing"+html.UnescapeString(link[1]), nil), "cs", "text_form_number")
		if got := strings.Contains(body, `name="site" value="`+want+`"`); got != (want != "") || strings.Contains(body, "evil") {
			t.Errorf("from %q, %s leads to the form of another site:\n%s", from, link[1], body)
		}
	}
}

// TestQuietHoursUseNothingUp has many ask at night, when nobody is texted a code:
// in the morning all codes are there still. One address asks no oftener for that.
func TestQuietHoursUseNothingUp(t *testing.T) {
	t.Parallel()
	const sent = `name="code"`
	quiet, often := sounds.Text("fi", ivr.Prompt{Name: "text_form_quiet", At: asked, Now: asked}), sounds.Text("fi", ivr.Prompt{Name: "text_form_often"})
	for name, tt := range map[string]struct {
		perHour int
		address string
		morning []string
	}{
		"many people": {2, "198.51.100.%d:1", []string{sent, sent, often}},
		"one of them": {60, "198.51.100.4:%d", []string{sent, often}},
	} {
		f := newWishPage(t)
		f.form.PerHour = tt.perHour
		n := 0
		told := func(when, want string) {
			t.Helper()
			n++
			f.address = fmt.Sprintf(tt.address, n)
			if body := html.UnescapeString(f.fill().Body.String()); !strings.Contains(body, want) {
				t.Errorf("%s, %s: the %d. is not told %q:\n%s", name, when, n, want, body)
			}
		}
		f.err = &number.RefusalError{Reason: number.ReasonQuiet, From: asked}
		for range 4 {
			told("at night", quiet)
		}
		f.err = nil
		for _, want := range tt.morning {
			told("in the morning", want)
		}
	}
}

// TestSiteOfARequest takes a request for one of a web site by the whole of its name,
// and of a name under it only where that was said.
func TestSiteOfARequest(t *testing.T) {
	t.Parallel()
	f := FormConfig{Embed: []string{"https://shop.example", "https://*.bank.example"}}
	for said, want := range map[string]string{
		"https://shop.example/x?y": f.Embed[0], "https://SHOP.example": f.Embed[0], "https://my.bank.example": f.Embed[1], "https://a.b.bank.example/": f.Embed[1],
		"http://shop.example": "", "https://evilshop.example": "", "https://shop.example.evil.example": "", "https://my.shop.example": "",
		"https://evilbank.example": "", "https://bank.example": "", "https://bank.example.evil.example": "", ":": "", "": "",
	} {
		r := httptest.NewRequest(http.MethodGet, "/call/billing?site="+url.QueryEscape(said), nil)
		if got := f.site(r); got != want {
			t.Errorf("%q is of %q, want %q", said, got, want)
		}
	}
}

// TestGuessesEnd bounds guesses at the codes of many numbers, from wherever they
// come.
func TestGuessesEnd(t *testing.T) {
	t.Parallel()
	f := newWishPage(t)
	tried := 0
	for n := range 1000 {
		page := f.fill("phone", fmt.Sprintf("+35840%07d", n), "code", "123456")
		if strings.Contains(page.Body.String(), sounds.Text("fi", ivr.Prompt{Name: "text_form_wrong"})) {
			tried++
		}
		f.now = f.now.Add(time.Second)
	}
	if most := codeTries*60 + 1000*codeTries*60/3600 + 1; tried == 0 || tried > most {
		t.Errorf("%d guesses were tried, want %d at most", tried, most)
	}
}

// TestWishThatCannotBe says what is wrong, and lets choose anew.
func TestWishThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		code int
		says string
	}{
		"taken":   {callback.ErrTaken, http.StatusUnprocessableEntity, `name="at"`},
		"booked":  {callback.ErrBooked, http.StatusSeeOther, ""},
		"refused": {&number.RefusalError{Reason: "bookings"}, http.StatusUnprocessableEntity, `role="alert"`},
	} {
		f := newWishPage(t)
		f.fill()
		f.err = tt.err
		if page := f.fill("code", f.codes[0]); page.Code != tt.code || !strings.Contains(page.Body.String(), tt.says) {
			t.Errorf("%s: %d\n%s", name, page.Code, page.Body)
		}
	}
}

// TestCodeThatCannotBe tells apart a number that is never called and one that
// gets no code just now.
func TestCodeThatCannotBe(t *testing.T) {
	t.Parallel()
	for reason, says := range map[string]string{
		"premium": "text_form_refused", ivr.TooMany: "text_form_often", number.ReasonQuiet: "text_form_often",
	} {
		f := newWishPage(t)
		f.err = &number.RefusalError{Reason: reason}
		want := sounds.Text("fi", ivr.Prompt{Name: says})
		if reason == number.ReasonQuiet {
			f.err = &number.RefusalError{Reason: reason, From: surveyed.Add(20 * time.Hour)}
			want = "emme lähetä koodeja. Yrittäkää uudelleen "
		}
		if page := f.fill(); !strings.Contains(page.Body.String(), want) {
			t.Errorf("%s: no %q in\n%s", reason, want, page.Body)
		}
	}
}

// TestAllSitesTogether holds the bound of all sites together, and that of a
// configuration which names none.
func TestAllSitesTogether(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		each, all, want int // none wanted where it is refused
	}{{200, 0, 400}, {200, 300, 300}, {200, 200, 200}, {200, 199, 0}} {
		f := FormConfig{Queues: []string{"billing"}, PerHour: c.each, AllPerHour: c.all}
		if why, ok := f.check(); ok != (c.want > 0) || ok && f.all() != c.want {
			t.Errorf("%d for each and %d for all: %t (%s) and %d, want %d", c.each, c.all, ok, why, f.all(), c.want)
		}
	}
}
