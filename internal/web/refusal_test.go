package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestRefusalsArePages says why there is no page in a page, to people; what is
// said to programs, and answers that are no refusal, go by as they are.
func TestRefusalsArePages(t *testing.T) {
	t.Parallel()
	const browser = "text/html,application/xhtml+xml"
	for _, tt := range []struct {
		name, method, accept, kind, body string
		code                             int
		want                             string
		page                             bool
	}{
		{"a browser", "GET", browser, "text/plain; charset=utf-8", "There is <no> such page.\n", 404, "<h1>There is &lt;no&gt; such page.</h1>", true},
		{"the store is away", "GET", browser, "text/plain; charset=utf-8", "Try again in a minute.\n", 503, "<h1>Try again in a minute.</h1>", true},
		{"a program", "GET", "*/*", "text/plain; charset=utf-8", "There is no such page.\n", 404, "There is no such page.\n", false},
		{"a form", "POST", browser, "text/plain; charset=utf-8", "No.\n", 400, "No.\n", false},
		{"a list of what is wrong", "GET", browser, "text/plain", "database: no\ntrunk: ok\n", 503, "database: no\ntrunk: ok\n", false},
		{"a page", "GET", browser, "text/html", "<h1>Not yours</h1>", 403, "<h1>Not yours</h1>", true},
		{"a problem", "GET", browser, "application/problem+json", "{}", 404, "{}", false},
		{"what is fine", "GET", browser, "text/plain", "ok", 200, "ok", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.kind)
				w.WriteHeader(tt.code)
				_, _ = io.WriteString(w, tt.body) // it is a recorder
			})
			r := httptest.NewRequest(tt.method, "/", nil)
			r.Header.Set("Accept", tt.accept)
			got := httptest.NewRecorder()
			refused(inner).ServeHTTP(got, r)
			html := strings.HasPrefix(got.Header().Get("Content-Type"), "text/html")
			if body := got.Body.String(); got.Code != tt.code || html != tt.page || !strings.Contains(body, tt.want) || !tt.page && body != tt.want {
				t.Errorf("%d %s %q", got.Code, got.Header().Get("Content-Type"), body)
			}
		})
	}
}
