package main

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// TestHurryInBrowser is a newcomer who does not want to wait five minutes: he has
// the clock run sixty times as fast, his telephone rings at the promised time,
// and the clock runs like his while he speaks.
func TestHurryInBrowser(t *testing.T) {
	t.Parallel()
	k := newKeypad(t)
	k.lives(func(serving context.Context) error {
		serving, stop := context.WithCancel(serving)
		var behind sync.WaitGroup
		defer behind.Wait()
		defer stop()
		behind.Go(func() { k.hasten(serving) })
		behind.Go(func() { k.serveAsAgent(serving) })
		c := k.books(serving)
		k.clock.jump(c.DueAt.Add(-5 * time.Minute))
		runs := func(pace string) chromedp.Action {
			return pagetest.Holds("document.querySelector(`[data-pace=\"" + pace + "\"][aria-pressed=true]`)")
		}
		began := time.Now()
		k.do("hurry", chromedp.Navigate(k.base+"/phone/"), runs("1"), pagetest.Tap(`[data-pace="60"]`), runs("60"), pagetest.Shows("#state", "Your telephone rings"))
		if now, real := k.clock.now(), time.Since(began); now.Before(c.DueAt) || real > 5*time.Minute {
			t.Errorf("it rings at %s, after %s, and was due at %s", now, real, c.DueAt)
		}
		k.do("take the call", pagetest.Tap("#answer"), pagetest.Shows("#words", "press 1"), pagetest.Tap(`[data-key="1"]`), k.comesTo(c.ID, callback.Connected))
		if late := k.clock.now().Sub(c.At); late > k.service.desk.Policy.Window.Duration() {
			t.Errorf("the promise was kept %s late", late)
		}
		k.do("like mine again", pagetest.Tap(`[data-pace="1"]`), runs("1"), pagetest.Tap("#hangup"), pagetest.Shows("#state", "Idle"))
		return nil
	})
}
