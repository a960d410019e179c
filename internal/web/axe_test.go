package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/ivr"
)

// Pages for customers keep nobody out: axe-core finds nothing, on a telephone
// and on a desk, on light and on dark ground, and nothing sticks out.
func TestPagesKeepNobodyOut(t *testing.T) {
	t.Parallel()
	judge, ctx := pagetest.NewJudge(t), pagetest.Browser(t)
	for name, url := range customerPages(t) {
		pagetest.Drive(ctx, t, name, chromedp.Navigate(url))
		judge.LookAll(ctx, t, name)
	}
}

// noFeeds cannot be read.
type noFeeds struct{ Feeds }

func (noFeeds) FeedOf(context.Context, string) (string, error) {
	return "", errors.New("the database does not answer")
}

// customerPages serves every kind of page that customers see.
func customerPages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	serve := func(name string, s *Server, path string) {
		web := httptest.NewServer(s.Handler())
		t.Cleanup(web.Close)
		all[name] = web.URL + path
	}
	s, _, path := surveyServer(t, "el", "csat", 1, 2, 3, 4, 5)
	serve("question", s, path)
	serve("link that is over", s, "/s/none")
	s, _, path = surveyServer(t, "en", "nps", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	serve("long question", s, path)
	s, _, path = surveyServer(t, "cy", "went_wrong")
	serve("question for words", s, path)
	s, f, path := surveyServer(t, "fi", "csat", 1, 2)
	f.page = callback.Page{Lang: "fi", Say: []ivr.Prompt{{Name: "thanks"}}}
	serve("thanks", s, path)
	s, b, path := promiseServer(t, "ro")
	b.page.Times = append(b.page.Times, b.page.At.Add(26*time.Hour))
	serve("promise", s, path)
	s, b, path = promiseServer(t, "cs")
	b.page = callback.Promise{Lang: "cs", State: callback.CancelledState, At: b.page.At, Now: b.page.Now}
	serve("promise that was called off", s, path)
	for _, state := range []callback.State{callback.AgentRinging, callback.RetryWait, callback.Done, callback.Failed} {
		s, b, path = promiseServer(t, "en")
		b.page.State = state
		serve("promise, "+string(state), s, path)
	}
	s, b, path = promiseServer(t, "fi")
	b.err = errors.New("the database does not answer")
	serve("not just now", s, path)
	s, _, _ = promiseServer(t, "el")
	s.Feeds = noFeeds{}
	for range visitsAtOnce {
		ask(s, "GET", "/c/none", "", comes("127.0.0.1"))
	}
	serve("too often", s, "/c/none")
	serve("too often, for the team", s, "/f/none")
	s, _, _ = promiseServer(t, "en")
	s.Feeds = noFeeds{}
	serve("not just now, for the team", s, "/f/none")
	wish := httptest.NewServer(newWishPage(t).pages)
	t.Cleanup(wish.Close)
	all["wish"] = wish.URL + "/call/billing"
	filledPages(t, all)
	for name, want := range map[string]int{
		"not just now": 503, "not just now, for the team": 503, "too often": 429, "too often, for the team": 429,
	} {
		if res, err := http.Get(all[name]); err != nil || res.Body.Close() != nil || res.StatusCode != want {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
	}
	for name, url := range all {
		if !strings.HasPrefix(url, "http://127.0.0.1:") {
			t.Fatal(fmt.Sprint(name, " is at ", url))
		}
	}
	return all
}

// filledPages serves what answers forms, most of which were not filled in right.
func filledPages(t *testing.T, all map[string]string) {
	t.Helper()
	filled := func(name string, pages http.Handler, answer *httptest.ResponseRecorder, has string) {
		if !strings.Contains(answer.Body.String(), has) {
			t.Errorf("%s: no %s in %s", name, has, answer.Body)
		}
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/filled" {
				pages.ServeHTTP(w, r)
				return
			}
			_, _ = w.Write(answer.Body.Bytes()) // the client may have gone
		}))
		t.Cleanup(web.Close)
		all[name] = web.URL + "/filled"
	}
	const alert = `<p role="alert">`
	code := newWishPage(t)
	filled("wish, with a code", code.pages, code.fill("into", "el", "sent", "1"), `name="code"`)
	filled("wish, with another code", code.pages, code.fill("lang", "cy", "code", "000000"), alert)
	filled("wish, with a number that is none", code.pages, code.fill("phone", "112"), alert)
	s, _, path := surveyServer(t, "ro", "csat", 1, 2, 3, 4, 5)
	filled("question, without an answer", s.Handler(), ask(s, "POST", path, "turn=1&words=x"), alert)
	s, _, path = promiseServer(t, "cs")
	filled("promise, for a time that was taken", s.Handler(), ask(s, "POST", path, "at=1"), alert)
}
