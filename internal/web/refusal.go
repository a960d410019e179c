package web

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strings"
)

// refused has a line of text that says why there is no page come as a page, for
// people who open it in a browser. Programs, which do not ask for HTML, get the
// text.
func refused(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.Contains(r.Header.Get("Accept"), "text/html") {
			next.ServeHTTP(w, r)
			return
		}
		why := &refusal{ResponseWriter: w}
		next.ServeHTTP(why, r)
		why.show()
	})
}

// A refusal keeps the text of an answer that is an error, and lets all others by.
type refusal struct {
	http.ResponseWriter
	code int // of an error in plain text; 0 for all else
	text bytes.Buffer
}

// WriteHeader implements [http.ResponseWriter].
func (f *refusal) WriteHeader(code int) {
	if code >= http.StatusBadRequest && strings.HasPrefix(f.Header().Get("Content-Type"), "text/plain") {
		f.code = code
		return
	}
	f.ResponseWriter.WriteHeader(code)
}

// Write implements [http.ResponseWriter].
func (f *refusal) Write(part []byte) (int, error) {
	if f.code != 0 {
		return f.text.Write(part)
	}
	return f.ResponseWriter.Write(part)
}

// Unwrap lets an [http.ResponseController] send at once what is written.
func (f *refusal) Unwrap() http.ResponseWriter { return f.ResponseWriter }

//go:embed refusal.html
var refusalText string

var refusalPage = template.Must(template.New("refusal").Parse(refusalText))

func (f *refusal) show() {
	words := strings.TrimSpace(f.text.String())
	if f.code == 0 {
		return
	}
	if h := f.Header(); !strings.Contains(words, "\n") { // else it is a list, which is for those who run the service
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Del("Content-Length")
		var page bytes.Buffer
		if err := refusalPage.Execute(&page, words); err == nil {
			f.text = page
		}
	}
	f.ResponseWriter.WriteHeader(f.code)
	_, _ = f.text.WriteTo(f.ResponseWriter) // the client may have gone
}
