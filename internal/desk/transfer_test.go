package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
)

// exchange notes what it is asked for.
type exchange struct {
	asked []string
	err   error
}

func (x *exchange) note(format string, args ...any) error {
	x.asked = append(x.asked, fmt.Sprintf(format, args...))
	return x.err
}

func (x *exchange) PutThrough(_ context.Context, s callback.SendOn) error {
	return x.note("%s to %s, speaks first %v", s.Agent, s.To, s.Consult)
}

func (x *exchange) Join(_ context.Context, agent string) error { return x.note("%s joins", agent) }

func (x *exchange) TakeBack(_ context.Context, agent string) error {
	return x.note("%s takes back", agent)
}

// An agent puts people through by his own name, wherever his page says; why it was
// not done is told in words.
func TestTransfer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		form  url.Values
		err   error
		code  int
		asked string
		told  string
	}{
		{url.Values{"do": {"put_through"}, "to": {" bo "}}, nil, 200, "anna to bo, speaks first false", "is put through"},
		{url.Values{"do": {"consult"}, "to": {"sales"}, "agent": {"bo"}}, nil, 200, "anna to sales, speaks first true", "hears music"},
		{url.Values{"do": {"join"}}, nil, 200, "anna joins", "They are together."},
		{url.Values{"do": {"take_back"}}, callback.ErrNoCall, 409, "anna takes back", "you speak with nobody"},
		{url.Values{"do": {"put_through"}, "to": {"+1"}}, callback.ErrUnlisted, 422, "anna to +1, speaks first false", "not on the list"},
		{url.Values{"do": {"put_through"}, "to": {"sales"}}, callback.ErrNobodyFree, 409, "anna to sales, speaks first false", "nobody there is free"},
		{url.Values{"do": {"put_through"}, "to": {"x"}}, callback.ErrForbidden, 422, "anna to x, speaks first false", "nobody can be put through there"},
		{url.Values{"do": {"put_through"}, "to": {"x"}}, callback.ErrOtherLine, 409, "anna to x, speaks first false", "transfer key"},
		{url.Values{"do": {"join"}}, fmt.Errorf("x: %w", callback.ErrUnreached), 503, "anna joins", "Not done: the computer that carries your call"},
		{url.Values{"do": {"join"}}, callback.ErrUnclear, 409, "anna joins", "Nobody knows whether it was done"},
		{url.Values{"do": {"steal"}}, nil, 404, "", ""},
	} {
		w := newWorld(t)
		x := &exchange{err: tt.err}
		w.Switchboard = x
		got := w.ask(anna, "/desk/me/transfer", tt.form)
		if asked := strings.Join(x.asked, "; "); got.Code != tt.code || asked != tt.asked || !strings.Contains(got.Body.String(), tt.told) {
			t.Errorf("%v: %d, asked %q: %s", tt.form, got.Code, asked, got.Body)
		}
	}
}

// The desk has the form where calls can be put through from here, for agents only.
func TestTransferForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	offers := func(p Person) bool { return strings.Contains(w.ask(p, "/", nil).Body.String(), "/desk/me/transfer") }
	if offers(anna) {
		t.Error("offered where telephones do it")
	}
	w.Switchboard = &exchange{}
	if !offers(anna) || offers(Person{Name: "super", All: true}) {
		t.Error("offered to agents, and to nobody else, it is not")
	}
	body := w.ask(anna, "/", nil).Body.String()
	for place, want := range map[string]bool{"anna": false, "bo": true, "eve": true, "billing": true} {
		if got := strings.Contains(body, `<option value="`+place+`">`); got != want {
			t.Errorf("%s is offered: %v", place, got)
		}
	}
	if got := w.ask(Person{Name: "super", All: true}, "/desk/me/transfer", url.Values{"do": {"join"}}); got.Code != http.StatusForbidden {
		t.Errorf("who is no agent: %d", got.Code)
	}
}
