package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// One promise, from the first ring to the answer of the survey.
func TestPromiseIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	if got := c.Wall + " " + c.Zone; got != "2026-06-01T12:15 Europe/Helsinki" {
		t.Errorf("promised %s", got)
	}
	w.wantTexts("text_booked Mon 12:15 text_answers text_from")
	w.rings(0)

	w.at("12:15")
	r := w.rings(1)[0]
	if r.Addr != "sip:anna@127.0.0.1" || r.CallerID != string(service) || r.Before.Sub(w.now) != 500*time.Millisecond {
		t.Errorf("ring %+v", r)
	}
	w.state(c.ID, callback.AgentRinging)
	w.agent("anna", callback.OnRing)
	w.rings(0)

	agent, dial := w.dials(r)
	w.state(c.ID, callback.CustomerDialing)
	if dial.Addr != string(aino) || dial.CallerID != string(service) || dial.Before.IsZero() {
		t.Errorf("dials %+v", dial)
	}
	customer := w.party(dial.Talk).hears("callback_here").presses("1")
	if got := customer.connect().To; got != ivr.Waiting {
		t.Errorf("customer is connected to %q", got)
	}
	w.state(c.ID, callback.Connected)
	w.agent("anna", callback.OnCall)
	w.pass(5 * time.Minute)
	agent.event(ivr.Event{Kind: ivr.Spoke}).hears("ask_solved").presses("1")
	customer.event(ivr.Event{Kind: ivr.Spoke})
	w.state(c.ID, callback.Wrapup)
	w.agent("anna", callback.WrappingUp)

	w.wantTexts()
	w.pass(3 * time.Minute)
	w.wantTexts("csat")
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.state(c.ID, callback.Done)
	w.agent("anna", callback.Available)
	for range 2 { // carriers deliver twice
		if !w.reply(aino, "sms-1", "5") {
			t.Error("nobody expected the answer")
		}
	}
	w.wantTexts("thanks")
	if n := w.journalled("survey.score", "csat"); n != 1 {
		t.Errorf("%d scores are in the journal", n)
	}
}

// TestBriefIsInTheAgentsLanguage: the matter is named as the menus name it.
func TestBriefIsInTheAgentsLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		c.Agents["anna"] = callback.Agent{Name: "Anna", Phone: "sip:anna@127.0.0.1", Languages: []string{"fi"}}
		c.Agents["bo"] = callback.Agent{Name: "Bo", Phone: "sip:bo@127.0.0.1", Languages: []string{"el"}}
	})
	w.books(aino)
	w.at("12:15")
	w.party(w.rings(1)[0].Talk).hears("brief_topiclaskut")
}
