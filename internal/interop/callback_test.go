package interop

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// A story is one callback: how it is booked, what becomes of it.
type story struct {
	name     string
	customer string   // whose telephone it is: a scenario
	ends     string   // with these digits
	agents   []string // in the order in which they are rung; "agent" if there are none
	caller   string   // the scenario that books it; "" when an operator does
	state    string   // where it comes to
	heard    string   // how the last call to the customer ended
	again    time.Duration
	order    callback.Order // who is rung first; agent_first if it says nothing
	more     int            // how many other agents are free
}

// stories are all played at once, by one service: each has a queue and agents
// of its own.
var stories = []story{
	{name: "caller books by keys", customer: "customer", ends: "100", caller: "caller", state: "done", heard: "spoke"},
	{name: "caller lets us offer", customer: "customer", ends: "101", caller: "caller_late_offer", state: "done", heard: "spoke"},
	{name: "rings eleven times", customer: "customer_rings_11_times", ends: "102", state: "done", heard: "spoke"},
	{name: "hold and back", customer: "customer_holds", ends: "103", state: "done", heard: "spoke"},
	{name: "other trunk", customer: "customer", ends: "503", state: "done", heard: "spoke"},
	{name: "agent declines", customer: "customer", ends: "104", agents: []string{"refuses", "agent"}, state: "done", heard: "spoke"},
	{name: "agent passes it on", customer: "customer", ends: "105", agents: []string{"agent_passes", "agent"}, state: "done", heard: "spoke"},
	{name: "agent is not there", customer: "customer", ends: "106", agents: []string{"rings", "agent"}, state: "done", heard: "spoke"},
	{name: "agent holds", customer: "customer", ends: "109", agents: []string{"agent_holds"}, state: "done", heard: "spoke"},
	{name: "busy", customer: "refuses", ends: "486", state: "retry_wait", heard: "busy", again: 3 * time.Minute},
	{name: "no answer", customer: "refuses", ends: "480", state: "retry_wait", heard: "no_answer", again: 10 * time.Minute},
	{name: "no answer, says the carrier", customer: "refuses", ends: "408", state: "retry_wait", heard: "no_answer", again: 10 * time.Minute},
	{name: "declined", customer: "refuses", ends: "603", state: "failed", heard: "rejected"},
	{name: "no such number", customer: "refuses", ends: "404", state: "failed", heard: "bad_number"},
	{name: "agent leaves, answer crosses", customer: "crosses", ends: "107", agents: []string{"agent_leaves"}, state: "retry_wait", heard: "agent_hung_up", again: 30 * time.Second},
	{name: "customer first", customer: "customer", ends: "110", state: "done", heard: "spoke", order: callback.CustomerFirst},
	{name: "customer first, agent declines", customer: "customer", ends: "111", agents: []string{"refuses", "agent"}, state: "done", heard: "spoke", order: callback.CustomerFirst},
	{name: "customer first, no such number", customer: "refuses", ends: "986", state: "failed", heard: "bad_number", order: callback.CustomerFirst},
	{name: "asks for fifteen minutes", customer: "customer_later", ends: "112", state: "retry_wait", heard: "later", again: 15 * time.Minute, order: callback.CustomerFirst},
	{name: "did not ask for a call", customer: "customer_stops", ends: "113", state: "cancelled", heard: "rejected", order: callback.CustomerFirst},
	{name: "a machine", customer: "customer_machine", ends: "114", state: "retry_wait", heard: "machine", again: 4 * time.Hour, order: callback.CustomerFirst},
	{name: "rings too long", customer: "rings", ends: "108", state: "retry_wait", heard: "no_answer", again: 10 * time.Minute},
	{name: "adaptive", customer: "customer", ends: "120", state: "done", heard: "spoke", order: callback.Adaptive},
	{name: "adaptive, many are free", customer: "customer", ends: "121", state: "done", heard: "spoke", order: callback.Adaptive, more: 2},
	{name: "adaptive, agent declines", customer: "customer", ends: "122", agents: []string{"refuses", "agent"}, state: "done", heard: "spoke", order: callback.Adaptive},
	{name: "adaptive, busy", customer: "refuses", ends: "1486", state: "retry_wait", heard: "busy", again: 3 * time.Minute, order: callback.Adaptive},
	{name: "adaptive, busy, many are free", customer: "refuses", ends: "2486", state: "retry_wait", heard: "busy", again: 3 * time.Minute, order: callback.Adaptive, more: 2},
	{name: "adaptive, no answer, says the carrier", customer: "refuses", ends: "1480", state: "retry_wait", heard: "no_answer", again: 10 * time.Minute, order: callback.Adaptive},
	{name: "adaptive, declined", customer: "refuses", ends: "1603", state: "failed", heard: "rejected", order: callback.Adaptive},
	{name: "adaptive, asks for fifteen minutes", customer: "customer_later", ends: "123", state: "retry_wait", heard: "later", again: 15 * time.Minute, order: callback.Adaptive},
	{name: "adaptive, did not ask for a call", customer: "customer_stops", ends: "124", state: "cancelled", heard: "rejected", order: callback.Adaptive},
	{name: "adaptive, a machine", customer: "customer_machine", ends: "125", state: "retry_wait", heard: "machine", again: 4 * time.Hour, order: callback.Adaptive},
	{name: "adaptive, rings too long", customer: "rings", ends: "126", state: "retry_wait", heard: "no_answer", again: 10 * time.Minute, order: callback.Adaptive},
}

