package reports

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// TestSupervisorsDay is what a supervisor looks for in a day: which promises we
// broke and why, who is unhappy, how each queue, topic and agent does, a month,
// a file for the boss, and who changed the menu.
func TestSupervisorsDay(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	w.month()
	w.people()
	w.team("the wall is good")
	site := httptest.NewServer(w.Handler())
	t.Cleanup(site.Close)
	step := func(what string, do ...chromedp.Action) {
		t.Helper()
		pagetest.Drive(ctx, t, what, do...)
	}
	step("open", chromedp.EmulateViewport(1280, 800), chromedp.Navigate(site.URL+"/reports"), pagetest.Shows("h1", "Reports"),
		pagetest.Shows("#unhappy", "had to call twice"), pagetest.Shows("#missed", "nobody was free in time"))
	step("a month", chromedp.Click(`.presets a[href*="period=30d"]`), pagetest.Holds(`location.search.includes("period=30d")`), pagetest.Shows(".kept", "150 of 151"))
	for _, told := range [][2]string{{"topic", "Invoice"}, {"language", "fi"}, {"agent", "Anna"}, {"queue", "billing"}} { // the work of agents has no service level
		step("by "+told[0], chromedp.Click(`main .presets a[href*="by=`+told[0]+`"]`), pagetest.Holds(`location.search.includes("by=`+told[0]+`")`), pagetest.Shows("#promises tbody", told[1]))
	}
	step("own days", chromedp.Click(".choose summary"), pagetest.Holds(`document.querySelector(".choose").open`), chromedp.SetValue("#from", "2026-11-20"), chromedp.SetValue("#to", "2026-11-20"), chromedp.SetValue("#queue", "billing"),
		chromedp.SetValue("#variant", "ignored"), chromedp.Click(".ask button"), pagetest.Holds(`location.search.includes("from=2026-11-20")`),
		pagetest.Shows(".kept", "5 of 6"), pagetest.Shows("#service .note", "ignored"))
	var files []string
	step("take it away", chromedp.Evaluate(`[...document.querySelectorAll(".files a")].map(a => a.getAttribute("href"))`, &files))
	if len(files) != 36 {
		t.Errorf("%d files", len(files))
	}
	for _, f := range files {
		if code, body := w.get(f); code != 200 || !strings.Contains(f, "from=2026-11-20") || body == "" {
			t.Errorf("%s: %d %s", f, code, body)
		}
	}
	step("who changed it", chromedp.Click(`a[href="/audit"]`), pagetest.Shows("h1", "What people changed"))
}

// changed has people change a few things.
func (w *world) changed() {
	w.Helper()
	for i, e := range []callback.Entry{
		{Kind: "user.added", Actor: "operator", Name: "eve", Value: "agent eve"},
		{Kind: "desk.cancel", Actor: "agent:anna", Callback: "CB1", Value: "has solved it"},
		{Kind: "agent.break", Actor: "agent:bo", Name: "bo", Value: "lunch"},
		{Kind: "menu.live", Actor: "user:sam", Name: "main.yaml", Value: "9f2c41"},
	} {
		e.At = noon.Add(time.Duration(i-5) * time.Hour)
		w.write(func(tx callback.Tx) error { return tx.Record(e) })
	}
}

// TestPagesAreForEverybody looks at the pages, light and dark, wide and narrow.
func TestPagesAreForEverybody(t *testing.T) {
	t.Parallel()
	judge, ctx := pagetest.NewJudge(t), pagetest.Browser(t)
	w := newWorld(t)
	w.month()
	w.people()
	w.team("the wall is good")
	w.changed()
	site := httptest.NewServer(w.Handler())
	t.Cleanup(site.Close)
	for _, page := range []struct{ name, path, words string }{
		{"reports", "/reports?period=30d&by=topic", "Promises kept"},
		{"agents", "/reports?period=7d&by=agent", "Sort agents"},
		{"mistake", "/reports?period=own&from=never", "cannot be reported"},
		{"audit", "/audit", "What people changed"},
		{"pulse", "/pulse", "How was the week?"},
	} {
		pagetest.Drive(ctx, t, page.name, chromedp.Navigate(site.URL+page.path), pagetest.Shows("body", page.words))
		for _, window := range pagetest.Windows() {
			pagetest.Drive(ctx, t, page.name, window.Open())
			judge.Look(ctx, t, page.name, window)
			pagetest.Picture(ctx, t, fmt.Sprintf("%s-%s-%d.png", page.name, window.Scheme, window.Width),
				"reports-light-1280.png", "reports-dark-320.png", "audit-light-1280.png")
		}
	}
	pagetest.Drive(ctx, t, "courses", chromedp.Navigate(site.URL+"/reports?period=30d&step=week"), pagetest.Shows("#week", "by weekday and hour"),
		pagetest.Windows()[0].Open(), chromedp.Evaluate(`document.getElementById("course-promises").scrollIntoView()`, nil))
	pagetest.Picture(ctx, t, "courses-light-1280.png", "courses-light-1280.png")
}
