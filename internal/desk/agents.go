package desk

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

// agentsID stands for the list of agents where others have the ID of a callback.
const agentsID = "agents"

// errRung says that an agent is not set, because his telephone rings.
var errRung = errors.New("the agent is being rung")

// member is one agent on the list of those who see every queue.
type member struct {
	Agent, Name string
	Queues      string // for which he works
	Doing       string // in words, with since when
	States      []choice
}

// doings are the states of agents, in words.
var doings = map[callback.AgentState]string{
	callback.Available: "available", callback.OnRing: "being rung", callback.OnCall: "on a call",
	callback.WrappingUp: "writing", callback.OnBreak: "on a break", callback.Offline: "offline",
}

// agents lists what every agent does, alone for a script, or as a page.
func (s *Server) agents(w http.ResponseWriter, r *http.Request) {
	if !oversees(w, r) {
		return
	}
	team, err := s.Desk.Team(r.Context())
	if err != nil {
		s.fail(w, err)
		return
	}
	members := s.members(team)
	if r.FormValue("part") != "" {
		s.show(w, r, "agents", members)
		return
	}
	p, err := s.page(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	p.Title, p.Team = "Agents – desk", &members
	s.show(w, r, "desk.html", p)
}

// setAgent makes an agent available, or not, as a supervisor says: by the rules
// by which he does so himself.
func (s *Server) setAgent(w http.ResponseWriter, r *http.Request) {
	if !oversees(w, r) {
		return
	}
	agent, key := r.PostFormValue("agent"), "set_"+r.PostFormValue("state")
	if _, known := s.Desk.Agents[agent]; !known || sayings[key].Text == "" {
		http.Error(w, "There is no such agent, or no such state.", http.StatusNotFound)
		return
	}
	err := s.Desk.SetDuty(r.Context(), callback.Duty{
		Agent: agent, To: callback.AgentState(r.PostFormValue("state")), Actor: person(r).actor(),
	})
	switch speaks, unknown := s.speaks(r.Context(), agent); {
	case errors.Is(err, callback.ErrMoved):
		err = errRung
	case err == nil && unknown == nil && speaks:
		key = "after_call"
	}
	s.answer(w, r, callback.Callback{ID: agentsID}, key, err)
}

// oversees lets through who sees every queue.
func oversees(w http.ResponseWriter, r *http.Request) bool {
	if !person(r).All {
		http.Error(w, "Only supervisors see and set other agents.", http.StatusForbidden)
		return false
	}
	return true
}

// speaks reports whether an agent has a call.
func (s *Server) speaks(ctx context.Context, agent string) (bool, error) {
	team, err := s.Desk.Team(ctx)
	return slices.ContainsFunc(team, func(st callback.Status) bool { return st.Agent == agent && st.State == callback.OnCall }), err
}

// members show what every agent does.
func (s *Server) members(team []callback.Status) []member {
	all := make([]member, len(team))
	for i, st := range team {
		all[i] = member{
			Agent: st.Agent, Name: tame(s.nameOf(st.Agent)), Queues: s.teamsOf(st.Agent), Doing: s.doing(st), States: statesOf(st, "Sign off"),
		}
	}
	return all
}

// teamsOf names the queues for which an agent works.
func (s *Server) teamsOf(agent string) string {
	names := slices.Sorted(maps.Keys(s.Desk.Queues))
	return strings.Join(slices.DeleteFunc(names, func(queue string) bool { return !s.worksFor(agent, queue) }), ", ")
}

// since tells since when an agent does what he does, the day too when it is not
// today; "" for who never said anything.
func (s *Server) since(st callback.Status) string {
	at, now := st.Since.In(s.Zone("")), s.Desk.Now().In(s.Zone(""))
	switch {
	case st.Since.IsZero():
		return ""
	case at.Format(time.DateOnly) == now.Format(time.DateOnly):
		return " since " + at.Format("15:04")
	}
	return " since " + at.Format("Mon 2 Jan 15:04")
}

// doing says what an agent does, and what comes after his call, and why, where that
// was said.
func (s *Server) doing(st callback.Status) string {
	words := doings[st.State] + s.since(st)
	if st.Next != "" {
		words += ", then " + doings[st.Next]
	}
	if st.Reason != "" {
		words += " (" + tame(st.Reason) + ")"
	}
	return words
}

// statesOf are the states that can be chosen for an agent, and which of them is
// his, or will be after his call.
func statesOf(st callback.Status, offline string) []choice {
	now := string(cmp.Or(st.Next, st.State))
	var all []choice
	for _, c := range [][2]string{{string(callback.Available), "Available"}, {string(callback.OnBreak), "Break"}, {string(callback.Offline), offline}} {
		all = append(all, choice{c[0], c[1], c[0] == now})
	}
	return all
}

// setBy tells an agent what somebody else has set for him; "" when he did so.
func (s *Server) setBy(e callback.Entry) string {
	_, state := stateOf(e)
	did := map[string]string{
		string(callback.Available): "made you available", string(callback.OnBreak): "put you on a break", string(callback.Offline): "signed you off",
	}[state]
	if e.Actor == "agent:"+e.Name || did == "" {
		return ""
	}
	words := e.At.In(s.Zone("")).Format("15:04") + ": " + s.actorName(e.Actor) + " has " + did
	if e.Kind == "agent.next" {
		words += ", from the end of your call"
	}
	return words + "."
}

// turns tells those who see every queue when an agent does something else than
// before, and returns what all do now.
func (s *Server) turns(ctx context.Context, before []callback.Status) []callback.Status {
	now, err := s.Desk.Team(ctx)
	if err != nil {
		s.Log.Warn("agents not told", "err", err)
		return before
	}
	same := func(a, b callback.Status) bool { return a.Agent == b.Agent && a.Version == b.Version }
	if !slices.EqualFunc(now, before, same) {
		s.hub.tell(0, []event{{plain("agents", "turned"), func(p Person) bool { return p.All }}})
	}
	return now
}
