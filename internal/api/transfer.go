package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/holdless/holdless/callback"
)

// A Switchboard puts people through in mid-call, as agents say.
type Switchboard interface {
	PutThrough(ctx context.Context, s callback.SendOn) error
	Join(ctx context.Context, agent string) error
	TakeBack(ctx context.Context, agent string) error
}

type transferAsk struct {
	Agent string `path:"agent" example:"anna"`
	Body  struct {
		Do string `json:"do" enum:"put_through,consult,join,take_back" doc:"Put the person through; speak with somebody first; then put both together, or take the person back"`
		To string `json:"to,omitempty" maxLength:"100" example:"boris" doc:"An agent, a queue, or a number that is listed: for put_through and consult"`
	}
}

// transfer puts the person through whom an agent speaks with; one who has signed in
// as an agent does so with his own call only.
func (s *Server) transfer(ctx context.Context, q *transferAsk) (*struct{}, error) {
	if own := callerOf(ctx).agent; own != "" && own != q.Agent {
		return nil, problem(http.StatusForbidden, "not-allowed", "Agents put through in their own calls only.")
	}
	if s.Switchboard == nil {
		return nil, s.untransferred(callback.ErrOtherLine)
	}
	var err error
	switch q.Body.Do {
	case "join":
		err = s.Switchboard.Join(ctx, q.Agent)
	case "take_back":
		err = s.Switchboard.TakeBack(ctx, q.Agent)
	default:
		err = s.Switchboard.PutThrough(ctx, callback.SendOn{Agent: q.Agent, To: q.Body.To, Consult: q.Body.Do == "consult"})
	}
	return nil, s.untransferred(err)
}

// untransferred says why somebody was not put through.
func (s *Server) untransferred(err error) error {
	switch {
	case errors.Is(err, callback.ErrNoCall):
		return problem(http.StatusConflict, "no-call", "The agent speaks with nobody for whom that can be done.")
	case errors.Is(err, callback.ErrOtherLine):
		return problem(http.StatusConflict, "by-telephone", "The transfer key of the agent's telephone does it.")
	case errors.Is(err, callback.ErrUnreached):
		return problem(http.StatusServiceUnavailable, "unavailable", "The node that carries the call does not answer; nothing was done.")
	case errors.Is(err, callback.ErrUnclear):
		return problem(http.StatusConflict, "unclear", "The node that carries the call has died meanwhile, or does not answer.")
	case errors.Is(err, callback.ErrNobodyFree):
		return problem(http.StatusConflict, "nobody-free", "")
	case errors.Is(err, callback.ErrForbidden):
		return problem(http.StatusUnprocessableEntity, "not-a-place", "")
	}
	return s.explain(err)
}
