package booth

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/internal/pagetest"
)

// TestPage is all that the page needs, and nothing from elsewhere.
func TestPage(t *testing.T) {
	t.Parallel()
	peer, _ := other(t)
	s := newSite(t, peer)
	for _, path := range []string{"", "booth.js", "booth.css"} {
		res := s.get(t.Context(), path)
		body, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		policy := res.Header.Get("Content-Security-Policy")
		if res.StatusCode != http.StatusOK || strings.Contains(policy, "unsafe") || strings.Contains(string(body), "//cdn") {
			t.Errorf("%q: %d, policy %q", path, res.StatusCode, policy)
		}
	}
}

// TestLevels holds that the browser reads mu-law as everybody does (ITU-T G.711).
func TestLevels(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	peer, _ := other(t)
	s := newSite(t, peer)
	var got []float64
	pagetest.Drive(ctx, t, "read the levels", chromedp.Navigate(s.http.URL+"/phone/"), pagetest.Shows("#state", "Idle"),
		chromedp.Evaluate("Array.from(levels, (l) => l * 32768)", &got))
	for b := range 256 {
		if len(got) != 256 || int16(got[b]) != media.PCMU.Decode(byte(b)) {
			t.Fatalf("of %d levels that of %#x is another", len(got), b)
		}
	}
}

// TestPageInACall is loaded anew in a call, which goes on: it shows what was said
// and which keys were pressed, and has its sound again once somebody has touched
// it. When the page is closed for good, the call ends.
func TestPageInACall(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	peer, calls := other(t)
	s := newSite(t, peer)
	page := s.http.URL + "/phone/"
	pagetest.Drive(ctx, t, "call in Finnish", chromedp.Navigate(page), pagetest.Shows("#state", "Idle"), chromedp.SetValue("#number", "+358912346"),
		pagetest.Tap("#call"), pagetest.Shows("#state", "connected"))
	far := <-calls
	s.Said("fi", "Tervetuloa.")
	pagetest.Drive(ctx, t, "press a key", pagetest.Shows("#words .service[lang=fi]", "Tervetuloa"), pagetest.Tap(`[data-key="5"]`), pagetest.Shows("#words .own", "5"))
	if got, err := far.Key(ctx); err != nil || got != '5' {
		t.Errorf("the other end got %q, %v", got, err)
	}
	s.Texted("Soitamme teille. https://example.com/c/x.")
	pagetest.Drive(ctx, t, "load it anew", chromedp.Reload(), pagetest.Shows("#state", "connected"), pagetest.Shows("#words", "Tervetuloa"), pagetest.Shows("#words .own", "5"),
		pagetest.Shows("#words .text[lang=fi] a", "https://example.com/c/x"), chromedp.Click("h1"), pagetest.Holds("listening"))
	s.mu.Lock()
	s.config.Alone = time.Nanosecond
	s.mu.Unlock()
	pagetest.Drive(ctx, t, "close it", chromedp.Navigate("about:blank"))
	<-far.Done()
	s.until(Idle)
	pagetest.Drive(ctx, t, "come back", chromedp.Navigate(page), pagetest.Shows("#words .telephone", "Nobody was at the telephone"))
}

// TestRinging is heard where somebody has touched the page, until it is taken up.
func TestRinging(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	peer, _ := other(t)
	s := newSite(t, peer)
	pagetest.Drive(ctx, t, "touch it", chromedp.Navigate(s.http.URL+"/phone/"), pagetest.Shows("#state", "Idle"), chromedp.Click("h1"), pagetest.Holds("speaker"),
		chromedp.Evaluate(`var heard = 0, hushed = 0; ring = (...of) => (heard += of[0].length, { stop: () => { hushed++; } }); 1`, nil))
	var call sync.WaitGroup
	defer call.Wait()
	call.Go(func() {
		if c, err := peer.Call(ctx, s.own.URI(), "+358912345"); err != nil {
			t.Error(err)
		} else {
			<-c.Done()
		}
	})
	pagetest.Drive(ctx, t, "it rings", pagetest.Shows("#state", "Your telephone rings"), pagetest.Holds("heard === 2 && hushed === 0 && document.title.startsWith(`It rings!`)"),
		pagetest.Tap("#answer"), pagetest.Shows("#state", "connected"), pagetest.Holds("hushed === 1 && listening"), pagetest.Tap("#hangup"), pagetest.Shows("#state", "Idle"))
}
