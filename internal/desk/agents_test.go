package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// sets has somebody set an agent, and returns what he is told.
func (w *world) sets(p Person, agent, state string, edit ...func(*http.Request)) (int, string) {
	w.Helper()
	got := w.ask(p, "/desk/agents", url.Values{"agent": {agent}, "state": {state}}, edit...)
	return got.Code, got.Body.String()
}

// does gives an agent a state, as calls do.
func (w *world) does(st callback.Status) {
	w.Helper()
	st.Version = w.statusOf(st.Agent).Version
	w.write(func(tx callback.Tx) error { return tx.PutStatus(st) })
}

// statusOf is what an agent does.
func (w *world) statusOf(agent string) callback.Status {
	w.Helper()
	team, err := w.Desk.Team(context.Background())
	i := slices.IndexFunc(team, func(st callback.Status) bool { return st.Agent == agent })
	if err != nil || i < 0 {
		w.Fatal(agent, err)
	}
	return team[i]
}

// A supervisor sets agents by the rules by which they set themselves, and is told
// what came of it; nobody else does, and what was refused is in no audit.
func TestSetAgents(t *testing.T) {
	t.Parallel()
	elsewhere := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	for name, tt := range map[string]struct {
		who          Person
		does         callback.AgentState
		agent, state string
		edit         func(*http.Request)
		code         int
		told         string
		after, next  callback.AgentState
		audited      string
	}{
		"signs off":            {super, callback.Available, "anna", "offline", nil, 200, "Signed off", callback.Offline, "", "agent.offline"},
		"a break":              {super, callback.Available, "anna", "break", nil, 200, "On a break", callback.OnBreak, "", "agent.break"},
		"back again":           {super, callback.Offline, "anna", "available", nil, 200, "Available", callback.Available, "", "agent.available"},
		"who writes":           {super, callback.WrappingUp, "anna", "offline", nil, 200, "Signed off", callback.Offline, "", "agent.offline"},
		"in a call":            {super, callback.OnCall, "anna", "offline", nil, 200, "begins when that is over", callback.OnCall, callback.Offline, "agent.next"},
		"being rung":           {super, callback.OnRing, "anna", "offline", nil, 409, "telephone rings just now", callback.OnRing, "", ""},
		"nobody":               {super, callback.Available, "none", "offline", nil, 404, "no such agent", callback.Available, "", ""},
		"no state to choose":   {super, callback.Available, "anna", "next", nil, 404, "no such agent, or no such state", callback.Available, "", ""},
		"an agent":             {bo, callback.Available, "anna", "offline", nil, 403, "Only supervisors", callback.Available, "", ""},
		"an agent for himself": {anna, callback.Available, "anna", "offline", nil, 403, "Only supervisors", callback.Available, "", ""},
		"another site":         {super, callback.Available, "anna", "offline", elsewhere, 403, "cross-origin", callback.Available, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.does(callback.Status{Agent: "anna", State: tt.does, Ref: "talk", Since: noon})
			edit := func(r *http.Request) {
				if tt.edit != nil {
					tt.edit(r)
				}
			}
			if code, told := w.sets(tt.who, tt.agent, tt.state, edit); code != tt.code || !strings.Contains(told, tt.told) {
				t.Errorf("told %d %s", code, told)
			}
			if st := w.statusOf("anna"); st.State != tt.after || st.Next != tt.next {
				t.Errorf("she is %s, then %q", st.State, st.Next)
			}
			var want []string
			if tt.audited != "" {
				want = []string{tt.audited + " by user:sam of anna"}
			}
			if got := w.audited(); !slices.Equal(got, want) {
				t.Errorf("audited are %q", got)
			}
		})
	}
}

