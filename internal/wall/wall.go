// Package wall serves the page that hangs on the wall: which promises are kept,
// who is unhappy, who waits, and what comes.
package wall

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
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

// hoursAhead is how far ahead the wall looks.
const hoursAhead = 4

// unhappySince is how far back unhappy customers are looked for.
const unhappySince = 7 * 24 * time.Hour

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

// promises counts those of today that came to an end, as reports do.
func (s *Server) promises(ctx context.Context, now time.Time, v *sight) error {
	r, _, err := s.all(ctx, now, 1)
	v.Promises = r.Promises
	v.Figures, v.Forecast = append(v.Figures, served(r)...), honest(r.Forecast)
	if minutes := int(r.Saved.Seconds / 60); minutes > 0 {
		v.Saved = fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	}
	v.Kept = v.Promises.Kept
	if v.Percent = "–"; v.Kept.Whole > 0 {
		v.Percent = fmt.Sprintf("%d %%", v.Kept.Percent())
	}
	return err
}

// all are the figures of so many days, today the last of them, of all queues.
func (s *Server) all(ctx context.Context, now time.Time, days int) (figures.Report, callback.Figures, error) {
	tomorrow := opening.DayOf(now).Plus(1)
	found, err := s.Desk.Report(ctx, callback.ReportFilter{
		By: callback.ByAll, From: tomorrow.Plus(-days).Begins(now.Location()), To: tomorrow.Begins(now.Location()), Standard: figures.Usual,
	})
	if len(found) == 0 {
		return figures.Counts{}.Report(figures.Usual), callback.FiguresOf(nil), err
	}
	return found[0].Report, found[0].Said, err
}

// open counts the promises of today that are still to be kept.
func (s *Server) open(ctx context.Context, now time.Time, v *sight) error {
	all, err := s.Desk.Today(ctx, "")
	for _, c := range all {
		if c.State.Over() || c.State == callback.Wrapup || c.State == callback.Connected {
			continue
		}
		v.Waits++
		if c.Until.Before(now) {
			v.Overdue++
		}
	}
	return err
}

// mostUnhappy is how many unhappy customers the wall names.
const mostUnhappy = 8

// sorry names the unhappy customers whom nobody has answered.
func (s *Server) sorry(ctx context.Context, now time.Time, v *sight) error {
	all, err := s.Desk.Unanswered(ctx, now.Add(-unhappySince))
	for _, u := range all {
		if len(v.Unhappy) == mostUnhappy {
			v.More = len(all) - mostUnhappy
			break
		}
		who := u.Phone.LogValue().String()
		if u.Name != "" {
			who = tame(u.Name) + " " + who
		}
		v.Unhappy = append(v.Unhappy, unhappy{
			Score: u.Score, Who: who, Words: tame(u.Words), Owner: s.nameOf(u.Owner), Callback: u.Callback,
			When: u.At.In(s.Zone(u.Queue)).Format("Mon 15:04"),
		})
	}
	return err
}

// line tells who waits in each queue, and how long the next one would.
func (s *Server) line(ctx context.Context, _ time.Time, v *sight) error {
	for _, name := range slices.Sorted(maps.Keys(s.Desk.Queues)) {
		o, err := s.Desk.Outlook(ctx, name)
		if err != nil {
			return err
		}
		q := queue{Name: name, Waiting: o.Waiting, Bound: "nobody knows", Agents: fmt.Sprintf("%.3g", o.Agents)}
		switch {
		case o.Idle > o.Waiting:
			q.Bound = "at once"
		case o.Bound > 0:
			q.Bound = "at most " + minutes(o.Bound)
		}
		v.Queues = append(v.Queues, q)
	}
	return nil
}

// minutes tells a wait, never shorter than it is.
func minutes(d time.Duration) string {
	return fmt.Sprintf("%d min", int((d+time.Minute-1)/time.Minute))
}

// ahead adds up what is promised in the next hours.
func (s *Server) ahead(ctx context.Context, _ time.Time, v *sight) error {
	most := 1
	for _, name := range slices.Sorted(maps.Keys(s.Desk.Queues)) {
		hours, err := s.Desk.Hours(ctx, name, hoursAhead)
		if err != nil {
			return err
		}
		for i, h := range hours {
			if i == len(v.Hours) {
				v.Hours = append(v.Hours, hour{From: h.From.In(s.Zone("")).Format("15:04")})
			}
			v.Hours[i].Promised += h.Promised
			v.Hours[i].Capacity += h.Capacity
			most = max(most, v.Hours[i].Promised, v.Hours[i].Capacity)
		}
	}
	for i := range v.Hours {
		h := &v.Hours[i]
		h.Width, h.Of = 100*h.Promised/most, 100*h.Capacity/most
		h.Full = h.Promised >= h.Capacity && h.Promised > 0
	}
	return nil
}

// states are what agents do, in words.
var states = []struct {
	is   callback.AgentState
	what string
}{
	{callback.Available, "free"},
	{callback.OnRing, "being rung"},
	{callback.OnCall, "on a call"},
	{callback.WrappingUp, "writing"},
	{callback.OnBreak, "on a break"},
	{callback.Offline, "offline"},
}

// team counts the agents by what they do.
func (s *Server) team(ctx context.Context, _ time.Time, v *sight) error {
	all, err := s.Desk.Team(ctx)
	n := map[callback.AgentState]int{}
	for _, a := range all {
		n[a.State]++
	}
	for _, st := range states {
		if n[st.is] > 0 {
			v.Team = append(v.Team, count{st.what, n[st.is]})
		}
	}
	return err
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