func (st story) phone() string { return "+358401234"[:len("+358401234")+3-len(st.ends)] + st.ends }
func (st story) queue() string { return "q" + st.ends }

// urgent puts first who is soonest called again: it is to be seen how the first
// call to him ended.
func urgent(all []story) []story {
	return slices.SortedStableFunc(slices.Values(all), func(a, b story) int {
		return cmp.Compare(cmp.Or(a.again, 24*time.Hour), cmp.Or(b.again, 24*time.Hour))
	})
}

// TestCallbacks has SIPp book, be rung, and speak.
func TestCallbacks(t *testing.T) {
	t.Parallel()
	need(t, "sipp", "sip-tester")
	all := stories
	first, second := openCarrier(t), openCarrier(t)
	phones := map[string]*sipp{}
	for _, name := range []string{
		"agent", "agent_passes", "agent_leaves", "agent_holds", "rings", "refuses", "customer", "customer_rings_11_times", "customer_holds", "crosses",
		"customer_later", "customer_stops", "customer_machine",
	} {
		phones[name] = answers(t, name)
	}
	for _, st := range all {
		first.connect(phones[st.customer], st.phone())
	}
	first.connect(phones["refuses"], "+358401234503")
	second.connect(phones["customer"], "+358401234503")

	s := serve(t, configOf(all, phones, first, second))
	ids := book(s, all)
	for _, st := range urgent(all) {
		t.Run(st.name, func(t *testing.T) { st.check(t, s, ids[st.name]) })
	}
	a, _ := first.calledAt("+358401234503")
	b, ok := second.calledAt("+358401234503")
	soon := patience / 4 // when everything else is tested beside it
	if thorough {
		soon = time.Second
	}
	if took := b.Sub(a); !ok || took > soon {
		t.Errorf("the second trunk was tried %v after the first", took)
	} else {
		t.Logf("the second trunk was tried %v after the first", took)
	}
	for _, p := range phones {
		p.leave()
	}
	checkKept(t, s, all, ids)
}

// configOf gives each story a queue.
func configOf(all []story, phones map[string]*sipp, first, second *carrier) string {
	var numbers, agents, queues strings.Builder
	for _, st := range all {
		if st.agents == nil {
			st.agents = []string{"agent"}
		}
		var names []string
		for i, scenario := range st.agents {
			name := fmt.Sprintf("a%s%d", st.ends, i)
			names = append(names, name)
			user := name
			if scenario == "refuses" {
				user = "anna603"
			}
			fmt.Fprintf(&agents, "  %s: {name: Anna, phone: %q}\n", name, phones[scenario].uri(user))
		}
		for i := range st.more {
			name := fmt.Sprintf("m%s%d", st.ends, i)
			names = append(names, name)
			fmt.Fprintf(&agents, "  %s: {name: Bo, phone: %q}\n", name, phones["agent"].uri(name))
		}
		fmt.Fprintf(&queues, "  %s: {agents: [%s], hours: {mon-sun: \"00:00-24:00\"}, dialing: %s, wrap_up: 1s}\n",
			st.queue(), strings.Join(names, ", "), cmp.Or(st.order, callback.AgentFirst))
		if st.caller != "" {
			fmt.Fprintf(&numbers, "  \"+358912345%s\": {menu: main, queue: %s}\n", st.ends, st.queue())
		}
	}
	return fmt.Sprintf(`sip:
  listen: [udp:SIP]
  trunks:
    first: {host: %s, max_calls: 200, calls_per_second: 100, order: 1}
    second: {host: %s, max_calls: 200, calls_per_second: 100, order: 2}
callbacks: {slot: 1m, lead: 0s, ring: 5s, permitted: "00:00-24:00", allow_regions: [FI]}
survey: {delay: 0s, talked: 1s, quiet: "", consent: assumed}
numbers:
%sagents:
%squeues:
%s`, first.addr(), second.addr(), numbers.String(), agents.String(), queues.String())
}

