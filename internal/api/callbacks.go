package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
)

// A Callback is a promise as programs see it.
type Callback struct {
	ID        string    `json:"id"`
	Queue     string    `json:"queue"`
	Phone     string    `json:"phone" example:"+358401234567"`
	Name      string    `json:"name"`
	Topic     string    `json:"topic"`
	Language  string    `json:"language"`
	Note      string    `json:"note"`
	Owner     string    `json:"owner" doc:"The agent who keeps it; empty for the team"`
	Agent     string    `json:"agent" doc:"The agent who has it in hand, or spoke last"`
	State     string    `json:"state" example:"booked"`
	At        time.Time `json:"at" doc:"When the customer is called, on the clock of the queue"`
	Until     time.Time `json:"until" doc:"The end of the promised window"`
	Zone      string    `json:"zone" example:"Europe/Helsinki"`
	Attempts  int       `json:"attempts"`
	Moves     int       `json:"moves"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func shown(c callback.Callback) Callback {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = time.UTC
	}
	return Callback{
		ID: c.ID, Queue: c.Queue, Phone: string(c.Phone), Name: c.Name, Topic: c.Topic, Language: c.Lang, Note: c.Note,
		Owner: c.Owner, Agent: c.Agent, State: string(c.State), At: c.At.In(zone), Until: c.Until.In(zone), Zone: c.Zone,
		Attempts: c.Attempts, Moves: c.Moves, CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC(),
	}
}

// An Attempt is one call that was placed to keep a promise.
type Attempt struct {
	Number     int       `json:"number"`
	Leg        string    `json:"leg" doc:"agent or customer"`
	Agent      string    `json:"agent"`
	Outcome    string    `json:"outcome"`
	BeganAt    time.Time `json:"began_at"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
}

// callbackBody is an answer with one callback.
type callbackBody struct {
	Location string `header:"Location"`
	Body     Callback
}

func one(c callback.Callback) *callbackBody {
	return &callbackBody{Location: Prefix + "/callbacks/" + c.ID, Body: shown(c)}
}

