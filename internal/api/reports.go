package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/internal/accounts"
)

// A Section is what is reported of one queue, topic, day and so on.
type Section struct {
	Of string `json:"of" doc:"The queue, topic, language, agent or first day; empty for all together, and for what is not known"`
	figures.Report
	CSAT     *Figure `json:"csat,omitempty" doc:"The share of 4 and 5; left out below ten answers, as the others are"`
	NPS      *Figure `json:"nps,omitempty"`
	CES      *Figure `json:"ces,omitempty"`
	FCR      *Figure `json:"fcr,omitempty" doc:"The share of calls after which nobody came back within 7 days"`
	AskedFCR *Figure `json:"asked_fcr,omitempty" doc:"The share of customers who say that it is solved"`
}

// A Missed is one promise that was not kept.
type Missed struct {
	Callback string    `json:"callback"`
	Queue    string    `json:"queue"`
	Agent    string    `json:"agent"`
	Promised time.Time `json:"promised_until,omitzero"`
	How      string    `json:"how" enum:"late,broken"`
	Late     float64   `json:"late_seconds"`
	Why      string    `json:"why" doc:"In one sentence"`
}

func (s *Server) reports(a huma.API) {
	register(a, operation{
		name: "report-service", method: http.MethodGet, path: "/reports/service", scope: accounts.ReadReports,
		about:  "Tell what the service did on some days: promises, waits, answers, what it cost callers",
		errors: []int{http.StatusUnprocessableEntity},
	}, s.service)
	register(a, operation{
		name: "report-missed", method: http.MethodGet, path: "/reports/missed", scope: accounts.ReadReports,
		about: "List the promises that were not kept, the newest first, with why", errors: []int{http.StatusUnprocessableEntity},
	}, s.missed)
}

// Days are some days, by the clock of the service.
type Days struct {
	From  string `query:"from" format:"date" doc:"The first day; without it, 30 days before the last"`
	To    string `query:"to" format:"date" doc:"The last day; without it, today"`
	Queue string `query:"queue" maxLength:"64"`
}

func (s *Server) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// mostDays bounds what one request adds up: days as they are where the service
// is, of 23 and of 25 hours among them.
const mostDays = 2 * 366

// days are when the first day begins, and when the last one is over.
func (q Days) days(now time.Time, zone *time.Location) (from, to time.Time, err error) {
	last := opening.DayOf(now.In(zone))
	if q.To != "" {
		written, err := time.Parse(time.DateOnly, q.To)
		if err != nil {
			return from, to, huma.Error422UnprocessableEntity("to is not a day written like 2026-11-30")
		}
		last = opening.DayOf(written)
	}
	first := last.Plus(-30)
	if q.From != "" {
		written, err := time.Parse(time.DateOnly, q.From)
		if err != nil {
			return from, to, huma.Error422UnprocessableEntity("from is not a day written like 2026-11-30")
		}
		first = opening.DayOf(written)
	}
	if first.Compare(last) > 0 || first.Plus(mostDays).Compare(last) <= 0 {
		return from, to, huma.Error422UnprocessableEntity("from must not be after to, nor two years before it")
	}
	return first.Begins(zone), last.Plus(1).Begins(zone), nil
}

type serviceAsk struct {
	Days
	By      string `query:"by" enum:"all,queue,topic,language,agent,day,week" default:"queue" doc:"Days and weeks have only the figures that are drawn as a course"`
	Within  int    `query:"within" minimum:"1" maximum:"7200" default:"20" doc:"The standard of the service level, in seconds"`
	Variant string `query:"variant" enum:"negative,ignored,positive" default:"negative" doc:"Of the service level: what becomes of who hung up"`
}

type servicePage struct {
	Body struct {
		From     string    `json:"from"`
		To       string    `json:"to"`
		By       string    `json:"by"`
		Sections []Section `json:"sections"`
	}
}

func (s *Server) service(ctx context.Context, q *serviceAsk) (*servicePage, error) {
	from, to, err := q.days(s.Now(), s.zone())
	if err != nil {
		return nil, err
	}
	found, err := s.Desk.Report(ctx, callback.ReportFilter{
		By: q.By, From: from, To: to, Queue: q.Queue,
		Standard: figures.Standard{Within: time.Duration(q.Within) * time.Second, Variant: figures.Variant(q.Variant)},
	})
	if err != nil {
		return nil, s.explain(err)
	}
	p := &servicePage{}
	p.Body.From, p.Body.To, p.Body.By = from.Format(time.DateOnly), opening.DayOf(to).Plus(-1).String(), q.By
	p.Body.Sections = []Section{}
	for _, c := range found {
		p.Body.Sections = append(p.Body.Sections, sectionOf(c))
	}
	return p, nil
}

// sectionOf leaves out the figures that few answers make.
func sectionOf(c callback.Section) Section {
	one := Section{Of: c.Of, Report: c.Report}
	if one.Promises.Reasons == nil {
		one.Promises.Reasons = []figures.Reason{}
	}
	one.CSAT, one.FCR, one.AskedFCR = shareOf(c.Said.CSAT()), shareOf(c.Said.FCR()), shareOf(c.Said.AskedFCR())
	one.NPS, one.CES = scoreOf(c.Said.NPS()), scoreOf(c.Said.CES())
	return one
}

func shareOf(s feedback.Share) *Figure {
	if !s.Enough() {
		return nil
	}
	f := ofShare(s)
	return &f
}

func scoreOf(s feedback.Score) *Figure {
	if !s.Enough() {
		return nil
	}
	f := ofScore(s)
	return &f
}

type missedAsk struct {
	Days
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"200"`
}

type missedPage struct {
	Body struct {
		Missed []Missed `json:"missed"`
	}
}

func (s *Server) missed(ctx context.Context, q *missedAsk) (*missedPage, error) {
	from, to, err := q.days(s.Now(), s.zone())
	if err != nil {
		return nil, err
	}
	found, err := s.Desk.Missed(ctx, callback.MissedFilter{From: from, To: to, Queue: q.Queue, Max: q.Limit})
	if err != nil {
		return nil, s.explain(err)
	}
	p := &missedPage{}
	p.Body.Missed = []Missed{}
	for _, m := range found {
		p.Body.Missed = append(p.Body.Missed, Missed{m.ID, m.Queue, m.Agent, m.Promised, m.How, m.Late.Seconds(), m.Why})
	}
	return p, nil
}
