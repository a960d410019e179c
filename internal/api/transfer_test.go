package api

import (
	"context"
	"fmt"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
)

type exchange struct {
	asked string
	err   error
}

func (x *exchange) PutThrough(_ context.Context, s callback.SendOn) error {
	x.asked = fmt.Sprintf("%s to %s, speaks first %v", s.Agent, s.To, s.Consult)
	return x.err
}

func (x *exchange) Join(_ context.Context, agent string) error {
	x.asked = agent + " joins"
	return x.err
}

func (x *exchange) TakeBack(_ context.Context, agent string) error {
	x.asked = agent + " takes back"
	return x.err
}

// A program puts people through in the calls of agents, and is told why not.
func TestTransfer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		body, asked string
		err         error
		code        int
		problem     string
	}{
		{`{"do": "put_through", "to": "bo"}`, "anna to bo, speaks first false", nil, 204, ""},
		{`{"do": "consult", "to": "billing"}`, "anna to billing, speaks first true", nil, 204, ""},
		{`{"do": "join"}`, "anna joins", nil, 204, ""},
		{`{"do": "take_back"}`, "anna takes back", callback.ErrNoCall, 409, "no-call"},
		{`{"do": "put_through", "to": "x"}`, "anna to x, speaks first false", callback.ErrUnlisted, 422, "not-a-place"},
		{`{"do": "put_through", "to": "billing"}`, "anna to billing, speaks first false", callback.ErrNobodyFree, 409, "nobody-free"},
		{`{"do": "put_through", "to": "bo"}`, "anna to bo, speaks first false", callback.ErrOtherLine, 409, "by-telephone"},
		{`{"do": "join"}`, "anna joins", callback.ErrUnreached, 503, "unavailable"},
		{`{"do": "join"}`, "anna joins", callback.ErrUnclear, 409, "unclear"},
		{`{"do": "steal"}`, "", nil, 422, "invalid"},
	} {
		w := newWorld(t)
		x := &exchange{err: tt.err}
		w.Switchboard = x
		key := w.key(accounts.WriteAgents)
		res := w.ask(key, "POST", "/api/v1/agents/anna/transfer", tt.body)
		if x.asked != tt.asked {
			t.Errorf("%s: asked %q", tt.body, x.asked)
		}
		if tt.problem != "" {
			refuses(t, res, tt.code, tt.problem)
		} else if res.Code != tt.code {
			t.Errorf("%s: %d %s", tt.body, res.Code, res.Body)
		}
	}
	w := newWorld(t)
	refuses(t, w.ask(w.key(accounts.WriteAgents), "POST", "/api/v1/agents/anna/transfer", `{"do": "join"}`), 409, "by-telephone")
	refuses(t, w.ask(w.key(accounts.ReadAgents), "POST", "/api/v1/agents/anna/transfer", `{"do": "join"}`), 403, "not-allowed")
}
