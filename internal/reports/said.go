package reports

import (
	"cmp"
	"fmt"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/callback/figures"
)

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
