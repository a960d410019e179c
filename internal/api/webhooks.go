package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/hooks"
)

// A Webhook is a program that is told what happens. Webhooks are made in the
// configuration.
type Webhook struct {
	Name         string    `json:"name"`
	URL          string    `json:"url"`
	Events       []string  `json:"events"`
	FailingSince time.Time `json:"failing_since,omitzero"`
	DisabledAt   time.Time `json:"disabled_at,omitzero" doc:"It took nothing for days, and is told nothing more"`
}

// A Delivery is one event on its way to one webhook.
type Delivery struct {
	ID      string    `json:"id" doc:"webhook-id, the same at every try"`
	Event   int64     `json:"event"`
	Type    string    `json:"type"`
	State   string    `json:"state" enum:"waiting,delivered,failed"`
	Tries   int       `json:"tries"`
	Status  int       `json:"status" doc:"What it answered last; 0 for nothing"`
	Error   string    `json:"error"`
	MadeAt  time.Time `json:"made_at"`
	NextTry time.Time `json:"next_try,omitzero"`
	DoneAt  time.Time `json:"done_at,omitzero"`
}

func delivery(d hooks.Delivery) Delivery {
	shown := Delivery{
		ID: d.ID, Event: d.Seq, Type: d.Kind, State: "waiting", Tries: d.Tries, Status: d.Status, Error: d.Err,
		MadeAt: d.MadeAt, NextTry: d.DueAt, DoneAt: d.DoneAt,
	}
	if !d.DoneAt.IsZero() {
		shown.State, shown.NextTry = "delivered", time.Time{}
		if d.Err != "" {
			shown.State = "failed"
		}
	}
	return shown
}

func (s *Server) webhooks(a huma.API) {
	register(a, operation{
		name: "list-webhooks", method: http.MethodGet, path: "/webhooks", scope: accounts.ReadWebhooks, about: "List the webhooks of the configuration",
	}, s.listWebhooks)
	register(a, operation{
		name: "list-deliveries", method: http.MethodGet, path: "/webhooks/{name}/deliveries", scope: accounts.ReadWebhooks,
		about: "Show what was sent to a webhook, the newest first", errors: []int{http.StatusNotFound},
	}, s.deliveries)
	register(a, operation{
		name: "replay-delivery", method: http.MethodPost, path: "/webhooks/{name}/deliveries/{id}/replay", scope: accounts.WriteWebhooks,
		about: "Send something once more", errors: []int{http.StatusNotFound},
	}, s.replay)
	register(a, operation{
		name: "enable-webhook", method: http.MethodPost, path: "/webhooks/{name}/enable", scope: accounts.WriteWebhooks,
		about: "Send to a webhook again that was disabled", errors: []int{http.StatusNotFound},
	}, s.enable)
}

type webhooksPage struct {
	Body struct {
		Webhooks []Webhook `json:"webhooks"`
	}
}

func (s *Server) listWebhooks(ctx context.Context, _ *struct{}) (*webhooksPage, error) {
	all, err := s.Hooks.List(ctx)
	if err != nil {
		return nil, s.explain(err)
	}
	p := &webhooksPage{}
	p.Body.Webhooks = []Webhook{}
	for _, h := range all {
		p.Body.Webhooks = append(p.Body.Webhooks, Webhook{h.Name, h.URL, append([]string{}, h.Events...), h.FailingSince, h.DisabledAt})
	}
	return p, nil
}

type deliveriesAsk struct {
	Name   string `path:"name" maxLength:"64"`
	Cursor string `query:"cursor" maxLength:"64" doc:"The next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type deliveriesPage struct {
	Body struct {
		Deliveries []Delivery `json:"deliveries"`
		Next       string     `json:"next" doc:"The cursor of the next page; empty at the end"`
	}
}

func (s *Server) deliveries(ctx context.Context, q *deliveriesAsk) (*deliveriesPage, error) {
	seq, id, err := fromCursor(q.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Hooks.Deliveries(ctx, q.Name, hooks.Mark{Seq: seq, ID: id}, q.Limit+1)
	if err != nil {
		return nil, s.explain(err)
	}
	p := &deliveriesPage{}
	p.Body.Deliveries, p.Body.Next = paged(found, q.Limit, delivery, func(d hooks.Delivery) string { return cursor(d.Seq, d.ID) })
	return p, nil
}

type replayAsk struct {
	Name           string `path:"name" maxLength:"64"`
	ID             string `path:"id" maxLength:"64"`
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"128"`
}

type deliveryBody struct {
	Body Delivery
}

func (s *Server) replay(ctx context.Context, q *replayAsk) (*deliveryBody, error) {
	d, err := s.Hooks.Replay(ctx, q.Name, q.ID, callerOf(ctx).actor)
	if err != nil {
		return nil, s.explain(err)
	}
	return &deliveryBody{delivery(d)}, nil
}

type enableAsk struct {
	Name string `path:"name" maxLength:"64"`
}

func (s *Server) enable(ctx context.Context, q *enableAsk) (*webhooksPage, error) {
	if err := s.Hooks.Enable(ctx, q.Name, callerOf(ctx).actor); err != nil {
		return nil, s.explain(err)
	}
	return s.listWebhooks(ctx, nil)
}
