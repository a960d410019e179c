package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/internal/store/storetest"
)

// atOnce is a menu that rings an agent for whoever calls.
const atOnce = `languages: [en]
start: person
stuck: person
nodes:
  person: {do: connect, say: connecting, to: "agent:anna", then: over, busy: over}
  over: {do: end, say: bye}
`

// pick opens the telephone of an agent, who takes every call.
func pick(t *testing.T) (*phone.Phone, <-chan *phone.Call) {
	t.Helper()
	calls := make(chan *phone.Call, 4)
	p, err := phone.Open(phone.Config{Listen: "127.0.0.1:0", Answer: func(ctx context.Context, in *phone.Incoming) {
		if c, err := in.Accept(ctx); err == nil {
			calls <- c
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, calls
}

// takesUp presses the key by which an agent takes a call, until he speaks. It may come
// before he can be heard.
func (r *running) takesUp(t *testing.T, agent string, calls <-chan *phone.Call) {
	t.Helper()
	select {
	case c := <-calls:
		eventually(t, agent+" speaks", func() bool {
			if r.state(t, agent) == callback.OnCall {
				return true
			}
			if err := c.Press(t.Context(), "1"); err != nil {
				t.Error(err)
			}
			<-time.After(200 * time.Millisecond)
			return false
		})
	case <-time.After(patience):
		t.Fatal(agent + " is not rung")
	}
}

// state is what an agent does now.
func (r *running) state(t *testing.T, agent string) callback.AgentState {
	t.Helper()
	team, err := r.desk.Team(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range team {
		if s.Agent == agent {
			return s.State
		}
	}
	return ""
}

// transfer has a program ask for something in the call of an agent.
func (s *service) transfer(t *testing.T, key, agent, body string, want int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.http.Addr().String()+"/api/v1/agents/"+agent+"/transfer", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, err := io.ReadAll(res.Body); res.StatusCode != want {
		t.Errorf("%s of %s: %s %s, %v, want %d", body, agent, res.Status, answer, err, want)
	}
}

// TestPutThroughFromAnotherNode is two nodes on one database: a caller speaks with an
// agent over the one, and he is put through as the agent asks at the other.
func TestPutThroughFromAnotherNode(t *testing.T) {
	t.Parallel()
	anna, annas := pick(t)
	bo, bos := pick(t)
	menu := filepath.Join(t.TempDir(), "once.yaml")
	write(t, menu, atOnce)
	database := "database: \"" + storetest.Tables(t) + "\"\nsounds: {cache: false}\n"
	var nodes [2]*running
	for i := range nodes {
		file := written(t, database)
		text := strings.NewReplacer("menu: main", "menu: "+menu, "agents: [anna]", "agents: [anna, bo]",
			`{name: Anna, phone: "sip:anna@127.0.0.1:9"}`, fmt.Sprintf("{name: Anna, phone: %q}, bo: {name: Bo, phone: %q}", anna.URI(), bo.URI()))
		write(t, file, text.Replace(read(t, file)))
		r := startWith(t, file)
		defer func() {
			close(r.hurry)
			r.stop()
			r.end(t)
		}()
		nodes[i] = r
	}
	carries, shows := nodes[0], nodes[1]
	key, err := shows.accounts.AddKey(t.Context(), "crm", []accounts.Scope{accounts.WriteAgents}, "test")
	if err != nil {
		t.Fatal(err)
	}
	_, caller := carries.call(t)
	carries.takesUp(t, "anna", annas)
	comes := func(agent string, want callback.AgentState) {
		t.Helper()
		eventually(t, agent+" is "+string(want), func() bool { return shows.state(t, agent) == want })
	}
	shows.transfer(t, key, "anna", `{"do": "join"}`, http.StatusConflict) // with nobody
	shows.transfer(t, key, "anna", `{"do": "put_through", "to": "+358409999999"}`, http.StatusUnprocessableEntity)
	shows.transfer(t, key, "anna", `{"do": "consult", "to": "bo"}`, http.StatusNoContent)
	carries.takesUp(t, "bo", bos)
	shows.transfer(t, key, "anna", `{"do": "take_back"}`, http.StatusNoContent)
	eventually(t, "bo is let go", func() bool { s := shows.state(t, "bo"); return s != callback.OnCall && s != callback.OnRing })
	shows.transfer(t, key, "anna", `{"do": "consult", "to": "bo"}`, http.StatusNoContent)
	carries.takesUp(t, "bo", bos)
	shows.transfer(t, key, "anna", `{"do": "join"}`, http.StatusNoContent)
	comes("anna", callback.WrappingUp)
	shows.transfer(t, key, "bo", `{"do": "put_through", "to": "anna"}`, http.StatusNoContent) // who has taken over
	carries.takesUp(t, "anna", annas)
	comes("bo", callback.WrappingUp)
	if err := caller.Hangup(t.Context()); err != nil {
		t.Fatal(err)
	}
	comes("anna", callback.WrappingUp)
	shows.transfer(t, key, "anna", `{"do": "put_through", "to": "bo"}`, http.StatusConflict) // there is no call any more
}
