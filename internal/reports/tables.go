package reports

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
)

// tables are all tables of a report, in the order of the page.
func (s *Server) tables(t told) []Table {
	return []Table{
		s.promises(t), reasons(t), s.missed(t), s.unhappy(t), s.service(t), s.said(t), funnel(t), cost(t),
		coursePromises(t), courseSaid(t), courseRecommended(t), courseEasy(t), courseSolved(t), courseService(t), courseLevel(t), courseWork(t), week(t), s.pulse(t),
	}
}

// named finds a table.
func named(all []Table, name string) (Table, bool) {
	for _, t := range all {
		if t.Name == name {
			return t, true
		}
	}
	return Table{}, false
}

// groupTitle is what a column of groups is called.
func groupTitle(by string) string {
	for _, g := range groups {
		if g.Value == by {
			return g.Title
		}
	}
	return by
}

// each makes a row of all and of each group.
func (s *Server) each(t told, row func(callback.Section) []Cell) []Row {
	rows := []Row{{Cells: append([]Cell{{Text: "All", Value: "all"}}, row(t.All)...)}}
	for _, g := range t.Groups {
		rows = append(rows, Row{Cells: append([]Cell{{Text: tame(s.title(t.By, g.Of)), Value: tame(g.Of)}}, row(g)...)})
	}
	return rows
}

func (s *Server) promises(t told) Table {
	cols := columns("of="+groupTitle(t.By), "due=Due#", "kept=Kept#", "kept_share=Kept of due#", "late=Late#", "broken=Broken by us#",
		"not_reached=Not reached#", "withdrawn=Taken back#", "p50_seconds=Half by#", "p90_seconds=90 % by#", "p99_seconds=99 % by#")
	rows := s.each(t, func(c callback.Section) []Cell {
		p, q := c.Promises, c.Punctuality
		connected := p.Kept.Part + p.Late
		return []Cell{
			number(p.Kept.Whole), number(p.Kept.Part), share(p.Kept), number(p.Late), number(p.Broken), number(p.Unreached),
			number(p.Withdrawn), span(q.P50, connected), span(q.P90, connected), span(q.P99, connected),
		}
	})
	return Table{
		Name: "promises", Title: "Promises", Columns: cols, Rows: rows,
		Note: "Kept: connected within the promised window. Not reached: we called in it, and the customer did not take the call. " +
			"The last columns are measured from the end of the window; with a minus it was before." + t.apart(),
	}
}

// apart says from when on something is told apart: what was counted before is
// in the first row alone.
func (t told) apart() string {
	by := strings.ToLower(groupTitle(t.By))
	switch {
	case t.By == callback.ByQueue:
		return ""
	case t.Since.IsZero():
		return fmt.Sprintf(" Nothing was counted by %s yet.", by)
	}
	since := fmt.Sprintf(" Counted by %s since %s: what was before is in the row All only.", by, callback.DayOf(t.Since, t.From.Location()).Format("2 Jan 2006"))
	if t.By == figures.ByAgent {
		since += " What is nobody’s doing is in the row All only."
	}
	return since
}

func reasons(t told) Table {
	table := Table{Name: "reasons", Title: "Why promises were not kept", Columns: columns("why=Reason", "n=Promises#"), Empty: "All that were due were kept, or the customer was not there."}
	for _, r := range t.All.Promises.Reasons {
		table.Rows = append(table.Rows, Row{Cells: []Cell{words(r.Why), number(r.N)}})
	}
	return table
}

func (s *Server) missed(t told) Table {
	table := Table{
		Name: "missed", Title: "Each promise that we did not keep", Empty: "None that is still on record.",
		Columns: columns("until=Promised until", "customer=Customer", "queue=Queue", "agent=Agent", "how=How", "late_seconds=Too late by#", "why=Why", "callback="),
		Note:    "Why is one sentence, written down when it was known. What retention has deleted is counted above, and not named here.",
	}
	if len(t.Missed) == mostMissed && !t.Whole {
		table.Note = fmt.Sprintf("The newest %d; the file has all. ", mostMissed) + table.Note
	}
	for _, m := range t.Missed {
		customer := Cell{Text: "deleted", Value: nil}
		if m.Phone != "" {
			customer = words(who(m.Name, m.Phone))
			customer.Link = "/desk/" + m.Callback.ID
		}
		late := span(m.Late.Seconds(), 1)
		if m.Promised.IsZero() || m.How == figures.Broken {
			late = Cell{Text: none}
		}
		table.Rows = append(table.Rows, Row{Cells: []Cell{
			s.moment(m.Promised), customer, words(m.Queue), words(s.agent(cmp.Or(m.Agent, m.Owner))), words(m.How), late, words(m.Why), words(m.Callback.ID),
		}})
	}
	return table
}

// moment shows a time by the clock here.
func (s *Server) moment(at time.Time) Cell {
	if at.IsZero() {
		return Cell{Text: none}
	}
	return Cell{Text: at.In(s.Zone).Format("2 Jan 15:04"), Value: at.UTC().Format(time.RFC3339)}
}

func (s *Server) agent(name string) string { return cmp.Or(s.Desk.Agents[name].Name, name) }

func (s *Server) unhappy(t told) Table {
	table := Table{
		Name: "unhappy", Title: "Unhappy, and not answered", Empty: "Nobody.",
		Columns: columns("at=When", "customer=Customer", "score=Said#", "words=Words", "agent=Who answers", "queue=Queue", "callback="),
		Note:    "Who said 1 or 2 of 5, longest first. A name goes when somebody has spoken with the customer, or written down what came of it.",
	}
	named := t.Unhappy
	if len(named) > mostUnhappy && !t.Whole {
		named = named[:mostUnhappy]
		table.Note = fmt.Sprintf("The first %d of %d; the file has all. ", mostUnhappy, len(t.Unhappy)) + table.Note
	}
	for _, u := range named {
		customer := words(who(u.Name, u.Phone))
		if u.Callback != "" {
			customer.Link = "/desk/" + u.Callback
		}
		table.Rows = append(table.Rows, Row{Bad: true, Cells: []Cell{
			s.moment(u.At), customer, {Text: strconv.Itoa(u.Score) + " of 5", Value: u.Score}, words(u.Words), words(s.agent(u.Owner)), words(u.Queue), words(u.Callback),
		}})
	}
	return table
}
