package reports

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/opening"
)

// How many changes a page has, and how many of a file are read at once.
const (
	pageChanges = 100
	fileChanges = 1000
)

// whats are what people change, by the first word of a line of the journal.
var whats = []choice{
	{Value: "", Title: "Everything"},
	{Value: "menu", Title: "Menus"},
	{Value: "user", Title: "Accounts"},
	{Value: "key", Title: "Keys of the API"},
	{Value: "feed", Title: "Links to calendars"},
	{Value: "agent", Title: "States of agents"},
	{Value: "desk", Title: "Deeds at the desk"},
	{Value: "callback", Title: "Callbacks"},
	{Value: "dialing", Title: "Dialling stopped and started"},
	{Value: "number", Title: "Numbers that may be called again"},
	{Value: "person", Title: "People erased"},
	{Value: "webhook", Title: "Webhooks"},
}

// search is which changes are looked for.
type search struct {
	From, To string // days, as they were written
	Who      string
	What     string
	Before   int64
}

func searched(q url.Values) search {
	v := search{From: tame(q.Get("from")), To: tame(q.Get("to")), Who: strings.TrimSpace(tame(q.Get("who"))), What: one(q, "what", "", whats)}
	v.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64) // what is no number is the first page
	return v
}

// query writes a search as an address has it.
func (v search) query(before int64) string {
	q := url.Values{}
	for key, value := range map[string]string{"from": v.From, "to": v.To, "who": v.Who, "what": v.What} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if before > 0 {
		q.Set("before", strconv.FormatInt(before, 10))
	}
	return q.Encode()
}

// changes finds what was looked for. A day that is none is not looked at.
func (s *Server) changes(ctx context.Context, v search, most int) ([]callback.Change, error) {
	f := callback.ChangeFilter{Who: v.Who, What: v.What, Before: v.Before, Max: most}
	if from, err := time.Parse(time.DateOnly, v.From); err == nil {
		f.From = opening.DayOf(from).Begins(s.Zone)
	}
	if to, err := time.Parse(time.DateOnly, v.To); err == nil {
		f.To = opening.DayOf(to).Plus(1).Begins(s.Zone)
	}
	return s.Desk.Changes(ctx, f)
}

// audit shows who changed what, and when.
func (s *Server) audit(w http.ResponseWriter, r *http.Request) {
	v := searched(r.URL.Query())
	found, err := s.changes(r.Context(), v, pageChanges+1)
	if err != nil {
		s.fail(w, err)
		return
	}
	older := ""
	if len(found) > pageChanges {
		found = found[:pageChanges]
		older = "/audit?" + v.query(found[pageChanges-1].Seq)
	}
	s.show(w, "audit.html", struct {
		search
		Whats            []choice
		Table            Table
		Older, CSV, JSON string
	}{v, chosen(whats, v.What), s.auditTable(found), older, "/audit/audit.csv?" + v.query(0), "/audit/audit.json?" + v.query(0)})
}

// auditFile writes all changes as a file, however many they are.
func (s *Server) auditFile(w http.ResponseWriter, r *http.Request) {
	name, kind, _ := strings.Cut(r.PathValue("file"), ".")
	f := formatOf(kind)
	if name != "audit" || f == nil {
		http.NotFound(w, r)
		return
	}
	next := s.auditPages(r.Context(), searched(r.URL.Query()))
	page, err := next()
	if err != nil {
		s.fail(w, err)
		return
	}
	attached(w, "holdless-audit-"+s.Desk.Now().In(s.Zone).Format(time.DateOnly)+"."+kind)
	s.send(w, func(out io.Writer) error { return paged(out, f, before(page, next)) })
}

// auditPages are all changes that are looked for.
func (s *Server) auditPages(ctx context.Context, v search) func() (Table, error) {
	return func() (Table, error) {
		found, err := s.changes(ctx, v, fileChanges)
		if len(found) > 0 {
			v.Before = found[len(found)-1].Seq
		}
		return s.auditTable(found), err
	}
}

func (s *Server) auditTable(found []callback.Change) Table {
	t := Table{
		Name: "audit", Title: "What people changed", Empty: "Nothing.",
		Columns: columns("at=When", "who=Who", "kind=What", "on=On", "words=More"),
	}
	for _, c := range found {
		what := words(c.What)
		if told, ok := deeds[c.What]; ok {
			what.Text = told
		} else if thing, deed, two := strings.Cut(c.What, "."); two {
			what.Text = tame(thing + ": " + strings.ReplaceAll(deed, "_", " "))
		}
		on := words(c.On)
		if c.Callback != "" {
			on.Link = "/desk/" + c.Callback
		}
		at := s.moment(c.At)
		at.Text = c.At.In(s.Zone).Format("2 Jan 2006 15:04:05")
		t.Rows = append(t.Rows, Row{Cells: []Cell{at, s.whose(c.Who), what, on, words(c.Words)}})
	}
	return t
}

// whose names who did something; a click shows all that he did.
func (s *Server) whose(actor string) Cell {
	c := words(actor)
	c.Link = "/audit?" + url.Values{"who": {actor}}.Encode()
	kind, name, two := strings.Cut(actor, ":")
	switch {
	case kind == "agent" && two:
		c.Text = tame(s.agent(name)) + " (agent)"
	case two && slices.Contains([]string{"user", "api", "browser", "shell", "key"}, kind):
		c.Text = tame(name) + " (" + kind + ")"
	case actor == "operator":
		c.Text = "who runs the service"
	}
	return c
}
