package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/pagetest"
)

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
// Chromium, with keys alone; the page fits a narrow telephone, light and dark,
// and so does the form of what changes most, which keeps nobody out.
func TestMenusInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	config, menu := ownMenu(t, patient("Welcome."), "sounds: {cache: false}\n")
	write(t, config, strings.Replace(read(t, config), "queues: {billing: {", "queues: {billing: {capacity: auto, ", 1))
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
	pagetest.Drive(ctx, t, "open", chromedp.Navigate(link.URL), pagetest.Shows("table", "main.yaml"), chromedp.Navigate(edit), pagetest.Shows("#verdict", "Right"))

	pagetest.Drive(ctx, t, "break it", tabTo("text"), chromedp.KeyEvent("nonsense: here\n"), pagetest.Shows("#verdict", "Not right yet"), pagetest.Shows(".marks", "line 1"))
	pagetest.Drive(ctx, t, "publish what is broken", tabTo("publish"), chromedp.KeyEvent(kb.Enter), pagetest.Shows("#notice", "Not published"))
	inFile("Welcome.")
	pagetest.Drive(ctx, t, "mend it", chromedp.Evaluate(`(() => { const t = document.getElementById("text");
		t.value = t.value.replace(/^nonsense: here\r?\n/, "").replace("Welcome.", "Good morning."); t.dispatchEvent(new Event("input")); })()`, nil),
		pagetest.Shows("#verdict", "changes for callers"), pagetest.Shows(".changes", "Good morning."))
	pagetest.Drive(ctx, t, "try it", tabTo("keys"), chromedp.KeyEvent("1"), tabTo("try"), chromedp.KeyEvent(kb.Enter), pagetest.Shows("#tried", "second"), pagetest.Shows("#tried", "1 agent free"))
	pagetest.Drive(ctx, t, "try it otherwise", tabTo("at"), chromedp.KeyEvent("Sat 21:00"), tabTo("open"), chromedp.KeyEvent("c"),
		tabTo("try"), chromedp.KeyEvent(kb.Enter), pagetest.Shows("#tried", "21:00"), pagetest.Shows("#tried", "closed"))
	inFile("Welcome.")
	pagetest.Drive(ctx, t, "publish", tabTo("publish"), chromedp.KeyEvent(kb.Enter), pagetest.Shows("#notice", "Published"))
	inFile("Good morning.")
	pagetest.Drive(ctx, t, "put back", chromedp.Focus(".back"), chromedp.KeyEvent(kb.Enter), pagetest.Shows("#notice", "earlier version is back"))
	inFile("Welcome.")
	if got := r.desk.Live().Menus["main.yaml"].Source(); !strings.Contains(got, "Welcome.") {
		t.Errorf("callers hear %s", got)
	}
	changes, err := r.menus.Changes(ctx, 2)
	if err != nil || len(changes) != 2 || changes[0].By != "browser:anna" || changes[1].By != "browser:anna" {
		t.Errorf("the journal has %+v, %v", changes, err)
	}
	narrow(ctx, t)
	judge := pagetest.NewJudge(t)
	pagetest.Drive(ctx, t, "what changes most", chromedp.Navigate(strings.Split(link.URL, "?")[0]+"form?menu=main.yaml"), pagetest.Shows("h1", "what changes most"),
		pagetest.Holds(`document.getElementById("capacity-billing").value === "auto"`))
	judge.LookAll(ctx, t, "what changes most")
}

// TestBrokenFileAtAnOpenDesk: who has the desk open sees that a menu is broken,
// and where, as soon as the service does, and no more once it is mended.
func TestBrokenFileAtAnOpenDesk(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	config, menu := ownMenu(t, patient("Welcome."), "sounds: {cache: false}\n")
	write(t, config, strings.Replace(read(t, config), `"https://cb.example.org"`, `""`, 1))
	r := startWith(t, config)
	defer func() {
		r.stop()
		r.end(t)
	}()
	token, err := r.accounts.Add(ctx, accounts.User{Name: "sam", Role: accounts.Supervisor}, "test")
	if err != nil {
		t.Fatal(err)
	}
	site := "http://" + r.http.Addr().String()
	pagetest.Drive(ctx, t, "sign in", chromedp.Navigate(site+accounts.WelcomePath(token)), pagetest.Shows("h1", "Welcome, sam"),
		chromedp.SendKeys("#password", "correct horse battery"), chromedp.Click("#choose"), pagetest.Shows("h1", "Desk"),
		chromedp.Evaluate(`window.opened = true; document.querySelectorAll(".alarm").length === 0`, nil))
	beside := map[string]context.Context{"/menus/": nil, "/menus/edit?menu=main.yaml": nil, "/menus/prompts": nil}
	for path := range beside {
		tab, end := chromedp.NewContext(ctx)
		t.Cleanup(end)
		pagetest.Drive(tab, t, path, chromedp.Navigate(site+path), pagetest.Holds(`document.readyState === "complete" && document.querySelector("#alarms")`), chromedp.Evaluate(`window.opened = true`, nil))
		beside[path] = tab
	}
	write(t, menu, strings.Replace(patient("Welcome."), "to: second", "to: secnd", 1))
	pagetest.Drive(ctx, t, "break the file", pagetest.Shows("#alarms .alarm", `main.yaml:4`), pagetest.Shows("#alarms .alarm[role=alert]", `did you mean "second"?`))
	for path, tab := range beside {
		pagetest.Drive(tab, t, path+" tells it too", page.BringToFront(), pagetest.Shows("#alarms .alarm[role=alert]", `did you mean "second"?`))
	}
	pagetest.Drive(beside["/menus/"], t, "the row of the menu tells it", page.BringToFront(), pagetest.Shows("tbody", "callers hear the version before"))
	if got := r.desk.Live().Menus["main.yaml"].Source(); !strings.Contains(got, "to: second") {
		t.Errorf("callers hear %s", got)
	}
	write(t, menu, patient("Good morning."))
	pagetest.Drive(ctx, t, "mend it", page.BringToFront(), pagetest.Holds(`document.querySelectorAll("#alarms .alarm").length === 0`),
		pagetest.Holds(`window.opened === true`)) // it is the page that was opened first
	for path, tab := range beside {
		pagetest.Drive(tab, t, path+" is glad too", page.BringToFront(), pagetest.Holds(`document.querySelectorAll("#alarms .alarm").length === 0 && window.opened === true`))
	}
}

// narrow checks that nothing sticks out of a telephone 320 pixels wide, and
// that words stand out on light and on dark ground.
func narrow(ctx context.Context, t *testing.T) {
	t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		var width int
		var drawn, dark bool
		pagetest.Drive(ctx, t, scheme, chromedp.EmulateViewport(320, 640), colours(scheme), chromedp.Reload(), pagetest.Shows("#verdict", "Right"),
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
