package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// newFollowed opens the demo with a telephone in the browser, and a supervisor who
// follows up unhappy customers.
func newFollowed(t *testing.T) *keypad {
	t.Helper()
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", guest: true, cue: patience, log: quiet(), edit: func(c *config) {
			c.Agents["sam"] = callback.Agent{Name: "Sam", Phone: "+358409876543", Languages: []string{"en"}}
			c.Survey.Owner = "sam"
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &keypad{T: t, stage: st, tab: pagetest.Browser(t), base: "http://" + st.service.http.Addr().String()}
}

// TestUnhappyInBrowser is a customer who is not satisfied: within a minute it is a
// task of the supervisor, on the wall and by text; the customer is offered two
// times, takes one of them by text, and the desk has it. Then he wants no more
// texts, in words of his own: the desk tells it at once, he is not texted when he
// moves the call on its page, and it stands.
func TestUnhappyInBrowser(t *testing.T) {
	t.Parallel()
	k := newFollowed(t)
	k.lives(func(serving context.Context) error {
		c := k.books(serving)
		robot := make(chan struct{})
		go func() {
			defer close(robot)
			k.serveAsAgent(serving)
		}()
		k.clock.jump(c.DueAt)
		k.isCalled("talk", [2]string{"To talk now, press 1", "1"})
		k.do("talk", k.comesTo(c.ID, callback.Connected), pagetest.Tap("#hangup"), pagetest.Shows("#state", "Idle"))
		<-robot
		wall := k.beside()
		wall.do("nobody is unhappy", chromedp.Navigate(k.base+"/wall"), pagetest.Shows("#wall .unhappy", "Nobody."))
		if err := k.waitForSurvey(serving); err != nil {
			return err
		}
		k.writes("How satisfied", "2, had to call twice")
		wall.do("the supervisor sees it", page.BringToFront(), pagetest.Shows("#wall .unhappy", "2 of 5"), pagetest.Shows("#wall .unhappy", "Sam"), pagetest.Shows("#wall .unhappy", "had to call twice"))
		k.do("and reads it", page.BringToFront(), chromedp.Navigate(k.base+"/demo/sms"), pagetest.Shows("#texts", "gave us 2 of 5"), pagetest.Shows("#texts", "Which time suits you"))
		k.isTaskInTime(serving, c)
		next := k.takesOffered(serving, c)
		desk := k.beside()
		desk.reads(next)
		desk.do("what was before", pagetest.Shows("#story", "2 of 5"), pagetest.Shows("#story", "Earlier promises"))
		k.optsOut(serving, desk, next)
		return nil
	})
}

// isTaskInTime holds how soon an answer was a task.
func (k *keypad) isTaskInTime(serving context.Context, c callback.Callback) {
	k.Helper()
	open, err := k.service.desk.Unanswered(serving, c.At)
	if err != nil || len(open) != 1 || open[0].Owner != "sam" {
		k.Fatalf("open are %+v, %v", open, err)
	}
	story, err := k.service.desk.Story(serving, c.ID)
	if err != nil || len(story.Received) != 1 {
		k.Fatalf("received were %+v, %v", story.Received, err)
	}
	if soon := open[0].At.Sub(story.Received[0].At); soon > time.Minute {
		k.Errorf("it is a task after %s", soon)
	}
}

// takesOffered takes the second of two times that were offered by text.
func (k *keypad) takesOffered(serving context.Context, c callback.Callback) callback.Callback {
	k.Helper()
	offer := ""
	for _, text := range k.service.texts.Outbox() {
		if strings.Contains(text.Body, "Which time suits you") {
			offer = text.Body
		}
	}
	if !strings.Contains(offer, "1: ") || !strings.Contains(offer, "2: ") || strings.Contains(offer, "3: ") {
		k.Errorf("offered is %q", offer)
	}
	k.writes("Which time suits you", "2")
	k.gets(gladToCall)
	next, err := k.promised(serving)
	if err != nil || next.ID == c.ID || !strings.Contains(offer, k.wall(next.At)) {
		k.Fatalf("%q was offered, and promised is %+v, %v", offer, next, err)
	}
	return next
}

// optsOut wants no more texts, and moves the call on its page all the same.
func (k *keypad) optsOut(serving context.Context, desk *keypad, c callback.Callback) {
	k.Helper()
	k.writes(gladToCall, "Ei enää, kiitos!")
	desk.do("the desk tells it by itself", page.BringToFront(), pagetest.Shows("#story .card", "wants no texts"))
	sent := k.sentTo(serving, c)
	k.do("look at the texts", page.BringToFront())
	k.opens(gladToCall)
	k.do("move it on the page", pagetest.Tap("main input[name=at]"), chromedp.Evaluate(`document.querySelector("main input[name=at]:checked").form.requestSubmit()`, nil), k.standsLater(c))
	moved, err := k.promised(serving)
	if err != nil || moved.ID != c.ID {
		k.Fatalf("promised is %+v, %v", moved, err)
	}
	k.do("the page has it", pagetest.Shows("main h1", k.wall(moved.At)))
	desk.do("it stands", page.BringToFront(), pagetest.Shows("#r-"+c.ID, k.wall(moved.At)), pagetest.Shows("#story .facts", k.wall(moved.At)))
	if now := k.sentTo(serving, c); now != sent {
		k.Errorf("%d texts were sent or wait, and %d before he wanted no more", now, sent)
	}
}

// sentTo counts the texts to a customer: those that have left, and those that wait.
func (k *keypad) sentTo(serving context.Context, c callback.Callback) int {
	k.Helper()
	story, err := k.service.desk.Story(serving, c.ID)
	if err != nil {
		k.Fatal(err)
	}
	return len(story.Sent)
}

// standsLater waits until a callback is promised for another time.
func (k *keypad) standsLater(c callback.Callback) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		for {
			now, _, err := k.service.desk.Show(ctx, c.ID)
			if err != nil || !now.At.Equal(c.At) {
				return err
			}
			if !rest(ctx, 30*time.Millisecond) {
				return ctx.Err()
			}
		}
	})
}
