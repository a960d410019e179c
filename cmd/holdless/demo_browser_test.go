package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// TestDemoInBrowser is a newcomer's first minutes: he calls with the telephone
// in his browser, is called back on it, answers the text, and finds it all on
// the desk.
func TestDemoInBrowser(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", guest: true, cue: patience, log: quiet(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	base := "http://" + st.service.http.Addr().String()
	all, end := context.WithTimeout(t.Context(), 11*time.Minute)
	defer end()
	err = st.during(all, func(serving context.Context) error {
		go st.serveAsAgent(serving)
		pagetest.Drive(ctx, t, "look at the day", chromedp.Navigate(base+"/"), pagetest.Shows("body", "Maija"), pagetest.Shows("body", "Telephone"))
		pagetest.Drive(ctx, t, "call", chromedp.Navigate(base+"/phone/"), pagetest.Shows("#state", "Idle"), chromedp.Click("#call"),
			pagetest.Shows("#state", "connected"), pagetest.Shows("#words", "Welcome"))
		for _, said := range []string{"press 1", "10:15", "+358 401 234 567"} {
			pagetest.Drive(ctx, t, "press 1 at "+said, pagetest.Shows("#words", said), pagetest.Tap(`[data-key="1"]`))
		}
		pagetest.Drive(ctx, t, "have a promise", pagetest.Shows("#words", "We will call you today at 10:15"), pagetest.Shows("#words .text", "Answer 2 for another time"))
		pagetest.Drive(ctx, t, "hang up", chromedp.Evaluate(`document.querySelector("#hangup:not([hidden])")?.click()`, nil), pagetest.Shows("#state", "Idle"), // the service may have been quicker
			pagetest.Shows("#next:not([hidden])", "rings at 10:15"), pagetest.Windows()[0].Open())
		pagetest.Picture(ctx, t, "demo-telephone-light-1280.png", "demo-telephone-light-1280.png")
		promised, err := st.promised(serving)
		if err != nil {
			return err
		}
		st.clock.jump(promised.DueAt)
		pagetest.Drive(ctx, t, "be called back", pagetest.Shows("#state", "Your telephone rings"), chromedp.Click("#answer"), pagetest.Shows("#state", "connected"),
			pagetest.Shows("#words", "press 1"), pagetest.Tap(`[data-key="1"]`), st.comesTo(promised.ID, callback.Connected), pagetest.Tap("#hangup"), pagetest.Shows("#state", "Idle"))
		if err := st.waitForSurvey(serving); err != nil {
			return err
		}
		pagetest.Drive(ctx, t, "answer the text", chromedp.Navigate(base+"/demo/sms"), pagetest.Shows("body", "How satisfied"),
			writes("How satisfied", "what do you mean"), pagetest.Shows("[role=status]", "The answer was taken"), pagetest.Shows("#texts", "I did not understand that"))
		if stored, err := st.rating(serving); err != nil || stored != "" {
			t.Errorf("%q is stored of what nobody understands: %v", stored, err)
		}
		pagetest.Drive(ctx, t, "answer it clearly", writes("I did not understand that", "5"), pagetest.Holds(`[...document.querySelectorAll("#texts article")].length > 0 && document.querySelector("#texts").textContent.includes("Thank you")`))
		if stored, err := st.rating(serving); err != nil || stored != "5" {
			t.Errorf("%q is stored, and 5 was answered: %v", stored, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// writes answers the newest text that has some words.
func writes(text, answer string) chromedp.Action {
	return pagetest.Holds(`(a => { if (!a) return false; const f = a.querySelector("form"); f.body.value = "` + answer + `"; f.requestSubmit(); return true })(
		[...document.querySelectorAll("article")].find(a => a.textContent.includes("` + text + `")))`)
}

// comesTo waits until a callback stands so.
func (st *stage) comesTo(id string, want callback.State) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		tick := time.NewTicker(30 * time.Millisecond)
		defer tick.Stop()
		for {
			c, _, err := st.service.desk.Show(ctx, id)
			if err != nil || c.State == want {
				return err
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return fmt.Errorf("it is %s: %w", c.State, ctx.Err())
			}
		}
	})
}
