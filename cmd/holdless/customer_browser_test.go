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

// newKeypad opens the demo with a telephone in the browser.
func newKeypad(t *testing.T) *keypad {
	t.Helper()
	st, err := newStage(t.Context(), t.Output(), demoOptions{speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", guest: true, cue: patience, log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	return &keypad{T: t, stage: st, tab: pagetest.Browser(t), base: "http://" + st.service.http.Addr().String()}
}

// lives does something while the service runs.
func (k *keypad) lives(do func(serving context.Context) error) {
	k.Helper()
	all, end := context.WithTimeout(k.Context(), 11*time.Minute)
	defer end()
	if err := k.during(all, do); err != nil {
		k.Error(err)
	}
}

// books books a call by keypad, at the first time.
func (k *keypad) books(serving context.Context) callback.Callback {
	k.Helper()
	k.calls("book", [2]string{"For billing, press 1", "1"}, [2]string{"For a call", "1"}, [2]string{"If that is right, press 1", "1"}, [2]string{gladToCall, ""})
	c, err := k.promised(serving)
	if err != nil {
		k.Fatal(err)
	}
	return c
}

// writes waits for a text with some words, writes back, and sees that it was
// taken.
func (k *keypad) writes(text, answer string) {
	k.Helper()
	k.do("answer "+text+" with "+answer, chromedp.Navigate(k.base+"/demo/sms"), pagetest.Shows("#texts", text), writes(text, answer), pagetest.Shows("[role=status]", "The answer was taken"))
}

// gets waits until a text comes to the page that is open.
func (k *keypad) gets(text string) {
	k.Helper()
	k.do("get "+text, chromedp.Evaluate(`document.activeElement.blur()`, nil), pagetest.Shows("article:first-of-type", text))
}

// TestCustomerInBrowser is a customer who has a promise, and calls again: he keeps
// it, moves it and calls it off by text, wants it after all, calls it off by
// keypad; and is put through to a person, whereupon it dies by itself, and the
// page of it tells so.
func TestCustomerInBrowser(t *testing.T) {
	t.Parallel()
	k := newKeypad(t)
	k.lives(func(serving context.Context) error {
		booked := k.books(serving)
		k.calls("keep it", [2]string{"We have promised to call you", "1"}, [2]string{"It stands", ""})
		k.writes(gladToCall, "2")
		k.gets("Which time suits you")
		k.writes("Which time suits you", "2")
		k.gets("Your call is moved")
		moved, err := k.promised(serving)
		if err != nil || moved.ID != booked.ID || !moved.At.After(booked.At) {
			t.Errorf("it was moved from %s to %s, %v", booked.At, moved.At, err)
		}
		k.writes("Your call is moved", "9")
		k.gets("Your call is cancelled")
		k.do("it is off", k.comesTo(booked.ID, callback.CancelledState))
		k.writes("Answer 1 to be called again", "1")
		k.gets("Which time suits you")
		k.writes("Which time suits you", "1")
		k.gets(gladToCall)
		k.calls("call it off", [2]string{"We have promised to call you", "3"}, [2]string{"Your call is cancelled", ""})
		k.isServedOtherwise(serving)
		return nil
	})
}

// isServedOtherwise books, looks at the page of it, and is put through.
func (k *keypad) isServedOtherwise(serving context.Context) {
	k.Helper()
	c := k.books(serving)
	k.opens(gladToCall)
	his, end := chromedp.NewContext(k.tab)
	k.Cleanup(end)
	phone := *k
	phone.tab = his
	phone.do("call, and want a person", chromedp.Navigate(k.base+"/phone/"), pagetest.Shows("#state", "Idle"), pagetest.Tap("#call"), pagetest.Shows("#words", "We have promised to call you"),
		pagetest.Tap(`[data-key="0"]`))
	agent := k.agentTakes(serving)
	phone.do("they are joined: his keys come through", chromedp.ActionFunc(func(ctx context.Context) error {
		for ctx.Err() == nil {
			if err := pagetest.Tap(`[data-key="5"]`).Do(ctx); err != nil {
				return err
			}
			soon, stop := context.WithTimeout(ctx, 500*time.Millisecond)
			key, err := agent.Key(soon)
			stop()
			if err == nil && key == '5' {
				return nil
			}
		}
		return ctx.Err()
	}))
	phone.do("hang up, and it dies by itself", pagetest.Tap("#hangup"), pagetest.Shows("#state", "Idle"), k.comesTo(c.ID, callback.CancelledState))
	k.do("the page tells so", page.BringToFront(), pagetest.Shows("main h1", "cancelled"))
	if err := agent.Hangup(serving); err != nil {
		k.Logf("the agent hangs up: %v", err) // he was asked what came of it, or not yet
	}
}

// TestCalledInBrowser is a customer who is called: he wants another time, then
// they speak; he answers the question how it was in words of his own, is thanked,
// wants no more questions, and says at the next call that he needs none.
func TestCalledInBrowser(t *testing.T) {
	t.Parallel()
	k := newKeypad(t)
	k.lives(func(serving context.Context) error {
		c := k.books(serving)
		robots := make(chan struct{})
		go func() {
			defer close(robots)
			for range 3 {
				k.serveAsAgent(serving)
			}
		}()
		k.clock.jump(c.DueAt)
		k.isCalled("want another time", [2]string{"To choose another time, press 3", "3"}, [2]string{"For a call", "2"}, [2]string{"Your call is moved", ""})
		moved, err := k.promised(serving)
		if err != nil || moved.ID != c.ID || !moved.At.After(c.At) {
			t.Fatalf("it was moved from %s to %s, %v", c.At, moved.At, err)
		}
		k.clock.jump(moved.DueAt)
		k.isCalled("talk", [2]string{"To talk now, press 1", "1"})
		k.do("talk", k.comesTo(c.ID, callback.Connected), pagetest.Tap("#hangup"), pagetest.Shows("#state", "Idle"))
		if err := k.waitForSurvey(serving); err != nil {
			return err
		}
		k.writes("How satisfied", "hard to say")
		k.gets("How satisfied")
		k.writes("How satisfied", "four, thanks")
		k.gets("Thank you")
		if stored, err := k.rating(serving); err != nil || stored != "4" {
			t.Errorf("%q is stored, and four was answered: %v", stored, err)
		}
		next := k.books(serving)
		k.clock.jump(next.DueAt)
		k.isCalled("need no call", [2]string{"if we have the wrong person, press 9", "9"}, [2]string{"We will not call again about this", ""})
		k.do("nobody calls again", k.comesTo(next.ID, callback.CancelledState),
			chromedp.Navigate(k.base+"/?view=done"), pagetest.Shows("#r-"+next.ID, "cancelled"), pagetest.Shows("#r-"+c.ID, "kept"))
		<-robots
		return nil
	})
}

// isCalled answers the telephone, and presses each key once the words before it
// were said.
func (k *keypad) isCalled(what string, steps ...[2]string) {
	k.Helper()
	k.do(what, chromedp.Navigate(k.base+"/phone/"), pagetest.Shows("#state", "Your telephone rings"), pagetest.Tap("#answer"), pagetest.Shows("#state", "connected"))
	for _, step := range steps {
		k.do(what+": "+step[0], pagetest.Shows("#words", step[0]))
		if step[1] != "" {
			k.do(what+": press "+step[1], pagetest.Tap(`[data-key="`+step[1]+`"]`))
		}
	}
}
