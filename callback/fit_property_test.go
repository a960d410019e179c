package callback_test

import (
	"errors"
	"flag"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/holdless/holdless/callback"
)

// A crew is a shift whose agents differ in what they speak and know, and who come
// and go.
type crew struct {
	*shift
	before []callback.Status // of the team, before the desk has done anything
	judged map[*dueCall]bool // with those who were at work when they were rung
}

// speaksAndKnows is what is asked of an agent by a callback: said here once more,
// in other words than the desk's.
func speaksAndKnows(a callback.Agent, c callback.Callback) (speaks, knows bool) {
	has := func(all []string, one string) bool { return one == "" || len(all) == 0 || slices.Contains(all, one) }
	return has(a.Languages, c.Lang), has(a.Skills, c.Topic)
}

// wanted plants a promise to somebody who speaks a language, about something.
func (s *crew) wanted(t *rapid.T) {
	s.look()
	lang := rapid.SampledFrom([]string{"en", "fi", "cs"}).Draw(t, "language")
	topic := rapid.SampledFrom([]string{"", "billing", "delivery"}).Draw(t, "topic")
	s.plant(t, lang, topic)
	s.chosen()
}

// goes has an agent come, or go on a break, or home.
func (s *crew) goes(t *rapid.T) {
	agent := rapid.SampledFrom([]string{"anna", "bo", "eva"}).Draw(t, "who")
	to := rapid.SampledFrom([]callback.AgentState{callback.Available, callback.Available, callback.OnBreak, callback.Offline}).Draw(t, "goes")
	if err := s.SetAgent(s.Context(), agent, to); err != nil && !errors.Is(err, callback.ErrMoved) { // his telephone rings
		s.model.Fatal(err)
	}
	s.look()
	s.settle()
	s.chosen()
}

// then does something of a shift, and looks at whom the desk has chosen.
func (s *crew) then(do func(*rapid.T)) func(*rapid.T) {
	return func(t *rapid.T) {
		s.look()
		do(t)
		s.chosen()
	}
}

func (s *crew) look() {
	var err error
	if s.before, err = s.Team(s.Context()); err != nil {
		s.model.Fatal(err)
	}
}

// chosen holds that whoever is rung now is at work and not on a break, and that he
// speaks the language and knows the matter if somebody at work does. The desk
// chooses within one act, in which nobody comes or goes.
func (s *crew) chosen() {
	for _, call := range s.calls {
		if !call.since.Equal(s.now) || !call.rings() || s.judged[call] {
			continue
		}
		s.judged[call] = true
		c, _, err := s.Show(s.Context(), call.id)
		if err != nil {
			s.model.Fatal(err)
		}
		i := slices.IndexFunc(s.before, func(a callback.Status) bool { return s.Agents[a.Agent].Phone == call.addr })
		if i < 0 {
			s.model.Fatalf("%s is rung, who is no agent", call.addr)
		}
		s.fits(s.before[i], c)
	}
}

func (s *crew) fits(who callback.Status, c callback.Callback) {
	if away(who) {
		s.model.Fatalf("%s is rung, and is %s", who.Agent, who.State)
	}
	speaks, knows := speaksAndKnows(s.Agents[who.Agent], c)
	for _, o := range s.before {
		could, knew := speaksAndKnows(s.Agents[o.Agent], c)
		switch {
		case away(o), away(callback.Status{State: o.Next}): // or as soon as his call is over
		case could && !speaks:
			s.model.Fatalf("%s is rung, does not speak %s, and %s is at work", who.Agent, c.Lang, o.Agent)
		case could && knew && !knows:
			s.model.Fatalf("%s is rung, does not know about %s, and %s is at work", who.Agent, c.Topic, o.Agent)
		}
	}
}

func away(s callback.Status) bool {
	return s.State == callback.OnBreak || s.State == callback.Offline
}

// TestAgentsFitWhoIsCalled lets agents come and go who speak and know different
// things, and customers do what they like.
func TestAgentsFitWhoIsCalled(t *testing.T) {
	if err := flag.Set("rapid.checks", "12"); err != nil { // each lives through some minutes on a real store
		t.Fatal(err)
	}
	w := newWorld(t, func(c *callback.Config) {
		c.Agents = map[string]callback.Agent{
			"anna": {Name: "Anna", Phone: "sip:anna@127.0.0.1", Languages: []string{"fi", "en"}, Skills: []string{"billing"}},
			"bo":   {Name: "Bo", Phone: "sip:bo@127.0.0.1", Languages: []string{"en"}},
			"eva":  {Name: "Eva", Phone: "sip:eva@127.0.0.1", Languages: []string{"fi"}, Skills: []string{"delivery"}},
		}
		c.Limits = callback.Limits{}
		c.Callbacks.Permitted, c.Survey.Kind = "00:00-24:00", "off"
		q := c.Queues["billing"]
		q.Dialing, q.Agents, q.Hours = callback.AgentFirst, []string{"anna", "bo", "eva"}, map[string]string{"mon-sun": "00:00-24:00"}
		c.Queues["billing"] = q
	})
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	next := 0
	rapid.Check(t, func(model *rapid.T) {
		s := &crew{shift: &shift{world: w, model: model, next: next, done: map[string]int{}}, judged: map[*dueCall]bool{}}
		defer func() { s.end(); next = s.next }()
		s.pass(time.Second)
		acts := []func(*rapid.T){s.wanted, s.wanted, s.goes, s.then(s.answers), s.then(s.answers), s.then(s.parts), s.then(s.goesOn)}
		for range 40 {
			acts[rapid.IntRange(0, len(acts)-1).Draw(model, "act")](model)
		}
	})
}
