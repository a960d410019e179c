package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/internal/accounts"
)

// A Call is one conversation.
type Call struct {
	ID       string    `json:"id"`
	Line     string    `json:"line" example:"sip"`
	Phone    string    `json:"phone"`
	Menu     string    `json:"menu"`
	Node     string    `json:"node" doc:"Where in the menu it ended, or is"`
	Queue    string    `json:"queue"`
	Callback string    `json:"callback" doc:"The promise that it was about"`
	Agent    string    `json:"agent"`
	BeganAt  time.Time `json:"began_at"`
	EndedAt  time.Time `json:"ended_at,omitzero"`
}

// A Rating is what somebody answered to a survey.
type Rating struct {
	Question string    `json:"question" example:"csat"`
	Value    int       `json:"value"`
	Words    string    `json:"words"`
	Queue    string    `json:"queue"`
	Agent    string    `json:"agent"`
	At       time.Time `json:"at"`
}

// A Figure is a number that was counted, with how sure that makes us.
type Figure struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low" doc:"The bounds within which it lies, 19 times of 20"`
	High  float64 `json:"high"`
	N     int     `json:"n"`
}

func ofShare(s feedback.Share) Figure { return Figure{s.Value, s.Low, s.High, s.N} }

func ofScore(s feedback.Score) Figure { return Figure{s.Value, s.Low, s.High, s.N} }

func (s *Server) records(a huma.API) {
	register(a, operation{
		name: "list-calls", method: http.MethodGet, path: "/calls", scope: accounts.ReadCallbacks,
		about: "List the calls and text talks with a number, the newest first",
	}, s.calls)
	register(a, operation{
		name: "list-surveys", method: http.MethodGet, path: "/surveys", scope: accounts.ReadReports,
		about: "List what somebody answered to surveys, the newest first",
	}, s.surveys)
	register(a, operation{
		name: "report-feedback", method: http.MethodGet, path: "/reports/feedback", scope: accounts.ReadReports,
		about: "Tell what customers said on some days: the whole of those in which from and to are",
	}, s.report)
}

// byPhone names a person.
type byPhone struct {
	Phone string `query:"phone" required:"true" maxLength:"20" doc:"E.164, with its + written as %2B"`
}

type callsPage struct {
	Body struct {
		Calls []Call `json:"calls"`
	}
}

func (s *Server) calls(ctx context.Context, q *byPhone) (*callsPage, error) {
	found, err := s.Desk.Calls(ctx, callback.Phone(q.Phone))
	if err != nil {
		return nil, s.explain(err)
	}
	p := &callsPage{}
	p.Body.Calls = []Call{}
	for _, t := range found {
		p.Body.Calls = append(p.Body.Calls, Call{
			ID: t.ID, Line: t.Line, Phone: string(t.Phone), Menu: t.Menu, Node: t.State.Node, Queue: t.Queue,
			Callback: t.Callback, Agent: t.Agent, BeganAt: t.BeganAt, EndedAt: t.EndedAt,
		})
	}
	return p, nil
}

type surveysPage struct {
	Body struct {
		Answers []Rating `json:"answers"`
	}
}

func (s *Server) surveys(ctx context.Context, q *byPhone) (*surveysPage, error) {
	found, err := s.Desk.RatingsOf(ctx, callback.Phone(q.Phone))
	if err != nil {
		return nil, s.explain(err)
	}
	p := &surveysPage{}
	p.Body.Answers = []Rating{}
	for _, r := range found {
		p.Body.Answers = append(p.Body.Answers, Rating{r.Question, r.Value, r.Words, r.Queue, r.Agent, r.At})
	}
	return p, nil
}

type reportAsk struct {
	From  time.Time `query:"from" doc:"Without it, 30 days before to"`
	To    time.Time `query:"to" doc:"Without it, now"`
	Queue string    `query:"queue" maxLength:"64"`
	Agent string    `query:"agent" maxLength:"64"`
}

type reportPage struct {
	Body struct {
		From      time.Time `json:"from"`
		To        time.Time `json:"to"`
		Asked     int       `json:"asked"`
		Delivered int       `json:"delivered"`
		Answered  int       `json:"answered"`
		Stopped   int       `json:"stopped" doc:"Who want no more surveys"`
		Response  Figure    `json:"response"`
		CSAT      Figure    `json:"csat" doc:"The share of 4 and 5"`
		NPS       Figure    `json:"nps"`
		CES       Figure    `json:"ces"`
		FCR       Figure    `json:"fcr" doc:"The share of calls after which nobody came back within 7 days"`
	}
}

func (s *Server) report(ctx context.Context, q *reportAsk) (*reportPage, error) {
	if q.To.IsZero() {
		q.To = s.Now()
	}
	if q.From.IsZero() {
		q.From = q.To.AddDate(0, 0, -30)
	}
	f, err := s.Desk.Said(ctx, callback.FigureFilter{From: q.From, To: q.To, Queue: q.Queue, Agent: q.Agent})
	if err != nil {
		return nil, s.explain(err)
	}
	p := &reportPage{}
	b := &p.Body
	b.From, b.To, b.Asked, b.Delivered, b.Answered, b.Stopped = q.From, q.To, f.Asked, f.Delivered, f.Answered, f.Stopped
	b.Response, b.CSAT, b.FCR = ofShare(f.Response()), ofShare(f.CSAT()), ofShare(f.FCR())
	b.NPS, b.CES = ofScore(f.NPS()), ofScore(f.CES())
	return p, nil
}
