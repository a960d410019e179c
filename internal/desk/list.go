package desk

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A view is a choice of rows. The script of the page makes the same choice as
// time goes by.
type view struct {
	Key, Title string
	has        func(row, time.Time) bool
}

var views = []view{
	{"team", "Team", func(r row, _ time.Time) bool { return r.Kind != over }},
	{"my", "Mine", func(r row, _ time.Time) bool { return r.Kind != over && r.Mine }},
	{"overdue", "Overdue", func(r row, now time.Time) bool { return r.Kind != over && r.Kind != active && r.Unix < now.Unix() }},
	{"next", "Next two hours", func(r row, now time.Time) bool {
		return r.Kind != over && r.Unix >= now.Unix() && r.Unix < now.Add(ahead).Unix()
	}},
	{"done", "Done", func(r row, _ time.Time) bool { return r.Kind == over }},
}

// tab is a view as the page names it.
type tab struct {
	Key, Title string
	Count      int
	Open       bool
}

// page is what the desk shows.
type page struct {
	Title  string
	Person Person
	Reason string // of the break
	States []choice
	Places []string // agents and queues to whom people can be put through from here; nil for who is no agent
	Now    string
	Unix   int64 // of now, in milliseconds
	Offset int   // of the clock of the service, in seconds
	Until  int64 // when the page is to be read again, because of the clock alone
	Seq    int64
	View   string
	Only   string // words that all rows in sight have
	Less   int    // how many of the view do not have them
	Tabs   []tab
	Rows   []row
	Empty  bool
	Alarms []string
	Links  []Link
	Story  *tale
	Said   said
	Found  *found
	Books  bool // he can promise callbacks here
	Blank  *blank
	Team   *[]member // the agents, where they are looked at
}

// choice is one state that an agent can choose.
type choice struct {
	Value, Title string
	On           bool
}

// list shows the callbacks of the day.
func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	p, err := s.page(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	p.Title = "Desk"
	s.show(w, r, "desk.html", p)
}

// page gathers what is on every page of the desk.
func (s *Server) page(r *http.Request) (page, error) {
	ctx, who, now := r.Context(), person(r), s.Desk.Now()
	p := page{
		Person: who, Now: now.In(s.Zone("")).Format("Mon 2 Jan 15:04"), Unix: now.UnixMilli(), View: viewOf(r.FormValue("view")), Only: tame(r.FormValue("only")),
		Said: sayings[r.FormValue("said")],
	}
	_, p.Offset = now.In(s.Zone("")).Zone()
	var err error
	if p.Seq, err = s.Desk.LastEntry(ctx); err != nil { // before the rows: what happens in between is told twice, and not never
		return p, err
	}
	if p.Rows, err = s.rows(ctx, who, now); err != nil {
		return p, err
	}
	p.Until, p.Places, p.Books = s.until(now, p.Rows).Unix(), s.places(who), len(s.queuesOf(who)) > 0
	p.Alarms, p.Links = s.Alarms(ctx), s.Links(ctx)
	p.tabs(now)
	return p, s.mood(ctx, &p)
}

// tabs counts the rows of each view, and hides those of the others, and those
// that nobody asked for.
func (p *page) tabs(now time.Time) {
	wanted := strings.Fields(ivr.Fold(p.Only))
	p.Empty = true
	for _, v := range views {
		t := tab{v.Key, v.Title, 0, v.Key == p.View}
		for i := range p.Rows {
			in := v.has(p.Rows[i], now)
			if in {
				t.Count++
			}
			if t.Open {
				p.Rows[i].Hidden = !in || !p.Rows[i].fits(wanted)
				p.Empty = p.Empty && p.Rows[i].Hidden
				if in && p.Rows[i].Hidden {
					p.Less++
				}
			}
		}
		p.Tabs = append(p.Tabs, t)
	}
}

// mood tells what the person himself does.
func (s *Server) mood(ctx context.Context, p *page) error {
	if p.Person.Agent == "" {
		return nil
	}
	team, err := s.Desk.Team(ctx)
	for _, m := range team {
		if m.Agent == p.Person.Agent {
			p.States, p.Reason = statesOf(m, "Offline"), m.Reason
		}
	}
	return err
}

// viewOf returns a view by its key, the first when there is none of that key.
func viewOf(key string) string {
	for _, v := range views {
		if v.Key == key {
			return key
		}
	}
	return views[0].Key
}

// rows are the callbacks of the day that a person may see.
func (s *Server) rows(ctx context.Context, who Person, now time.Time) ([]row, error) {
	all, err := s.near(ctx, now)
	if err != nil {
		return nil, err
	}
	var seen []callback.Callback
	var people []callback.Phone
	for _, c := range all {
		if s.sees(who, c) {
			seen, people = append(seen, c), append(people, c.Phone)
		}
	}
	ratings, err := s.Desk.LastRatings(ctx, people)
	rows := make([]row, len(seen))
	for i, c := range seen {
		rows[i] = s.row(c, ratings[c.Phone], who, now)
	}
	return rows, err
}

// table is the list of the day for a spreadsheet: what is one's own, or anybody's,
// and for who sees every queue, all of it.
func (s *Server) table(w http.ResponseWriter, r *http.Request) {
	all, err := s.listOf(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "callbacks-"+all.At.Format(time.DateOnly)+".csv"))
	if err := all.CSV(w); err != nil {
		s.Log.Warn("list not sent", "err", err) // the client may have gone
	}
}

// state makes the person available, or not.
func (s *Server) state(w http.ResponseWriter, r *http.Request) {
	who := person(r)
	if who.Agent == "" {
		http.Error(w, "You are no agent of the configuration.", http.StatusForbidden)
		return
	}
	err := s.Desk.SetDuty(r.Context(), callback.Duty{
		Agent: who.Agent, To: callback.AgentState(r.PostFormValue("state")), Reason: tame(r.PostFormValue("reason")), Actor: who.actor(),
	})
	s.answer(w, r, callback.Callback{}, "state", err)
}
