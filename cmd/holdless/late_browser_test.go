package main

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// beside opens another tab of the same browser.
func (k *keypad) beside() *keypad {
	k.Helper()
	tab, end := chromedp.NewContext(k.tab)
	k.Cleanup(end)
	other := *k
	other.tab = tab
	return &other
}

// reads opens the desk and on it the story of a callback, with keys.
func (k *keypad) reads(c callback.Callback) {
	k.Helper()
	k.do("read the story", chromedp.Navigate(k.base+"/"), pagetest.Shows("#r-"+c.ID, k.wall(c.At)), chromedp.Focus("#r-"+c.ID+" a"), pagetest.Keys(kb.Enter),
		pagetest.Shows("#story", string(c.Phone)))
}

// wall is a time as the clock on the wall shows it.
func (k *keypad) wall(at time.Time) string {
	return at.In(k.service.config.zoneOf("")).Format("15:04")
}

// becomes presses a button of the agent's own states.
func (k *keypad) becomes(state string) {
	k.Helper()
	button := `.states [value="` + state + `"]`
	k.do(state, page.BringToFront(), pagetest.Tap(button), pagetest.Holds(`document.querySelector('`+button+`').getAttribute("aria-pressed") === "true"`))
}

// TestLateInBrowser is a customer who keeps his promise, on the page and by text,
// and whose promise nobody will be free to keep: the agent has a break. He gets a
// text with another time before it breaks, his page tells that time, and so does
// the desk with the reason; then he is called, and the page thanks him.
func TestLateInBrowser(t *testing.T) {
	t.Parallel()
	k := newKeypad(t)
	k.lives(func(serving context.Context) error {
		c := k.books(serving)
		slip := k.beside()
		slip.opens(gladToCall)
		slip.do("keep it on the page", pagetest.Tap("button[name=keep]"), pagetest.Shows("main h1", "It stands"), pagetest.Holds(`!document.querySelector("button[name=keep]")`))
		k.do("look at the texts", page.BringToFront())
		k.writes(gladToCall, "1")
		k.gets("It stands")
		desk := k.beside()
		desk.reads(c)
		desk.do("that he keeps it is known", pagetest.Keys("i"), pagetest.Shows("#history", "confirmed (page)"))
		desk.becomes("break")
		k.clock.jump(c.Until.Add(-5*time.Minute - 40*time.Second))
		k.clock.pace(0.1) // this half minute is not over before anybody has looked
		k.do("look at the texts again", page.BringToFront())
		k.gets("we are late")
		late, _, err := k.service.desk.Show(serving, c.ID)
		if err != nil {
			return err
		}
		at := k.wall(k.service.desk.Expected(late))
		if left := c.Until.Sub(k.clock.now()); left < 5*time.Minute || !k.service.desk.Expected(late).After(c.Until) {
			t.Errorf("he was told %s before it broke, to wait until %s", left, at)
		}
		k.do("the text has the new time", pagetest.Shows("article:first-of-type", at))
		slip.do("the page has it by itself", page.BringToFront(), pagetest.Shows("main h1", at))
		desk.do("so has the desk", page.BringToFront(), pagetest.Shows("#r-"+c.ID, "put off to "+at), pagetest.Shows("#story", "we are late"), pagetest.Shows("#history", "nobody was free in time"))
		k.clock.pace(1)
		desk.becomes("available")
		agent := k.agentTakes(serving)
		k.do("look at the telephone", page.BringToFront())
		k.isCalled("he is called", [2]string{"To talk now, press 1", "1"})
		k.do("they speak", k.comesTo(c.ID, callback.Connected))
		desk.do("the desk shows it", page.BringToFront(), pagetest.Shows("#r-"+c.ID, "speaking"))
		k.do("hang up", page.BringToFront(), pagetest.Tap("#hangup"), pagetest.Shows("#state", "Idle"))
		slip.do("the page thanks", page.BringToFront(), pagetest.Shows("main h1", "Thank you"))
		if err := agent.Hangup(serving); err != nil {
			t.Logf("the agent hangs up: %v", err) // he was asked what came of it, or not yet
		}
		return nil
	})
}
