package main

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// newCalled opens the demo with the telephones of all customers in the hand of
// the test, and a browser in which everybody is let in.
func newCalled(t *testing.T) *keypad {
	t.Helper()
	st, err := newStage(t.Context(), t.Output(), demoOptions{speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", carrier: "127.0.0.1:0", cue: patience, log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	return &keypad{T: t, stage: st, tab: pagetest.Browser(t), base: "http://" + st.service.http.Addr().String()}
}

// isPromised books a call for one of the crowd.
func (k *keypad) isPromised(serving context.Context, who waiter, in time.Duration) callback.Callback {
	k.Helper()
	c, err := k.service.desk.Book(serving, callback.Request{
		Queue: demoQueue, Phone: who.number, Name: who.name, Topic: who.topic, Lang: "en", At: k.clock.now().Add(in).Truncate(15 * time.Minute),
	})
	if err != nil {
		k.Fatal(err)
	}
	return c
}

// textTo finds the text to a number that has some words.
func textTo(number callback.Phone, words string) string {
	return "[...document.querySelectorAll(`article`)].find(a => a.textContent.includes(`" + string(number) + "`) && a.textContent.includes(`" + words + "`))"
}

// reachesPage opens the page of a callback by the link of its text.
func (k *keypad) reachesPage(c callback.Callback) {
	k.Helper()
	k.do("open the link of the text", chromedp.Navigate(k.base+"/demo/sms"), pagetest.Holds("(a => a && (a.click(), true))("+textTo(c.Phone, gladToCall)+"?.querySelector(`a`))"),
		pagetest.Holds("location.pathname.length > 9 && document.readyState === `complete` && document.querySelector(`main h1`)"))
}

// TestInLineInBrowser are three customers who each want to be called now, and one
// agent. While she speaks with the first, the pages of the others tell their
// places in line, and how long they wait at the most; the second wants it no more,
// and the page of the third tells by itself that he is next.
func TestInLineInBrowser(t *testing.T) {
	t.Parallel()
	k := newCalled(t)
	k.lives(func(serving context.Context) error {
		var pages []*keypad
		k.do("look at the texts", chromedp.Navigate(k.base+"/demo/sms"))
		for i, who := range crowd[:3] {
			c := k.isPromised(serving, who, time.Duration(i+1)*time.Hour)
			his := k.beside()
			his.reachesPage(c)
			his.do("be called now", pagetest.Tap("button[name=now]"), pagetest.Shows("main h1", "when it is your turn"))
			pages = append(pages, his)
			if i > 0 {
				continue
			}
			agent := k.agentTakes(serving)
			customer, err := k.pickUp(serving, customerPart, "the customer’s telephone rings")
			if err != nil {
				return err
			}
			his.do("they speak", doing(func() error { return k.pressWhenAsked(serving, customerPart, customer, "1") }),
				doing(func() error { return k.speak(serving, agent, customer) }), k.comesTo(c.ID, callback.Connected))
		}
		next, last := pages[1], pages[2]
		last.do("one is before him", pagetest.Shows("#stands", "You are number 2 in line."), pagetest.Shows("#stands", "You wait at most"))
		next.do("nobody is before him", page.BringToFront(), pagetest.Shows("#stands", "You are next."), pagetest.Tap("button[name=cancel]"), pagetest.Shows("main h1", "cancelled"))
		last.do("now he is next", page.BringToFront(), pagetest.Shows("#stands", "You are next."))
		return nil
	})
}
