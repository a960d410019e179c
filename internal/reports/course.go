package reports

import (
	"fmt"
	"strconv"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
)

// stepTitle is what a column of days or weeks is called.
func stepTitle(step string) string {
	if step == callback.ByWeek {
		return "Week from"
	}
	return "Day"
}

// courseOf makes a table with a row for each day or week.
func courseOf(t told, name, title string, cols []Column, row func(callback.Section) []Cell) Table {
	table := Table{Name: name, Title: title + ", by " + t.Step, Columns: append(columns("from="+stepTitle(t.Step)), cols...)}
	for _, c := range t.Course {
		day := Cell{Text: c.Since.Format("Mon 2 Jan"), Value: c.Of}
		if t.Step == callback.ByWeek {
			day.Text = c.Since.Format("2 Jan 2006")
		}
		table.Rows = append(table.Rows, Row{Cells: append([]Cell{day}, row(c)...)})
	}
	return table
}

func coursePromises(t told) Table {
	return courseOf(t, "course-promises", "Promises kept", columns("due=Due#", "kept=Kept#", "kept_share=Kept of due#", "late=Late#", "broken=Broken#"),
		func(c callback.Section) []Cell {
			p := c.Promises
			return []Cell{number(p.Kept.Whole), number(p.Kept.Part), share(p.Kept), number(p.Late), number(p.Broken)}
		})
}

func courseService(t told) Table {
	return courseOf(t, "course-service", "Callers who asked for a person", columns("offered=Asked#", "answered=Answered#", "abandoned=Hung up#", "abandoned_share=Abandonment#"),
		func(c callback.Section) []Cell {
			return []Cell{number(c.Offered.Whole), number(c.Offered.Part), number(c.Abandoned.Part), share(c.Abandoned)}
		})
}

func courseSaid(t told) Table {
	return courseOf(t, "course-csat", "Satisfied customers",
		columns("n=Answers#", "csat=CSAT#", "csat_between=Interval#"),
		func(c callback.Section) []Cell {
			value, between := sure(c.Said.CSAT())
			return []Cell{number(c.Said.CSAT().N), value, between}
		})
}

func courseRecommended(t told) Table {
	return courseOf(t, "course-nps", "Who would recommend us", columns("n=Answers#", "nps=NPS#", "nps_between=Interval#"),
		func(c callback.Section) []Cell { return scored(c.Said.NPS(), "%+.0f") })
}

func courseEasy(t told) Table {
	return courseOf(t, "course-ces", "How easy it was", columns("n=Answers#", "ces=CES#", "ces_between=Interval#"),
		func(c callback.Section) []Cell { return scored(c.Said.CES(), "%.1f") })
}

func courseSolved(t told) Table {
	return courseOf(t, "course-fcr", "Solved at the first contact", columns("n=Calls a week old#", "fcr=FCR#", "fcr_between=Interval#"),
		func(c callback.Section) []Cell {
			value, between := sure(c.Said.FCR())
			return []Cell{number(c.Said.FCR().N), value, between}
		})
}

func courseLevel(t told) Table {
	return courseOf(t, "course-level", fmt.Sprintf("Answered in %.0f s", t.Standard.Within.Seconds()), columns("offered=Asked#", "service_level=Service level#", "asa_seconds=ASA#"),
		func(c callback.Section) []Cell {
			return []Cell{number(c.Offered.Whole), share(c.ServiceLevel), span(c.ASA, c.Offered.Part)}
		})
}

func courseWork(t told) Table {
	return courseOf(t, "course-work", "How busy agents were", columns("handled=Calls#", "aht_seconds=AHT#", "occupancy=Occupancy#"),
		func(c callback.Section) []Cell { return []Cell{number(c.Handled), span(c.AHT, c.Handled), busy(c)} })
}

// hourly says from when on hours are counted.
func (t told) hourly() string {
	if t.Hourly.IsZero() {
		return " Nothing was counted by the hour yet."
	}
	return " Counted by the hour since " + callback.DayOf(t.Hourly, t.From.Location()).Format("2 Jan 2006") + "."
}

// weekdays are those of a table of hours, from Monday on.
var weekdays = []string{"mon=Mon#", "tue=Tue#", "wed=Wed#", "thu=Thu#", "fri=Fri#", "sat=Sat#", "sun=Sun#"}

// grid adds up the hours of the week: by the hour of the day, then the day.
func grid(t told) (all [24][7]int, most int) {
	for _, p := range t.Hours {
		hour, err := strconv.Atoi(p.Of)
		if err != nil || hour < 0 || hour > 23 {
			continue
		}
		day := (int(callback.DayOf(p.Since, t.From.Location()).Weekday()) + 6) % 7
		all[hour][day] += p.N
		most = max(most, all[hour][day])
	}
	return all, most
}

// busyHours are the first and the last hour in which anything was counted.
func busyHours(all [24][7]int) (first, last int) {
	first, last = 24, -1
	for hour, days := range all {
		if days != [7]int{} {
			first, last = min(first, hour), hour
		}
	}
	return first, last
}

func week(t told) Table {
	table := Table{
		Name: "week", Title: heatTitle(t.Heat) + ", by weekday and hour", Empty: "Nothing was counted.",
		Columns: append(columns("hour=From"), columns(weekdays...)...), Note: "Added up over the whole period, by the clock where the queue is." + t.hourly(),
	}
	all, _ := grid(t)
	first, last := busyHours(all)
	for hour := first; hour <= last; hour++ {
		row := Row{Cells: []Cell{{Text: fmt.Sprintf("%d:00", hour), Value: hour}}}
		for _, n := range all[hour] {
			row.Cells = append(row.Cells, number(n))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func heatTitle(heat string) string {
	for _, h := range heats {
		if h.Value == heat {
			return h.Title
		}
	}
	return heat
}

func (s *Server) pulse(t told) Table {
	table := Table{
		Name: "pulse", Title: "How the team is", Empty: "Nobody was asked, or fewer than five answered in every week.",
		Columns: columns("week=Week from", "n=Answers#", "mean=Mean of 1 to 5#", "words=Said beside it"),
		Note:    fmt.Sprintf("%s Agents answer without a name. A week is shown when it is over, and at least %d have answered.", s.Desk.Pulse.Question, callback.FewMoods),
	}
	for _, m := range t.Pulse {
		mean := feedback.Mean(m.Scores, 1, 5)
		table.Rows = append(table.Rows, Row{Cells: []Cell{
			{Text: m.Week.In(s.Zone).Format("2 Jan 2006"), Value: m.Week.In(s.Zone).Format(time.DateOnly)},
			number(mean.N),
			{Text: fmt.Sprintf("%.1f", mean.Value), Value: rounded(mean.Value)},
			words(joined(m.Words)),
		}})
	}
	return table
}
