// Package desk serves the pages on which agents see promises and keep them.
package desk

import (
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/articles"
)

// A Person is who looks at the desk.
type Person struct {
	Name  string
	Agent string // the agent that he is; "" for none
	All   bool   // he sees every queue, and may do so with what belongs to others
}

// actor names the person in the journal.
func (p Person) actor() string {
	if p.Agent != "" {
		return "agent:" + p.Agent
	}
	return "user:" + p.Name
}

// A Link leads to another page of the service.
type Link struct{ Title, Path string }

// A Server serves the desk under / and /desk/. Its fields are set once, before
// use. Whoever comes in has been let in by somebody else; Who tells who it is.
type Server struct {
	Desk   *callback.Desk
	Who    func(context.Context) (Person, bool)
	Still  func(context.Context) bool  // is who listens still let in; nil for always
	Ends   func(callback.Entry) string // who may not be let in any more, by Person.Name; nil for nobody
	Book   articles.Book
	Label  func(topic string) string      // what a matter is called
	Alarms func(context.Context) []string // what everybody has to know now
	Links  func(context.Context) []Link   // the other pages that this person may open
	Zone   func(queue string) *time.Location
	Langs  []string                             // in which customers are spoken with and written to; the first when nobody chose
	Play   func(message string) ([]byte, error) // what a caller has said; nil when nobody can leave a message
	Log    *slog.Logger

	Switchboard Switchboard // nil when nobody puts people through here

	hub       hub
	beginning sync.Mutex
	begun     bool // the end of the journal has been found
}

//go:embed *.html stream.js desk.js desk.css
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"file": address}).ParseFS(files, "*.html"))

// Handler returns the pages.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.list)
	mux.HandleFunc("GET /desk/events", s.events)
	mux.HandleFunc("GET /desk/find", s.find)
	mux.HandleFunc("GET /desk/agents", s.agents)
	mux.HandleFunc("POST /desk/agents", s.setAgent)
	mux.HandleFunc("GET /desk/new", s.blank)
	mux.HandleFunc("POST /desk/new", s.book)
	mux.HandleFunc("GET /desk/list", s.paper)
	mux.HandleFunc("GET /desk/list.csv", s.table)
	mux.Handle("GET /desk/stream.js", statics["stream.js"])
	mux.Handle("GET /desk/desk.js", statics["desk.js"])
	mux.Handle("GET /desk/desk.css", statics["desk.css"])
	mux.HandleFunc("POST /desk/me", s.state)
	mux.HandleFunc("POST /desk/me/transfer", s.transfer)
	mux.HandleFunc("GET /desk/{id}", s.story)
	mux.HandleFunc("GET /desk/{id}/message/{name}", s.message)
	mux.HandleFunc("POST /desk/{id}/undo", s.undo)
	mux.HandleFunc("POST /desk/{id}/{deed}", s.act)
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; media-src 'self'; connect-src 'self'; "+
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		p, ok := s.Who(r.Context())
		if !ok {
			http.Error(w, "Sign in first.", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), personKey{}, p)))
	}))
}

type personKey struct{}

// person is who makes a request.
func person(r *http.Request) Person {
	p, _ := r.Context().Value(personKey{}).(Person)
	return p
}

// sees reports whether a person may see a callback: one of his own, or of a
// queue that he works for.
func (s *Server) sees(p Person, c callback.Callback) bool {
	if p.All {
		return true
	}
	if p.Agent == "" {
		return false
	}
	return c.Owner == p.Agent || c.Agent == p.Agent || s.worksFor(p.Agent, c.Queue)
}

// show writes a page, compressed for who takes it.
func (s *Server) show(w http.ResponseWriter, r *http.Request, name string, data any) {
	s.showAs(w, r, http.StatusOK, name, data)
}

// showAs writes a page that comes with a status.
func (s *Server) showAs(w http.ResponseWriter, r *http.Request, code int, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	out := flowTo(w, r)
	out.code = code
	if err := pages.ExecuteTemplate(out, name, data); err != nil {
		s.Log.Warn("page not shown", "err", err) // the client may have gone
		if !out.begun {
			http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		}
		return
	}
	_ = out.Close() // likewise
}

// fail tells that the store does not answer.
func (s *Server) fail(w http.ResponseWriter, err error) {
	s.Log.Error("desk not shown", "err", err)
	http.Error(w, "The callbacks cannot be read just now. Try again in a minute.", http.StatusServiceUnavailable)
}
