package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

func byKeys(c *callback.Config) { c.Survey.By = "keys" }

// afterwards lets a caller speak with an agent, who then hangs up.
func (w *world) afterwards(from callback.Phone) *party {
	w.Helper()
	caller := w.calls(from).presses("0")
	w.party(caller.connect().Talk).presses("1")
	return caller.event(ivr.Event{Kind: ivr.Spoke})
}

// Where the service asks by keys, the shipped menu asks who stays on the line
// at the end of the call, and no text does.
func TestAskedAtTheEndOfACall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, byKeys)
	w.afterwards(aino).hears("rate_us").presses("5").hears("thanks", "goodbye")
	if f := w.figures(); f.Asked != 1 || f.Delivered != 1 || f.Answered != 1 || f.Scores["csat"][5] != 1 {
		t.Errorf("counted %+v", f)
	}
	w.pass(time.Hour)
	w.wantTexts()
	w.afterwards(aino).hears("goodbye") // not asked again so soon
	if f := w.figures(); f.Asked != 1 {
		t.Errorf("counted %+v", f)
	}
}

func TestAskedAndHungUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, byKeys)
	w.afterwards(aino).hears("rate_us").event(ivr.Event{Kind: ivr.Gone})
	if f := w.figures(); f.Asked != 1 || f.Answered != 0 || f.Response().Value != 0 || f.Response().N != 1 {
		t.Errorf("counted %+v", f)
	}
	w.afterwards(aino).hears("goodbye")
}

// Who is not satisfied is offered a call: on the spot who called us, by text
// whom we had called.
func TestUnhappyByKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, byKeys)
	w.afterwards(aino).hears("rate_us").presses("1").hears("rate_sorry", "offer").presses("1", "1").hears("booked")
	if w.journalled("task", "unhappy customer") != 1 {
		t.Error("nobody follows up")
	}

	w = newWorld(t, byKeys)
	c := w.books(eero)
	w.texts()
	w.now = c.At
	agent, dial := w.dials(w.ring())
	customer := w.party(dial.Talk).presses("1")
	agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
	customer.event(ivr.Event{Kind: ivr.Spoke}).hears("rate_us").presses("2").hears("rate_sorry", "bye")
	w.wantTexts("text_sorry text_which text_slot")
	if f := w.figures(); f.Scores["csat"][2] != 1 || w.journalled("task", "unhappy customer") != 1 {
		t.Errorf("counted %+v", f)
	}
	w.pass(time.Hour)
	w.wantTexts()
}

// Where it asks by text, nobody is kept on the line for it.
func TestNotAskedInTheCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.afterwards(aino).hears("goodbye")
	if f := w.figures(); f.Asked != 0 {
		t.Errorf("counted %+v", f)
	}
}

// Somebody always owns an unhappy answer, and is told at once: who spoke with
// the customer, where the service names nobody.
func TestUnhappyHasAnOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t, byKeys, func(c *callback.Config) {
		c.Agents["anna"] = callback.Agent{Name: "Anna", Phone: "+358405555555"}
		c.Agents["bo"] = callback.Agent{Name: "Bo", Phone: "+358405555556"}
	})
	w.afterwards(aino).hears("rate_us").presses("2")
	w.wantTexts("text_unhappy" + string(aino))
	w.view(func(tx callback.Tx) error {
		all, err := tx.Entries(0, 1000)
		for _, e := range all {
			if e.Kind == "task" && e.Value != "2 agent:anna" {
				t.Errorf("the task is %+v", e)
			}
		}
		return err
	})
}
