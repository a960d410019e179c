package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/internal/pagetest"
)

// TestAccountPagesForEveryone looks at the pages of accounts and of the API in
// wide and narrow windows, light and dark.
func TestAccountPagesForEveryone(t *testing.T) {
	t.Parallel()
	judge := pagetest.NewJudge(t)
	ctx := pagetest.Browser(t)
	r := startWith(t, written(t, "sounds: {cache: false}\n"))
	defer func() {
		r.stop()
		r.end(t)
	}()
	code, link, errs := holdless(t, "user", "add", "anna", "--role", "admin", "--agent", "anna", "-c", r.file)
	if code != exitDone {
		t.Fatal(errs)
	}
	_, token, _ := strings.Cut(strings.TrimSpace(link), "/welcome/")
	site := "http://" + r.http.Addr().String()
	look := func(name, path, words string) {
		t.Helper()
		pagetest.Drive(ctx, t, name, chromedp.Navigate(site+path), pagetest.Shows("body", words))
		for _, w := range pagetest.Windows() {
			pagetest.Drive(ctx, t, name, w.Open())
			judge.Look(ctx, t, name, w)
		}
	}
	look("sign in", "/login", "Sign in")
	look("welcome", "/welcome/"+token, "Welcome, anna")
	pagetest.Drive(ctx, t, "choose a password", chromedp.SendKeys("#password", "a long pass phrase"), chromedp.Click("#choose"), pagetest.Holds(`location.pathname === "/"`))
	look("account", "/account", "Where you are signed in")
	look("users", "/users", "Make an account")
	look("the API", "/api/v1/docs", "POST /api/v1/callbacks")
	look("reports", "/reports", "Promises kept")
	look("what people changed", "/audit", "added an account")
}
