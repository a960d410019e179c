package web

import "net/http"

// again is after how many seconds to ask anew for what could not be had just
// now: pages say "in a minute".
const again = "60"

// later has each answer that something is not to be had just now say when to
// ask again (RFC 9110, 15.6.4), where its page does not.
func later(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(sender{w}, r)
	})
}

type sender struct{ http.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (s sender) WriteHeader(code int) {
	if h := s.Header(); code == http.StatusServiceUnavailable && h.Get("Retry-After") == "" {
		h.Set("Retry-After", again)
	}
	s.ResponseWriter.WriteHeader(code)
}

// Unwrap lets an [http.ResponseController] send at once what is written.
func (s sender) Unwrap() http.ResponseWriter { return s.ResponseWriter }
