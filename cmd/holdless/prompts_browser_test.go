package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/sounds"
)

// TestPromptsInTheBrowser listens to the greeting in Chromium, puts a recording
// in its place, hears why another cannot be used, and takes it back, on the
// screen of a telephone.
func TestPromptsInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	r := startWith(t, written(t, "sounds: {cache: false}\nlanguages: [en, fi]\n"))
	defer func() {
		r.stop()
		r.end(t)
	}()
	var greeting sounds.Script
	for _, s := range r.studio.Scripts() {
		if s.Lang == "en" && s.Name == "welcome" {
			greeting = s
		}
	}
	link, err := r.openMenus(ctx, openAsk{"anna"})
	if err != nil {
		t.Fatal(err)
	}
	good, bad := filepath.Join(t.TempDir(), "take.wav"), filepath.Join(t.TempDir(), "letter.wav")
	writeTone(t, good)
	if err := os.WriteFile(bad, []byte("Dear all,"), 0o600); err != nil {
		t.Fatal(err)
	}
	row := "#p" + greeting.Number
	page := strings.Split(link.URL, "?")[0] + "prompts?lang=en"
	heard := func() (seconds float64) {
		pagetest.Drive(ctx, t, "listen", chromedp.Evaluate(`new Promise(done => { const a = document.querySelector("`+row+` audio");
			a.onloadedmetadata = () => done(a.duration); a.onerror = () => done(-1); a.preload = "auto"; a.load() })`, &seconds, awaited))
		return seconds
	}
	put := func(file string) chromedp.Action {
		return chromedp.Tasks{
			chromedp.SetUploadFiles(row+` input[type=file]`, []string{file}),
			chromedp.Focus(row + " .upload"), chromedp.KeyEvent(kb.Enter),
		}
	}
	var width int
	pagetest.Drive(ctx, t, "open", chromedp.EmulateViewport(320, 640), chromedp.Navigate(link.URL), pagetest.Shows("header", "What callers hear"),
		chromedp.Navigate(page), pagetest.Shows(row, "shipped"), chromedp.Evaluate(`document.documentElement.scrollWidth`, &width))
	if width > 320 {
		var wide string
		pagetest.Drive(ctx, t, "measure", chromedp.Evaluate(`[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > 320).map(e => e.tagName + " " + e.className).slice(0, 12).join(", ")`, &wide))
		t.Errorf("the page is %d pixels wide: %s", width, wide)
	}
	if got := heard(); got <= 0 {
		t.Errorf("the greeting that ships lasts %g seconds", got)
	}
	pagetest.Drive(ctx, t, "a letter", put(bad), pagetest.Shows("#refused", "Nothing has changed for welcome: not a WAV file"))
	pagetest.Drive(ctx, t, "a recording", put(good), pagetest.Shows("#notice", "welcome. Put in: 1.0 seconds"), pagetest.Shows(row, "own"), pagetest.Shows(row, "by browser:anna"))
	if got := heard(); got < 0.9 || got > 1.2 {
		t.Errorf("the recording lasts %g seconds", got)
	}
	pagetest.Drive(ctx, t, "take it back", chromedp.Focus(row+" .takeback"), chromedp.KeyEvent(kb.Enter), pagetest.Shows("#notice", "Taken back"), pagetest.Shows(row, "shipped"))
	changes, err := r.menus.Changes(ctx, 2)
	if err != nil || len(changes) != 2 || changes[0].Value != "taken back" || changes[1].Value != "uploaded" || changes[1].By != "browser:anna" {
		t.Errorf("the journal has %+v, %v", changes, err)
	}
}
