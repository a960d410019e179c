// Package pagetest opens pages in Chromium as a person would, and looks at them
// (tests only).
package pagetest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// patience is for machines that are busy with other tests.
const patience = 4 * time.Minute

// Browser starts Chromium, which is closed when the test ends.
func Browser(t testing.TB) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	profile, err := os.MkdirTemp("", "holdless-browser-") // Chromium may write to it for a moment longer than the test takes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.IgnoreCertErrors, // of web sites in tests
		chromedp.Flag("disable-site-isolation-trials", true), chromedp.Flag("disable-features", "IsolateOrigins,site-per-process,Translate"), // tests look into frames

		chromedp.UserDataDir(profile), chromedp.WSURLReadTimeout(2*time.Minute))
	all, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(all)
	t.Cleanup(end)
	ctx, late := context.WithTimeout(ctx, 12*time.Minute)
	t.Cleanup(late)
	return ctx
}

// Another opens a window for somebody else, who signs in for himself.
func Another(ctx context.Context, t testing.TB) context.Context {
	t.Helper()
	var tab target.ID
	Drive(ctx, t, "open another window", chromedp.ActionFunc(func(ctx context.Context) error {
		browser := cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser)
		with, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(browser)
		if err != nil {
			return err
		}
		tab, err = target.CreateTarget("about:blank").WithBrowserContextID(with).WithNewWindow(true).Do(browser)
		return err
	}))
	own, end := chromedp.NewContext(ctx, chromedp.WithTargetID(tab))
	t.Cleanup(end)
	return own
}

// Drive does things in the browser, one after the other.
func Drive(ctx context.Context, t testing.TB, what string, do ...chromedp.Action) {
	t.Helper()
	err := chromedp.Run(ctx, do...)
	watch(ctx, t, what, err != nil)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// Holds waits until something is true on the page.
func Holds(what string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		tick := time.NewTicker(30 * time.Millisecond)
		defer tick.Stop()
		for late := time.After(patience); ; {
			var there bool
			err := chromedp.Evaluate("!!("+what+")", &there).Do(ctx)
			if err == nil && there {
				return nil
			}
			select {
			case <-tick.C:
			case <-late:
				var seen string
				_ = chromedp.Evaluate(`document.body.innerText.replace(/\s+/g, " ").slice(0, 500)`, &seen).Do(ctx) // for who reads why
				return fmt.Errorf("never: %s: %w; the page says %q", what, cmp.Or(err, context.DeadlineExceeded), seen)
			case <-ctx.Done():
				return fmt.Errorf("never: %s: %w", what, ctx.Err())
			}
		}
	})
}

// Shows waits until an element has some words, on this page or on the next, and
// the page has all its scripts.
func Shows(sel, words string) chromedp.Action {
	return Holds("document.readyState === `complete` && document.querySelector(`" + sel + "`)?.textContent.includes(`" + words + "`)")
}

// Tap presses a button once it is there, wherever on the page it may have moved
// meanwhile.
func Tap(sel string) chromedp.Action {
	return Holds("(e => e && !e.disabled && (e.click(), true))(document.querySelector(`" + sel + "`))")
}

// Focus puts the focus on an element once it is there, as [Tap] presses a button.
func Focus(sel string) chromedp.Action {
	return Holds("(e => e && (e.focus(), e === document.activeElement))(document.querySelector(`" + sel + "`))")
}

// Opens opens a page again and again until it has some words: what does not answer
// within a second, as on a busy machine, is not ready then.
func Opens(address, words string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		for {
			var said string
			if err := (chromedp.Tasks{chromedp.Navigate(address), chromedp.Text("body", &said)}).Do(ctx); err != nil {
				return err
			}
			if strings.Contains(said, words) {
				return nil
			}
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return fmt.Errorf("%s says %q, never %q: %w", address, said, words, ctx.Err())
			}
		}
	})
}

// Script has pages that are opened from now on run a script before their own.
func Script(text string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(text).Do(ctx)
		return err
	})
}

// Still stops the clock of pages that are opened from now on: what is for some
// seconds is for as long as a busy machine takes.
func Still() chromedp.Action { return Script(`Date.now = () => 1e12;`) }

// Keys presses keys, wherever the focus is.
func Keys(all ...string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		for _, k := range all {
			if err := chromedp.KeyEvent(k).Do(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// A Window is how somebody looks at a page.
type Window struct {
	Scheme string // light or dark
	Width  int64
}

// Windows are wide and narrow, light and dark.
func Windows() []Window {
	return []Window{{"light", 1280}, {"light", 320}, {"dark", 1280}, {"dark", 320}}
}

// Open gives the browser that window.
func (w Window) Open() chromedp.Action {
	return chromedp.Tasks{
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: w.Scheme}}),
		chromedp.EmulateViewport(w.Width, 800),
	}
}
