package main

import (
	"cmp"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/ivr"
)

// aMachine answers, and hangs up when it was asked to press a key.
const aMachine = 200

// endings are calls of ours that lead to no word: how the call is answered, and
// what is told of it.
var endings = []struct {
	what  string
	code  int    // the answer of the telephone, or of its carrier
	tries string // that count, on the row
	story string // in its history on the desk
	text  string // to the customer; "" for none
	again bool   // he is called once more by itself
}{
	{"he is busy", 486, "1", "tried again later (customer busy)", "", true},
	{"he does not answer", 480, "1", "tried again later (customer no answer)", "", true},
	{"a machine answers", aMachine, "1", "tried again later (customer machine)", "could not reach you. We will try again", true},
	{"he declines", 603, "1", "not reached (customer rejected)", "will not try again by ourselves", false},
	{"there is no such number", 404, "1", "task (number does not exist)", "", false},
	{"the carrier fails", 503, "", "tried again later (carrier failed)", "", true},
}

// TestUnreachedInBrowser are customers whom a call does not reach: each is busy,
// does not answer, has a machine, declines, has a number that is none, or has a
// carrier that fails. The row and the story of the agent who was to speak with
// him tell which, by themselves, and when it rings again; his own page tells him
// when that is, or that nobody tries again and which other times there are.
func TestUnreachedInBrowser(t *testing.T) {
	t.Parallel()
	k := newCalled(t)
	k.lives(func(serving context.Context) error {
		k.do("look at the texts", chromedp.Navigate(k.base+"/demo/sms"))
		desk := k.beside()
		desk.do("open the desk", chromedp.Navigate(k.base+"/?view=team"), pagetest.Shows("h1", "Desk"))
		for i, e := range endings {
			k.clock.pace(1)
			c := k.isPromised(serving, crowd[i], 30*time.Minute)
			k.do("he is told", page.BringToFront(), chromedp.Navigate(k.base+"/demo/sms"), pagetest.Holds(textTo(c.Phone, gladToCall))) // once it is due, it is too late for that
			desk.do("it waits", page.BringToFront(), pagetest.Shows("#r-"+c.ID, crowd[i].name))
			drained(k.turns[agentPart])
			k.clock.jump(c.DueAt)
			agent := k.agentTakes(serving)
			k.isAnswered(serving, c, e.code)
			ends := map[bool]callback.State{true: callback.RetryWait, false: callback.Failed}[e.again]
			desk.do(e.what, page.BringToFront(), k.comesTo(c.ID, ends))
			k.clock.pace(0.1) // nothing is due again before anybody has looked
			if err := over(serving, agent); err != nil {
				return err
			}
			k.isToldOf(serving, desk, c.ID, i)
		}
		return nil
	})
}

// isAnswered has the telephone of a customer, or his carrier, answer the call of
// the service.
func (k *keypad) isAnswered(serving context.Context, c callback.Callback, code int) {
	k.Helper()
	var r ringing
	select {
	case r = <-k.rings[customerPart]:
	case <-serving.Done():
		k.Fatal("nobody calls the customer")
	}
	defer close(r.taken)
	if r.in.To() != string(c.Phone) {
		k.Fatalf("%s is called, and not %s", r.in.To(), c.Phone)
	}
	if code != aMachine {
		if err := r.in.Refuse(code, "No"); err != nil {
			k.Fatal(err)
		}
		return
	}
	call, err := r.in.Accept(serving)
	if err != nil {
		k.Fatal(err)
	}
	asked := func(t ivr.Turn) bool { return t.Listen != nil }
	if err := errors.Join(k.cue(serving, customerPart, asked), k.hears(serving, customerPart, call), call.Hangup(serving)); err != nil {
		k.Fatal(err)
	}
}

// isToldOf holds what the desk and the customer's page tell of such a call, and
// has a customer who would be called again call that off.
func (k *keypad) isToldOf(serving context.Context, desk *keypad, id string, ending int) {
	k.Helper()
	e := endings[ending]
	c, _, err := k.service.desk.Show(serving, id)
	if err != nil {
		k.Fatal(err)
	}
	stands, says := "not reached", "We could not reach you and will not try again by ourselves"
	if e.again {
		stands, says = "rings at "+k.wall(c.DueAt), k.wall(k.service.desk.Expected(c))
	}
	desk.do(e.what+": the row", pagetest.Shows("#r-"+id+" .stands", stands), pagetest.Holds("document.querySelector(`#r-"+id+" td:nth-child(5)`).textContent === `"+e.tries+"`"))
	desk.do(e.what+": the story", pagetest.Shows("#storyname", crowd[ending].name), pagetest.Shows("#story .facts", stands), pagetest.Shows("#history", e.story))
	k.do(e.what+": look at the texts", page.BringToFront(), chromedp.Navigate(k.base+"/demo/sms"), pagetest.Holds(textTo(c.Phone, cmp.Or(e.text, gladToCall))))
	k.reachesPage(c)
	k.do(e.what+": his page", pagetest.Shows("main h1", says))
	if !e.again {
		k.do(e.what+": other times", pagetest.Holds("document.querySelector(`main input[name=at]`) && !document.querySelector(`button[name=cancel]`)"))
		return
	}
	k.do(e.what+": he calls it off", pagetest.Shows("main h1", gladToCall), pagetest.Tap("button[name=cancel]"), pagetest.Shows("main h1", "cancelled"), k.comesTo(id, callback.CancelledState))
	desk.do(e.what+": so the desk says", page.BringToFront(), pagetest.Shows("#r-"+id+" .stands", "cancelled"))
}
