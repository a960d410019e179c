package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// comes has a request come from an address, through a proxy on this machine.
func comes(address string) func(*http.Request) {
	return func(r *http.Request) {
		r.RemoteAddr = "127.0.0.1:4711"
		r.Header.Set("X-Forwarded-For", address)
	}
}

// Who opens pages again and again, or guesses links, has to wait; others do
// not, and nobody can use up the link of a customer.
func TestVisitsAreLimited(t *testing.T) {
	t.Parallel()
	s, f, path := surveyServer(t, "en", "csat", 1, 2, 3, 4, 5)
	now := surveyed
	s.Now = func() time.Time { return now }
	count := func(n int, path string, edit func(int) func(*http.Request)) (shown, refused int) {
		for i := range n {
			switch w := ask(s, "GET", path, "", edit(i)); w.Code {
			case http.StatusTooManyRequests:
				refused++
				if w.Header().Get("Retry-After") == "" {
					t.Error("nobody says until when to wait")
				}
			default:
				shown++
			}
		}
		return shown, refused
	}
	same := func(int) func(*http.Request) { return comes("192.0.2.7") }
	if shown, refused := count(100, "/s/guess.1.x", same); shown != visitsAtOnce || refused != 40 {
		t.Errorf("of guesses %d were answered, %d refused", shown, refused)
	}
	if _, refused := count(1, path, same); refused != 1 {
		t.Error("who has guessed opens a page")
	}
	each := func(i int) func(*http.Request) { return comes(fmt.Sprintf("198.51.100.%d", i)) }
	if shown, refused := count(30, path, each); shown != linkAtOnce || refused != 10 || len(f.shown) != linkAtOnce {
		t.Errorf("one link was opened %d times, and refused %d times", shown, refused)
	}
	now = now.Add(time.Minute)
	if shown, _ := count(3, path, each); shown != 3 {
		t.Errorf("after a minute it was opened %d times", shown)
	}
	of6 := func(i int) func(*http.Request) { return comes(fmt.Sprintf("2001:db8::%x", i)) }
	if shown, _ := count(100, "/c/guess", of6); shown != visitsAtOnce {
		t.Errorf("from one network of IPv6 %d were answered", shown)
	}
}

// unfollowed are calendars to which no link leads.
type unfollowed struct{}

func (unfollowed) FeedOf(context.Context, string) (string, error) { return "", callback.ErrNotFound }

func (unfollowed) Calendar(context.Context, string) (string, error) { return "", nil }

// Whatever else strangers can open has the same bound: the form, and calendars.
func TestStrangersAreLimited(t *testing.T) {
	t.Parallel()
	f := newWishPage(t)
	s := server(t)
	s.Feeds = unfollowed{}
	for name, open := range map[string]func() *httptest.ResponseRecorder{
		"the form":   func() *httptest.ResponseRecorder { return f.ask(http.MethodGet, "/call/billing", nil) },
		"a calendar": func() *httptest.ResponseRecorder { return ask(s, http.MethodGet, "/f/guess", "") },
	} {
		refused := 0
		for range 100 {
			if w := open(); w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "" {
				refused++
			}
		}
		if refused != 100-visitsAtOnce {
			t.Errorf("%s was refused %d times of a hundred", name, refused)
		}
	}
}

// A link that is wrong in whatever way gets the same answer, and nothing is
// looked up for it.
func TestWrongLinksAreAlike(t *testing.T) {
	t.Parallel()
	s, b, path := promiseServer(t, "en")
	b.err = callback.ErrNotFound
	gone := ask(s, "GET", path, "")
	b.err = nil
	over := strings.TrimPrefix(s.Links.To(PromisePage, "call1", surveyed.Add(-time.Minute)), "https://x.example")
	for _, wrong := range []string{over, path + "x", path[:len(path)-1], "/c/x", "/c/a.b", "/c/a.b.c", "/c/..x"} {
		w := ask(s, "GET", wrong, "")
		if w.Code != gone.Code || w.Body.String() != gone.Body.String() || fmt.Sprint(w.Header()) != fmt.Sprint(gone.Header()) {
			t.Errorf("%s is answered with %d, %v: %s", wrong, w.Code, w.Header(), w.Body)
		}
	}
}
