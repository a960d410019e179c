package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
)

// TestForm asks for a call on the page for web sites, and proves the number by
// the code that is texted to it.
func TestForm(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(written(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	c.HTTP.Form.Queues = []string{"billing"}
	c.Survey.Quiet = "" // at whatever hour this runs
	s, err := newService(t.Context(), c, quiet(), parts{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	pages := s.pages.Handler()
	ask := func(fields url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/call/billing", strings.NewReader(fields.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		return w
	}
	page := httptest.NewRecorder()
	pages.ServeHTTP(page, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/call/billing", nil))
	time := regexp.MustCompile(`name="at" value="(\d+)"`).FindStringSubmatch(page.Body.String())
	if time == nil {
		t.Fatalf("%d: no time is offered\n%s", page.Code, page.Body)
	}
	fields := url.Values{"phone": {"040 123 4567"}, "at": {time[1]}}
	if w := ask(fields); w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	texts, err := s.desk.ClaimMessages(t.Context(), 10)
	if err != nil || len(texts) != 1 || texts[0].To != "+358401234567" {
		t.Fatalf("%+v, %v", texts, err)
	}
	fields.Set("code", regexp.MustCompile(`\d{6}`).FindString(texts[0].Body))
	done := ask(fields)
	if done.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", done.Code, done.Body)
	}
	shown := httptest.NewRecorder()
	pages.ServeHTTP(shown, httptest.NewRequestWithContext(t.Context(), http.MethodGet, done.Header().Get("Location"), nil))
	if shown.Code != http.StatusOK || !strings.Contains(shown.Body.String(), "We will call you") {
		t.Errorf("%d\n%s", shown.Code, shown.Body)
	}
	booked, err := s.desk.List(t.Context(), callback.Filter{Phone: "+358401234567", States: openStates})
	if err != nil || len(booked) != 1 {
		t.Errorf("%d callbacks, %v", len(booked), err)
	}
}
