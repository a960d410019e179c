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
