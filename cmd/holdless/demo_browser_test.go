package main

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestDemoInBrowser is a newcomer's first minutes: he calls with the telephone
// in his browser, is called back on it, answers the text, and finds it all on
// the desk.
func TestDemoInBrowser(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", guest: true, log: quiet(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	base := "http://" + st.service.http.Addr().String()
	all, end := context.WithTimeout(t.Context(), 4*time.Minute)
	defer end()
	err = st.during(all, func(serving context.Context) error {
		go st.serveAsAgent(serving)
		drive(ctx, t, "look at the day", chromedp.Navigate(base+"/"), shows("body", "Maija"), shows("body", "Telephone"))
		drive(ctx, t, "call", chromedp.Navigate(base+"/phone/"), shows("#state", "Idle"), chromedp.Click("#call"),
			shows("#state", "connected"), shows("#words", "Welcome"))
		for _, said := range []string{"press 1", "10:15", "+358 401 234 567"} {
			drive(ctx, t, "press 1 at "+said, shows("#words", said), chromedp.Click(`[data-key="1"]`))
		}
		drive(ctx, t, "hang up with a promise", shows("#words", "We will call you today at 10:15"), chromedp.Click("#hangup"), shows("#state", "Idle"))
		promised, err := st.promised(serving)
		if err != nil {
			return err
		}
		st.clock.jump(promised.DueAt)
		drive(ctx, t, "be called back", shows("#state", "Your telephone rings"), chromedp.Click("#answer"), shows("#state", "connected"),
			shows("#words", "press 1"), chromedp.Click(`[data-key="1"]`), chromedp.Sleep(2*time.Second), chromedp.Click("#hangup"), shows("#state", "Idle"))
		if err := st.waitForSurvey(serving); err != nil {
			return err
		}
		drive(ctx, t, "answer the text", chromedp.Navigate(base+"/demo/sms"), shows("body", "How satisfied"),
			chromedp.SendKeys(`article:first-of-type input[name="body"]`, "5"), chromedp.Click("article:first-of-type button"), shows("[role=status]", "The answer was taken"))
		if stored, err := st.stored(serving, "csat"); err != nil || stored != "5" {
			t.Errorf("%q is stored, and 5 was answered: %v", stored, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