// The list of agents tells what each does, since when and why, to supervisors
// alone, and after a deed what came of it, without a script too.
func TestAgents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.does(callback.Status{Agent: "anna", State: callback.OnBreak, Reason: "lunch", Since: noon.Add(-20 * time.Minute)})
	w.does(callback.Status{Agent: "bo", State: callback.OnCall, Next: callback.Offline, Since: noon.Add(-14 * time.Hour)})
	list := w.ask(super, "/desk/agents?part=1", nil).Body.String()
	for _, want := range []string{
		`<strong>Anna</strong> <span class="q">billing</span>`, "<p>on a break since 11:40 (lunch)</p>", "<p>on a call since Sun 22 Nov 22:00, then offline</p>",
		`<span class="q">sales</span>` + "\n<p>available</p>", `value="break" aria-pressed="true">Break<span class="vh"> Anna</span>`, `aria-pressed="true">Sign off<span class="vh"> Bo</span>`,
	} {
		if !strings.Contains(list, want) {
			t.Errorf("there is no %s in %s", want, list)
		}
	}
	if strings.Contains(list, "<html") || strings.Count(list, `aria-pressed="true"`) != 3 {
		t.Errorf("the list is %s", list)
	}
	if got := w.ask(bo, "/desk/agents", nil); got.Code != http.StatusForbidden || strings.Contains(got.Body.String(), "lunch") {
		t.Errorf("an agent is shown %d %s", got.Code, got.Body)
	}
	if strings.Contains(w.ask(bo, "/", nil).Body.String(), "/desk/agents") || !strings.Contains(w.ask(super, "/", nil).Body.String(), `href="/desk/agents"`) {
		t.Error("the desk leads who may not to the agents, or not who may")
	}
	got := w.ask(super, "/desk/agents", url.Values{"agent": {"eve"}, "state": {"offline"}}, func(r *http.Request) { r.Header.Set("Accept", "text/html") })
	if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != "/desk/agents?said=set_offline" {
		t.Fatalf("got %d to %s", got.Code, to)
	}
	for _, want := range []string{"Signed off: nobody rings the agent.", "<p>offline since 12:00</p>", `data-open="agents"`} {
		if page := w.ask(super, got.Header().Get("Location"), nil).Body.String(); !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// Whom somebody else has set hears at once by whom, and nobody else does; who
// sees all queues hears that there is something new, whatever made it so.
func TestSetByOthersIsNews(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	site := w.open()
	a, b, s := w.listen(site, "anna", "0", 64), w.listen(site, "bo", "0", 64), w.listen(site, "sam", "0", 64)
	for _, l := range []*listener{a, b, s} {
		l.hears(t, "time ")
	}
	b.not, s.not = "set ", "set "
	w.sets(super, "anna", "offline")
	a.hears(t, "me offline")
	if got := a.hears(t, ""); got != "set 12:00: sam has signed you off." {
		t.Errorf("she hears %q", got)
	}
	s.hears(t, "agents ")
	w.does(callback.Status{Agent: "anna", State: callback.OnCall, Ref: "talk", Since: noon})
	w.write(func(tx callback.Tx) error { // neither is a state
		for _, kind := range []string{"agent.missed", "agent.signed_in"} {
			if err := tx.Record(callback.Entry{At: noon, Kind: kind, Actor: "agent:anna", Name: "anna"}); err != nil {
				return err
			}
		}
		return nil
	})
	w.sets(super, "anna", "break")
	if got := a.hears(t, ""); got != "me break" {
		t.Errorf("she hears %q", got)
	}
	a.hears(t, "set 12:00: sam has put you on a break, from the end of your call.")
	a.not = "set "
	for _, state := range []string{"available", "break"} { // of what she does herself she is told nothing
		w.ask(anna, "/desk/me", url.Values{"state": {state}})
		a.hears(t, "me "+state)
	}
	w.ask(bo, "/desk/me", url.Values{"state": {"break"}})
	b.hears(t, "me break")
	w.sets(super, "eve", "break")
	w.does(callback.Status{Agent: "eve", State: callback.Available, Since: noon}) // as calls end, and no entry says so
	s.hears(t, "agents ")
}
