package reports

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
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

func (s *Server) service(t told) Table {
	if t.By == figures.ByAgent {
		return s.work(t)
	}
	level := fmt.Sprintf("Answered in %.0f s", t.Standard.Within.Seconds())
	return Table{
		Name: "service", Title: "Service on the line",
		Columns: columns("of="+groupTitle(t.By), "calls=Calls#", "offered=Asked for a person#", "answered=Answered#", "service_level="+level+"#", "asa_seconds=ASA#",
			"abandoned=Hung up#", "abandoned_share=Abandonment#", "short=Hung up at once#", "deferred=Took a callback#", "handled=Calls of agents#", "aht_seconds=AHT#", "occupancy=Occupancy#"),
		Note: fmt.Sprintf("Service level: %s, of all who asked for a person (variant %q: %s). Who hangs up within 5 seconds is left out. "+
			"ASA: how long they waited who were answered. AHT: how long a call takes an agent, writing included. "+
			"Occupancy: of their time at work, how much agents were rung, spoke or wrote%s.",
			level, t.Standard.Variant, variantTitle(t.Standard.Variant), withMatter(t.By)) + t.apart(),
		Rows: s.each(t, func(c callback.Section) []Cell {
			return []Cell{
				number(c.Calls), number(c.Offered.Whole), number(c.Offered.Part), share(c.ServiceLevel), span(c.ASA, c.Offered.Part),
				number(c.Abandoned.Part), share(c.Abandoned), number(c.Short), number(c.Deferred), number(c.Handled), span(c.AHT, c.Handled), busy(c),
			}
		}),
	}
}

// withMatter says whose time it is of which a topic takes a share.
func withMatter(by string) string {
	if by == figures.ByTopic || by == figures.ByLang {
		return " for it; all rows together are the row All"
	}
	return ""
}

func variantTitle(v figures.Variant) string {
	for _, c := range variants {
		if c.Value == string(v) {
			return c.Title
		}
	}
	return ""
}

// busy is the occupancy, where there is any.
func busy(c callback.Section) Cell {
	if c.Handled == 0 && c.Occupancy == 0 {
		return Cell{Text: none}
	}
	return Cell{Text: fmt.Sprintf("%.0f %%", 100*c.Occupancy), Value: rounded(c.Occupancy)}
}

// work is what agents did.
func (s *Server) work(t told) Table {
	return Table{
		Name: "service", Title: "Work of the agents",
		Columns: columns("of=Agent", "handled=Calls#", "aht_seconds=AHT#", "occupancy=Occupancy#", "answered=Callers answered#", "asa_seconds=They waited#"),
		Note:    "AHT: how long a call takes, writing included. Occupancy: of the time at work, how much one was rung, spoke or wrote. Short calls are not better calls." + t.apart(),
		Rows: s.each(t, func(c callback.Section) []Cell {
			return []Cell{number(c.Handled), span(c.AHT, c.Handled), busy(c), number(c.Offered.Part), span(c.ASA, c.Offered.Part)}
		}),
	}
}

func (s *Server) said(t told) Table {
	note := fmt.Sprintf("Below %d answers no figure is shown. The interval holds the truth 19 times of 20. CSAT: 4 and 5 of 5. NPS: from −100 to 100. CES: 1 to 7. "+
		"FCR: after so many of the calls of at least a week ago nobody came back about the same within 7 days.", feedback.Few)
	if t.By == figures.ByAgent && t.Sort == "csat" && !ranked(t.Groups) {
		note = fmt.Sprintf("Sorted by name: somebody has fewer than %d answers, and an order would say nothing. ", feedback.Few) + note
	}
	return Table{
		Name: "said", Title: "What customers said",
		Columns: columns("of="+groupTitle(t.By), "csat_n=Answers#", "csat=CSAT#", "csat_between=Interval#", "nps_n=NPS answers#", "nps=NPS#",
			"ces_n=CES answers#", "ces=CES#", "fcr_n=Calls a week old#", "fcr=FCR#", "fcr_between=Interval of FCR#", "asked_fcr_n=Asked if solved#", "asked_fcr=Said solved#"),
		Note: note + t.apart(),
		Rows: s.each(t, func(c callback.Section) []Cell {
			csat, between := sure(c.Said.CSAT())
			fcr, around := sure(c.Said.FCR())
			solved, _ := sure(c.Said.AskedFCR())
			return []Cell{
				number(c.Said.CSAT().N), csat, between, number(c.Said.NPS().N), points(c.Said.NPS(), "%+.0f"),
				number(c.Said.CES().N), points(c.Said.CES(), "%.1f"), number(c.Said.FCR().N), fcr, around, number(c.Said.AskedFCR().N), solved,
			}
		}),
	}
}

// steps are the words of the funnel.
var steps = map[string]string{
	"offered": "were offered a callback", "accepted": "took it", "dialed": "were dialled", "answered": "answered", "connected": "spoke with an agent",
}

func funnel(t told) Table {
	table := Table{Name: "funnel", Title: "From the offer to the conversation", Columns: columns("step=Customers who", "n=How many#", "share=Of those who took it#")}
	accepted := 0
	for _, f := range t.All.Funnel {
		if f.Name == "accepted" {
			accepted = f.N
		}
	}
	for _, f := range t.All.Funnel {
		of := share(figures.Ratio{Part: f.N, Whole: accepted})
		if f.Name == "offered" {
			of = Cell{Text: none}
		}
		table.Rows = append(table.Rows, Row{Cells: []Cell{{Text: cmp.Or(steps[f.Name], f.Name), Value: f.Name}, number(f.N), of}})
	}
	return table
}

// cost is what it cost callers, and how true what they were told was.
func cost(t told) Table {
	r := t.All.Report
	row := func(key, title string, c Cell) Row {
		return Row{Cells: []Cell{{Text: title, Value: key}, c}}
	}
	saved := Cell{Text: none}
	if r.Saved.N > 0 {
		saved = Cell{Text: fmt.Sprintf("about %s, of %d callers", hours(r.Saved.Seconds), r.Saved.N), Value: rounded(r.Saved.Seconds)}
	}
	return Table{
		Name: "effort", Title: "What it cost callers, and was it true", Columns: columns("figure=Figure", "value=Value#"),
		Note: "Hold time saved is an estimate: how long they would have waited, by the forecast of that moment. " +
			"A forecast is honest when 88 to 94 of 100 wait no longer than they were told.",
		Rows: []Row{
			row("menu_seconds", "Menu heard, on average", span(r.Effort.Menu, r.Calls)),
			row("hold_seconds", "On hold, on average", span(r.Effort.Hold, r.Calls)),
			row("keys", "Keys pressed, on average", keys(r)),
			row("hold_saved_seconds_estimate", "Hold time saved (estimate)", saved),
			row("forecast_held", "Waited no longer than they were told", share(r.Forecast.Held)),
			row("forecast_told", "Callers who were told how long", number(r.Forecast.Held.Whole)),
			row("forecast_bias_seconds", "Forecast too long (+) or too short (−) by", span(r.Forecast.Bias, r.Forecast.Held.Whole)),
			row("forecast_error_seconds", "Forecast wrong by, on average", span(r.Forecast.Error, r.Forecast.Held.Whole)),
			row("worst_node", "Where callers have trouble in the menus", Cell{Text: cmp.Or(t.Worst, "Nowhere to speak of."), Value: t.Worst}),
		},
	}
}

func keys(r figures.Report) Cell {
	if r.Calls == 0 {
		return Cell{Text: none}
	}
	return Cell{Text: fmt.Sprintf("%.1f", r.Effort.Keys), Value: rounded(r.Effort.Keys)}
}
