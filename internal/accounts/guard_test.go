package accounts_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/store/storetest"
)

func TestForgedCookies(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.member(t, anna)
	for _, forged := range []string{"", "x", strings.Repeat("A", 26), "' OR 1=1", strings.Repeat("ä", 2000)} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Cookie", "holdless="+forged)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%q: got %d", forged, res.StatusCode)
		}
	}
}

// Another site's form does nothing here, and a page of ours leads to none.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	p := s.member(t, anna)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/account/signout", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := p.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("another site signed somebody out: %d", res.StatusCode)
	}
	p.sees("/", http.StatusOK, "inside as anna")
	p.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for next, want := range map[string]string{
		"/team/": "/team/", "//evil.example/": "/", "https://evil.example/": "/", `/\evil.example`: "/", "/login": "/", "": "/",
		"/\t/evil.example": "/", "/\n/evil.example": "/", "/\r/evil.example": "/", // browsers leave these out
	} {
		signs, err := p.PostForm(s.url+"/login", url.Values{"name": {"anna"}, "password": {good}, "next": {next}})
		leadsTo(t, signs, err, want)
		has, err := p.Get(s.url + "/login?" + url.Values{"next": {next}}.Encode()) // who has signed in already
		leadsTo(t, has, err, want)
	}
}

// leadsTo holds where an answer sends the browser.
func leadsTo(t *testing.T, res *http.Response, err error, want string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Location"); got != want {
		t.Errorf("%s %s leads to %q, want %q", res.Request.Method, res.Request.URL, got, want)
	}
}

func TestBruteForce(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.member(t, anna)
	p := s.person(t)
	var refused, blocked int
	for range 40 {
		switch code, _ := p.signsIn("anna", "a guess of a phrase"); code {
		case http.StatusForbidden:
			refused++
		case http.StatusTooManyRequests:
			blocked++
		}
	}
	if refused != 10 || blocked != 30 {
		t.Errorf("%d guesses were looked at, %d were not", refused, blocked)
	}
	if code, body := p.signsIn("anna", good); code != http.StatusTooManyRequests || !strings.Contains(body, "Wait") {
		t.Errorf("the right one among guesses: %d %s", code, body)
	}
	if code, _ := p.signsIn("other", good); code != http.StatusTooManyRequests {
		t.Errorf("another name from the same address: %d", code)
	}
	s.wait(time.Minute)
	if code, _ := p.signsIn("anna", good); code != http.StatusOK {
		t.Errorf("a minute later: %d", code)
	}
	for range 20 { // the right password is no guess
		if code, _ := p.signsIn("anna", good); code != http.StatusOK {
			t.Fatalf("signing in often: %d", code)
		}
	}
}
