// Package reports serves the pages on which supervisors see what the service
// did, and who changed what, and asks agents how they are.
package reports

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/holdless/holdless/callback"
)

// A Server serves /reports, /audit and /pulse. Its fields are set once, before
// use. Whoever comes in has been let in by somebody else.
type Server struct {
	Desk  *callback.Desk
	Worst func(ctx context.Context, from, to time.Time) string // the node of a menu that callers had most trouble with; "" for none
	Topic func(topic string) string                            // what a topic is called; "" when it has no other name
	Agent func(context.Context) string                         // the agent who asks; "" for none
	Zone  *time.Location                                       // of the service
	Log   *slog.Logger
}

//go:embed *.html *.css
var files embed.FS

var pages = template.Must(template.ParseFS(files, "*.html"))

// Handler returns the pages.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /reports", s.report)
	mux.HandleFunc("GET /reports/{file}", s.export)
	mux.HandleFunc("GET /audit", s.audit)
	mux.HandleFunc("GET /audit/{file}", s.auditFile)
	mux.HandleFunc("GET /pulse", s.asked)
	mux.HandleFunc("POST /pulse", s.answered)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	})
}

// sight is what the page of reports shows.
type sight struct {
	told
	Presets []choice
	Bys     []choice
	Queues  []choice
	Heats   []choice
	Vars    []choice
	Within  int
	Now     string
	Percent string
	Ranked  bool
	tables  []Table
	charts  map[string]template.HTML
}

// A part is a table on the page, with what is drawn of it and where it can be
// taken away.
type part struct {
	Table
	Chart     template.HTML
	CSV, JSON string
}

// Part returns a table by its name.
func (v sight) Part(name string) part {
	table, _ := named(v.tables, name)
	return part{table, v.charts[name], "/reports/" + name + ".csv?" + v.query(), "/reports/" + name + ".json?" + v.query()}
}

// Address is that of this report with one thing changed.
func (v sight) Address(key, value string) string { return "/reports?" + v.query(key, value) }

// File is that of all tables.
func (v sight) File() string { return "/reports/all.json?" + v.query() }

// report shows the report of a period.
func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	t, ok := s.gathered(w, r, "")
	if !ok {
		return
	}
	v := sight{
		told: t, Presets: chosen(periods[:len(periods)-1], t.Period), Bys: chosen(groups, t.By),
		Heats: chosen(heats, t.Heat), Vars: chosen(variants, string(t.Standard.Variant)), Within: int(t.Standard.Within.Seconds()),
		Now: s.Desk.Now().In(s.Zone).Format("Mon 2 Jan 15:04"), Percent: share(t.All.Promises.Kept).Text,
		Queues: s.queues(t.Queue), Ranked: t.Sort == "csat", tables: s.tables(t), charts: charts(t),
	}
	s.show(w, "reports.html", v)
}

// gathered reads what is asked for, and asks the desk; for one table, when it has a
// name.
func (s *Server) gathered(w http.ResponseWriter, r *http.Request, name string) (told, bool) {
	a, ok := s.asks(w, r)
	if !ok {
		return told{}, false
	}
	t, err := s.gather(r.Context(), a, name)
	if err != nil {
		s.fail(w, err)
		return told{}, false
	}
	return t, true
}

// asks reads what is asked for, and says what is wrong with it.
func (s *Server) asks(w http.ResponseWriter, r *http.Request) (ask, bool) {
	a, err := s.read(r)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		s.show(w, "mistake.html", err.Error())
	}
	return a, err == nil
}

// queues are those that can be chosen.
func (s *Server) queues(on string) []choice {
	all := []choice{{Value: "", Title: "All queues", On: on == ""}}
	for _, name := range sortedKeys(s.Desk.Queues) {
		all = append(all, choice{Value: name, Title: name, On: name == on})
	}
	return all
}

func (s *Server) show(w http.ResponseWriter, name string, data any) {
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, data); err != nil {
		s.Log.Error("page not shown", "err", err)
		http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.WriteTo(w) // the client may have gone
}

// fail tells that the store does not answer.
func (s *Server) fail(w http.ResponseWriter, err error) {
	s.Log.Error("report not made", "err", err)
	http.Error(w, "The figures cannot be read just now. Try again in a minute.", http.StatusServiceUnavailable)
}
