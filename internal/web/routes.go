package web

import (
	"net/http"
	"strings"
)

// Handler returns all that is served.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /style.css", style)
	mux.HandleFunc("GET /menu.schema.json", s.schema())
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.ready)
	if s.Metrics != nil {
		mux.HandleFunc("GET /metrics", s.metrics)
	}
	s.forTeam(mux)
	s.forCustomers(mux)
	s.forPrograms(mux)
	return strict(bySize(refused(later(http.NewCrossOriginProtection().Handler(s.guarded(mux))))))
}

// forTeam serves the pages of those who work here, each where it was set.
func (s *Server) forTeam(mux *http.ServeMux) {
	for _, page := range []struct {
		pages http.Handler
		paths []string
	}{
		{s.Board, []string{"GET /{$}", "/desk/"}},
		{s.Wall, []string{"GET /wall", "GET /wall/"}},
		{s.Reports, []string{"GET /reports", "GET /reports/", "GET /audit", "GET /audit/", "/pulse"}},
		{s.Menus, []string{"/menus/"}},
		{s.Phone, []string{"/phone/"}},
	} {
		for _, path := range page.paths {
			if page.pages != nil {
				mux.Handle(path, page.pages)
			}
		}
	}
	if s.Outbox != nil {
		mux.HandleFunc("GET /demo/sms", s.outbox)
		mux.HandleFunc("POST /demo/sms", s.answer)
		mux.HandleFunc("GET /demo/outbox.js", outboxScript)
	}
}

// forCustomers serves the pages that links in texts lead to, and the one on
// which people ask to be called. None of them is there without a key.
func (s *Server) forCustomers(mux *http.ServeMux) {
	if s.Links.Key == nil {
		return
	}
	mux.HandleFunc("GET /survey.css", surveyStyle)
	mux.HandleFunc("GET /promise.js", promiseScript)
	mux.HandleFunc("GET /c/{token}", s.framed(s.visit(PromisePage, s.promise)))
	mux.HandleFunc("POST /c/{token}", s.framed(s.visit(PromisePage, s.changed)))
	mux.HandleFunc("GET /s/{token}", s.visit(SurveyPage, s.survey))
	mux.HandleFunc("POST /s/{token}", s.visit(SurveyPage, s.surveyed))
	if len(s.Form.Queues) > 0 {
		mux.HandleFunc("GET /call/{queue}", s.offered(s.wish))
		mux.HandleFunc("POST /call/{queue}", s.offered(s.wished))
	}
}

// forPrograms serves what other programs ask and tell.
func (s *Server) forPrograms(mux *http.ServeMux) {
	if s.API != nil {
		mux.Handle("/api/v1/", s.API)
		mux.Handle("/problems/", s.API)
	}
	if s.Feeds != nil {
		mux.HandleFunc("GET /f/{token}", s.feed)
	}
	for path, h := range s.Hooks {
		mux.Handle(path, h)
	}
}

// bySize takes no more of a request than its page needs.
func bySize(next http.Handler) http.Handler {
	small, form := http.MaxBytesHandler(next, bodySize), whole(bodySize, next)
	large, sound := bounded(menuSize, next), bounded(soundSize, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/menus/prompts/upload":
			sound.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/menus/"):
			large.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/api/"): // which refuses in words of its own
			small.ServeHTTP(w, r)
		default:
			form.ServeHTTP(w, r)
		}
	})
}
