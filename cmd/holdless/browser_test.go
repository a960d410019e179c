package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser starts Chromium, which is closed when the test ends.
func browser(t *testing.T) context.Context {
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
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.UserDataDir(profile), chromedp.WSURLReadTimeout(2*time.Minute))
	all, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(all)
	t.Cleanup(end)
	ctx, late := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(late)
	return ctx
}

func drive(ctx context.Context, t *testing.T, what string, do ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, do...); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// shows waits until an element has some words, on this page or on the next,
// and the page has all its scripts.
func shows(sel, words string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for late := time.After(time.Minute); ; {
			var there bool
			err := chromedp.Evaluate("document.readyState === `complete` && (document.querySelector(`"+sel+"`)?.textContent.includes(`"+words+"`) ?? false)", &there).Do(ctx)
			if err == nil && there {
				return nil
			}
			select {
			case <-tick.C:
			case <-late:
				return fmt.Errorf("%s never says %q: %w", sel, words, cmp.Or(err, context.DeadlineExceeded))
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
}

// tabTo walks with the Tab key alone until an element has the focus.
func tabTo(id string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		for range 200 {
			var at string
			if err := chromedp.Evaluate(`document.activeElement.id`, &at).Do(ctx); err != nil || at == id {
				return err
			}
			if err := chromedp.KeyEvent(kb.Tab).Do(ctx); err != nil {
				return err
			}
		}
		return context.DeadlineExceeded
	})
}

// TestMenusInTheBrowser edits, checks, publishes and puts back a menu in
// Chromium, with keys alone; the page fits a narrow telephone, light and dark.
func TestMenusInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	config, menu := ownMenu(t, patient("Welcome."), "sounds: {cache: false}\n")
	r := startWith(t, config)
	defer func() {
		r.stop()
		r.end(t)
	}()
	link, err := r.openMenus(ctx, openAsk{"anna"})
	if err != nil {
		t.Fatal(err)
	}
	inFile := func(want string) {
		t.Helper()
		if src, err := os.ReadFile(menu); err != nil || !strings.Contains(string(src), want) {
			t.Errorf("the file has no %q: %s, %v", want, src, err)
		}
	}
	edit := strings.Split(link.URL, "?")[0] + "edit?menu=main.yaml"
	drive(ctx, t, "open", chromedp.Navigate(link.URL), shows("table", "main.yaml"), chromedp.Navigate(edit), shows("#verdict", "Right"))

	drive(ctx, t, "break it", tabTo("text"), chromedp.KeyEvent("nonsense: here\n"), shows("#verdict", "Not right yet"), shows(".marks", "line 1"))
	drive(ctx, t, "publish what is broken", tabTo("publish"), chromedp.KeyEvent(kb.Enter), shows("#notice", "Not published"))
	inFile("Welcome.")
	drive(ctx, t, "mend it", chromedp.Evaluate(`(() => { const t = document.getElementById("text");
		t.value = t.value.replace(/^nonsense: here\r?\n/, "").replace("Welcome.", "Good morning."); t.dispatchEvent(new Event("input")); })()`, nil),
		shows("#verdict", "changes for callers"), shows(".changes", "Good morning."))
	drive(ctx, t, "try it", tabTo("keys"), chromedp.KeyEvent("1"), tabTo("try"), chromedp.KeyEvent(kb.Enter), shows("#tried", "second"), shows("#tried", "1 agent free"))
	drive(ctx, t, "try it otherwise", tabTo("at"), chromedp.KeyEvent("Sat 21:00"), tabTo("open"), chromedp.KeyEvent("c"),
		tabTo("try"), chromedp.KeyEvent(kb.Enter), shows("#tried", "21:00"), shows("#tried", "closed"))
	inFile("Welcome.")
	drive(ctx, t, "publish", tabTo("publish"), chromedp.KeyEvent(kb.Enter), shows("#notice", "Published"))
	inFile("Good morning.")
	drive(ctx, t, "put back", chromedp.Focus(".back"), chromedp.KeyEvent(kb.Enter), shows("#notice", "earlier version is back"))
	inFile("Welcome.")
	if got := r.desk.Live().Menus["main.yaml"].Source(); !strings.Contains(got, "Welcome.") {
		t.Errorf("callers hear %s", got)
	}
	changes, err := r.menus.Changes(ctx, 2)
	if err != nil || len(changes) != 2 || changes[0].By != "browser:anna" || changes[1].By != "browser:anna" {
		t.Errorf("the journal has %+v, %v", changes, err)
	}
	narrow(ctx, t)
}

// narrow checks that nothing sticks out of a telephone 320 pixels wide, and
// that words stand out on light and on dark ground.
func narrow(ctx context.Context, t *testing.T) {
	t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		var width int
		var drawn, dark bool
		drive(ctx, t, scheme, chromedp.EmulateViewport(320, 640), colours(scheme), chromedp.Reload(), shows("#verdict", "Right"),
			chromedp.Evaluate(`document.documentElement.scrollWidth`, &width),
			chromedp.Evaluate(`document.querySelector(".drawing img").decode().then(() => true, () => false)`, &drawn, awaited),
			chromedp.Evaluate(`getComputedStyle(document.body).color === "rgb(255, 255, 255)"`, &dark))
		if width > 320 || !drawn || dark != (scheme == "dark") {
			t.Errorf("%s: %d pixels wide, drawn %t, light words %t", scheme, width, drawn, dark)
		}
	}
}

// colours chooses a light or a dark ground.
func colours(scheme string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}})
}

func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
