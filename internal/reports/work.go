package reports

import (
	"fmt"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
)

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