// byID names a callback.
type byID struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Server) callbacks(a huma.API) {
	register(a, operation{
		name: "list-callbacks", method: http.MethodGet, path: "/callbacks", scope: accounts.ReadCallbacks,
		about: "List callbacks",
	}, s.listCallbacks)
	register(a, operation{
		name: "book-callback", method: http.MethodPost, path: "/callbacks", scope: accounts.WriteCallbacks,
		about: "Promise a callback", status: http.StatusCreated, errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.book)
	register(a, operation{
		name: "show-callback", method: http.MethodGet, path: "/callbacks/{id}", scope: accounts.ReadCallbacks,
		about: "Show a callback, and the calls that were placed to keep it", errors: []int{http.StatusNotFound},
	}, s.showCallback)
	register(a, operation{
		name: "move-callback", method: http.MethodPost, path: "/callbacks/{id}/move", scope: accounts.WriteCallbacks,
		about: "Promise another time instead", errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.move)
	register(a, operation{
		name: "cancel-callback", method: http.MethodPost, path: "/callbacks/{id}/cancel", scope: accounts.WriteCallbacks,
		about: "Take a promise back, because the customer wishes so", errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.cancel)
	register(a, operation{
		name: "list-slots", method: http.MethodGet, path: "/slots", scope: accounts.ReadCallbacks,
		about: "List the times that can be promised", errors: []int{http.StatusNotFound},
	}, s.slots)
}

type callbacksAsk struct {
	Queue  string    `query:"queue" maxLength:"64"`
	Phone  string    `query:"phone" maxLength:"20" doc:"E.164, with its + written as %2B"`
	Agent  string    `query:"agent" maxLength:"64" doc:"Owner, or who has it in hand"`
	State  []string  `query:"state" maxItems:"14" doc:"booked, done, failed, ..."`
	From   time.Time `query:"from" doc:"Promised at this time or later"`
	To     time.Time `query:"to" doc:"Promised before this time"`
	Order  string    `query:"order" enum:"due,made" default:"due" doc:"By when they are due; or as they were made, which never changes: so that a copy of them all lacks none"`
	Cursor string    `query:"cursor" maxLength:"64" doc:"The next of the page before"`
	Limit  int       `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type callbacksPage struct {
	Body struct {
		Callbacks []Callback `json:"callbacks"`
		Next      string     `json:"next" doc:"The cursor of the next page; empty at the end"`
	}
}

func (s *Server) listCallbacks(ctx context.Context, q *callbacksAsk) (*callbacksPage, error) {
	f := callback.Filter{
		Queue: q.Queue, Phone: callback.Phone(q.Phone), Agent: q.Agent, From: q.From, To: q.To, Made: q.Order == "made", Max: q.Limit + 1,
	}
	at, id, err := fromCursor(q.Cursor)
	if err != nil {
		return nil, err
	}
	if f.After.ID = id; id != "" {
		f.After.At = time.UnixMicro(at)
	}
	for _, state := range q.State {
		if !slices.Contains(callback.States(), callback.State(state)) {
			return nil, problem(http.StatusUnprocessableEntity, "invalid", fmt.Sprintf("There is no such state; there are %v.", callback.States()))
		}
		f.States = append(f.States, callback.State(state))
	}
	found, err := s.Desk.List(ctx, f)
	if err != nil {
		return nil, s.explain(err)
	}
	p := &callbacksPage{}
	p.Body.Callbacks, p.Body.Next = paged(found, q.Limit, shown, func(c callback.Callback) string {
		if f.Made {
			return cursor(c.CreatedAt.UnixMicro(), c.ID)
		}
		return cursor(c.DueAt.UnixMicro(), c.ID)
	})
	return p, nil
}

type bookAsk struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"128" doc:"The same key and request give the same answer, for a day"`
	Body           struct {
		Queue    string    `json:"queue" maxLength:"64"`
		Phone    string    `json:"phone" maxLength:"20" example:"+358401234567" doc:"E.164"`
		At       time.Time `json:"at,omitzero" required:"false" doc:"When; without it, as soon as there is a free time"`
		ASAP     bool      `json:"asap,omitempty" doc:"As soon as there is a free time"`
		Name     string    `json:"name,omitempty" maxLength:"200"`
		Topic    string    `json:"topic,omitempty" maxLength:"200"`
		Language string    `json:"language,omitempty" maxLength:"8" example:"fi"`
		Note     string    `json:"note,omitempty" maxLength:"2000" doc:"For the agent"`
		Owner    string    `json:"owner,omitempty" maxLength:"64" doc:"The agent who shall keep it"`
	}
}

// noQueue is a request about a queue that is not there.
func noQueue() *ProblemError {
	return problem(http.StatusNotFound, "not-found", "There is no such queue; GET "+Prefix+"/queues has them all.")
}

// freeTold is how many other times are told when one is taken.
const freeTold = 3

func (s *Server) book(ctx context.Context, q *bookAsk) (*callbackBody, error) {
	b, c := q.Body, callerOf(ctx)
	if b.ASAP && !b.At.IsZero() {
		return nil, problem(http.StatusUnprocessableEntity, "invalid", "Either at or asap.")
	}
	if _, ok := s.Agents[b.Owner]; b.Owner != "" && !ok {
		return nil, problem(http.StatusUnprocessableEntity, "invalid", "There is no such agent.")
	}
	if s.Queues[b.Queue] == nil {
		return nil, noQueue()
	}
	r := callback.Request{
		Queue: b.Queue, Phone: callback.Phone(b.Phone), At: b.At, Name: b.Name, Topic: b.Topic, Lang: b.Language,
		Note: b.Note, Owner: b.Owner, Actor: c.actor,
	}
	if q.IdempotencyKey != "" {
		sum := sha256.Sum256([]byte(c.id + " " + q.IdempotencyKey))
		r.Key = hex.EncodeToString(sum[:16])
	}
	booked, err := s.Desk.Book(ctx, r)
	if err == nil {
		return one(booked), nil
	}
	told := s.explain(err)
	p, ok := errors.AsType[*ProblemError](told)
	switch {
	case ok && errors.Is(err, callback.ErrBooked):
		there := shown(booked)
		p.Callback = &there
	case ok && errors.Is(err, callback.ErrTaken):
		free, err := s.Desk.Free(ctx, b.Queue)
		if err == nil {
			p.Free = free[:min(len(free), freeTold)]
		}
	}
	return nil, told
}

type callbackPage struct {
	Body struct {
		Callback
		Calls []Attempt `json:"calls"`
	}
}

func (s *Server) showCallback(ctx context.Context, q *byID) (*callbackPage, error) {
	c, attempts, err := s.Desk.Show(ctx, q.ID)
	if err != nil {
		return nil, s.explain(err)
	}
	p := &callbackPage{}
	p.Body.Callback, p.Body.Calls = shown(c), []Attempt{}
	for _, a := range attempts {
		p.Body.Calls = append(p.Body.Calls, Attempt{
			Number: a.No, Leg: string(a.Leg), Agent: a.Agent, Outcome: a.Outcome, BeganAt: a.IntentAt, AnsweredAt: a.AnsweredAt, EndedAt: a.EndedAt,
		})
	}
	return p, nil
}

type moveAsk struct {
	ID             string `path:"id" maxLength:"64"`
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"128"`
	Body           struct {
		At time.Time `json:"at"`
	}
}

func (s *Server) move(ctx context.Context, q *moveAsk) (*callbackBody, error) {
	moved, err := s.Desk.Move(ctx, q.ID, q.Body.At, callerOf(ctx).actor)
	if err != nil {
		return nil, s.explain(err)
	}
	return one(moved), nil
}

type cancelAsk struct {
	ID             string `path:"id" maxLength:"64"`
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"128"`
}

// cancel does nothing to what was cancelled before.
func (s *Server) cancel(ctx context.Context, q *cancelAsk) (*callbackBody, error) {
	failed := s.Desk.Cancel(ctx, q.ID, callerOf(ctx).actor)
	c, _, err := s.Desk.Show(ctx, q.ID)
	if err == nil && failed != nil && c.State != callback.CancelledState {
		err = failed
	}
	if err != nil {
		return nil, s.explain(err)
	}
	return one(c), nil
}

type slotsAsk struct {
	Queue string `query:"queue" required:"true" maxLength:"64"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
}

type slotsPage struct {
	Body struct {
		Queue string      `json:"queue"`
		Slots []time.Time `json:"slots"`
	}
}

func (s *Server) slots(ctx context.Context, q *slotsAsk) (*slotsPage, error) {
	if s.Queues[q.Queue] == nil {
		return nil, noQueue()
	}
	free, err := s.Desk.Free(ctx, q.Queue)
	if err != nil {
		return nil, s.explain(err)
	}
	p := &slotsPage{}
	p.Body.Queue, p.Body.Slots = q.Queue, append([]time.Time{}, free[:min(len(free), q.Limit)]...)
	return p, nil
}
