// Package wall serves the page that hangs on the wall: which promises are kept,
// who is unhappy, who waits, and what comes.
package wall

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
)

// A Server serves the wall under /wall. Its fields are set once, before use.
// Whoever comes in has been let in by somebody else.
type Server struct {
	Desk   *callback.Desk
	Worst  func(context.Context) string   // the node of a menu that callers have most trouble with; "" for none
	Alarms func(context.Context) []string // what everybody has to know now
	Zone   func(queue string) *time.Location
	Log    *slog.Logger
}

//go:embed wall.html wall.js wall.css
var files embed.FS

var pages = template.Must(template.ParseFS(files, "*.html"))

// Handler returns the page.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /wall", s.show)
	mux.HandleFunc("GET /wall/wall.js", static)
	mux.HandleFunc("GET /wall/wall.css", static)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "+
			"img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	})
}

func static(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, files, strings.TrimPrefix(r.URL.Path, "/wall/"))
}

// sight is what the wall shows.
type sight struct {
	Now      string
	Alarms   []string
	Kept     figures.Ratio
	Percent  string
	Promises figures.Promises
	Saved    string // the hold time that callbacks of today saved; "" for none
	Waits    int    // promises that are open today
	Overdue  int
	Unhappy  []unhappy
	More     int // unhappy ones beside those
	Queues   []queue
	Hours    []hour
	Team     []count
	Worst    string
	Figures  []number
	Forecast string // how true was what callers of today were told; "" when nobody was told anything
}

// unhappy is a customer whom nobody has answered yet.
type unhappy struct {
	Score                   int
	Who, Words, Owner, When string
	Callback                string
}

// queue is how long the next caller waits.
type queue struct {
	Name    string
	Waiting int
	Bound   string
	Agents  string
}

// hour is what is promised in one hour, in all queues.
type hour struct {
	From               string
	Promised, Capacity int
	Full               bool
	Width, Of          int // of the bar, in hundredths
}

type count struct {
	What string
	N    int
}

// show shows the wall, its inside alone for a script.
func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	v, err := s.look(r.Context())
	if err != nil {
		s.Log.Error("wall not shown", "err", err)
		http.Error(w, "The wall cannot be read just now. Try again in a minute.", http.StatusServiceUnavailable)
		return
	}
	name := "wall.html"
	if r.FormValue("part") != "" {
		name = "inside"
	}
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, v); err != nil {
		s.Log.Error("wall not shown", "err", err)
		http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.WriteTo(w) // the client may have gone
}

// look gathers what the wall shows.
func (s *Server) look(ctx context.Context) (sight, error) {
	now := s.Desk.Now().In(s.Zone(""))
	v := sight{Now: now.Format("Mon 2 Jan 15:04"), Alarms: s.Alarms(ctx), Worst: tame(s.Worst(ctx))}
	for _, part := range []func(context.Context, time.Time, *sight) error{s.promises, s.open, s.sorry, s.line, s.ahead, s.team, s.said} {
		if err := part(ctx, now, &v); err != nil {
			return v, err
		}
	}
	return v, nil
}

// nameOf is what an agent is called.
func (s *Server) nameOf(agent string) string { return cmp.Or(s.Desk.Agents[agent].Name, agent) }

// tame keeps words that others chose from disturbing the page.
func tame(words string) string {
	kept := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, words))
	if len(kept) > 160 {
		return string(kept[:160]) + "…"
	}
	return string(kept)
}