// book books all callbacks for a full minute that is near: those of callers by
// telephone.
func book(s *service, all []story) map[string]string {
	s.t.Helper()
	ids := map[string]string{}
	var soon time.Time
	for _, st := range all {
		if st.caller == "" {
			soon = nearMinute()
			ids[st.name] = s.book(st.queue(), st.phone(), soon)
		}
	}
	// A caller takes some seconds: nobody is to be offered a time that is over
	// before he has chosen it.
	switch left := time.Until(soon); {
	case left > 50*time.Second:
		<-time.After(left - 50*time.Second)
	case left < 30*time.Second:
		<-time.After(left + time.Second)
	}
	var booking []*sipp
	for _, st := range all {
		if st.caller != "" {
			booking = append(booking, calls(s.t, s, st.caller, st.phone(), "-s", number+st.ends))
		}
	}
	for _, p := range booking {
		p.wait(patience)
	}
	for _, st := range all {
		if st.caller != "" {
			ids[st.name] = s.booked(st.phone())
		}
	}
	return ids
}

// check waits until a callback has come to what it has to come to.
func (st story) check(t *testing.T, s *service, id string) {
	p := s.comes(id, st.state, 3*patience)
	rung := p.calls("customer")
	if len(rung) != 1 || rung[0] != st.heard {
		t.Errorf("the calls to the customer ended %v, want one that ended %s", rung, st.heard)
	}
	agents := max(1, len(st.agents))
	first := cmp.Or(st.order, callback.AgentFirst) != callback.AgentFirst
	if first && st.heard != "spoke" {
		agents = 0 // nobody is rung for who is not there
	}
	if n := len(p.calls("agent")); n != agents {
		t.Errorf("%d calls to agents, want %d: %+v", n, agents, p.Attempts)
	}
	if first {
		st.checkFirst(t, p)
	}
	if st.again == 0 {
		return
	}
	ended := p.Attempts[len(p.Attempts)-1].At
	if after := p.Due.Sub(ended); after < st.again || after > st.again+patience {
		t.Errorf("tried again %v after the call, want %v", after, st.again)
	}
}

// checkFirst looks at the call to a customer who was rung first: an agent was
// kept for him, unless so many were free that one would be.
func (st story) checkFirst(t *testing.T, p promise) {
	t.Helper()
	a := p.Attempts[0]
	if a.Leg != "customer" {
		t.Errorf("the %s was rung first", a.Leg)
	}
	free := max(1, len(st.agents)) + st.more
	kept := st.order == callback.CustomerFirst || free < 2
	if (a.Agent != "") != kept {
		t.Errorf("the agent %q was kept for who was rung, with %d free", a.Agent, free)
	}
}

// checkKept looks into what the service has left: who was asked how it was,
// and what people have to look at.
func checkKept(t *testing.T, s *service, all []story, ids map[string]string) {
	t.Helper()
	err := s.kept().View(t.Context(), func(tx callback.Tx) error {
		entries, err := tx.Entries(0, 10_000)
		if err != nil {
			return err
		}
		for _, st := range all {
			texts, err := tx.MessagesTo(st.phone(), 100)
			if err != nil {
				return err
			}
			asked := slices.ContainsFunc(texts, func(m callback.Message) bool {
				return m.Key == "survey:"+ids[st.name] && m.Status == "sent" && m.Body != ""
			})
			if asked != (st.state == "done") {
				t.Errorf("%s: asked how it was: %v, and the callback is %s", st.name, asked, st.state)
			}
			task := slices.ContainsFunc(entries, func(e callback.Entry) bool { return e.Kind == "task" && e.Callback == ids[st.name] })
			if task != (st.heard == "bad_number") {
				t.Errorf("%s: somebody has to look at it: %v", st.name, task)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
