package web

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"
)

// A link about what the desk has named is short, opens nothing else, and has no
// letter that can be changed.
func TestShortLinks(t *testing.T) {
	t.Parallel()
	l := Links{Base: "https://cb.example.org", Key: []byte("key of the test")}
	for range 50 {
		id := rand.Text()
		link := l.To(PromisePage, id, surveyed.Add(time.Hour))
		token := strings.TrimPrefix(link, "https://cb.example.org/c/")
		if got, ok := l.Open(PromisePage, token, surveyed); !ok || got != id || len(link) > 61 {
			t.Fatalf("%s opens %q, %t", link, got, ok)
		}
		if _, ok := l.Open(SurveyPage, token, surveyed); ok {
			t.Error("it opens another page")
		}
		if _, ok := l.Open(PromisePage, token, surveyed.Add(2*time.Hour)); ok {
			t.Error("it opens when it is over")
		}
		for i := range token {
			other := byte('A')
			if token[i] == other {
				other = 'B'
			}
			if got, ok := l.Open(PromisePage, token[:i]+string(other)+token[i+1:], surveyed); ok {
				t.Errorf("with another letter %d it opens %s", i, got)
			}
		}
		for _, wrong := range []string{token[1:], token[:len(token)-1], token + "A", ""} {
			if _, ok := l.Open(PromisePage, wrong, surveyed); ok {
				t.Errorf("%q opens something", wrong)
			}
		}
	}
}

// The link in a text is as short as it can be, opens the page of one promise by
// the first letters of its name, and has no letter that can be changed.
func TestPromiseLinkIsBrief(t *testing.T) {
	t.Parallel()
	l := Links{Base: "https://cb.example.org/", Key: []byte("key of the test")}
	for range 50 {
		id := rand.Text()
		token, ok := strings.CutPrefix(l.Promise(id), "https://cb.example.org/c/")
		if !ok || len(token) != 12 {
			t.Fatalf("link %s", l.Promise(id))
		}
		if got, ok := l.Open(PromisePage, token, surveyed); !ok || got != id[:8] {
			t.Fatalf("%s opens %q, %t; want %q", token, got, ok, id[:8])
		}
		if _, ok := l.Open(SurveyPage, token, surveyed); ok {
			t.Error("it opens another page")
		}
		if _, ok := (Links{}).Open(PromisePage, token, surveyed); ok {
			t.Error("it opens without a key")
		}
		for i := range token {
			other := byte('A')
			if token[i] == other {
				other = 'B'
			}
			if got, ok := l.Open(PromisePage, token[:i]+string(other)+token[i+1:], surveyed); ok {
				t.Errorf("with another letter %d it opens %s", i, got)
			}
		}
		for _, wrong := range []string{token[1:], token[:11], token + "A", strings.Repeat("A", 12), strings.Repeat("=", 12)} {
			if _, ok := l.Open(PromisePage, wrong, surveyed); ok {
				t.Errorf("%q opens something", wrong)
			}
		}
	}
}
