package desk

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// TestPagesAreForEverybody looks at every page, light and dark, wide and
// narrow: nothing keeps anybody out, nothing sticks out of the window.
func TestPagesAreForEverybody(t *testing.T) {
	t.Parallel()
	judge, ctx := pagetest.NewJudge(t), pagetest.Browser(t)
	w := newWorld(t)
	late, _ := w.day()
	site := w.seen()
	pages := map[string]string{"list": "/", "story": "/desk/" + late.ID, "articles": "/desk/find?q=lasku", "done": "/?view=done"}
	for name, path := range pages {
		pagetest.Drive(ctx, t, name, chromedp.Navigate(site.URL+path), pagetest.Shows("#rows", "Aino"))
		for _, window := range pagetest.Windows() {
			pagetest.Drive(ctx, t, name, window.Open())
			judge.Look(ctx, t, name, window)
			pagetest.Picture(ctx, t, fmt.Sprintf("desk-%s-%s-%d.png", name, window.Scheme, window.Width),
				"desk-story-light-1280.png", "desk-list-dark-320.png")
		}
	}
	site, pages = newWorld(t).all()
	for name, path := range pages {
		pagetest.Drive(ctx, t, name, chromedp.Navigate(site.URL+path), pagetest.Shows("#rows", "Aino"), pagetest.Shows(".through", "Put through"), pagetest.Shows("#alarms", "no node"),
			chromedp.Evaluate("for (const d of document.querySelectorAll(`details`)) d.open = true", nil))
		for _, window := range pagetest.Windows() {
			pagetest.Drive(ctx, t, name, window.Open())
			judge.Look(ctx, t, name, window)
		}
	}
}

// all opens a desk on which there is everything that a desk can have, and returns
// the pages that have it.
func (w *world) all() (site *httptest.Server, pages map[string]string) {
	w.Helper()
	w.Switchboard = &exchange{}
	w.Alarms = func(context.Context) []string { return []string{"main.yaml:8: no node is called bey"} }
	told := w.told()
	owned := w.add(noon.Add(time.Hour), func(c *callback.Callback) { c.Owner = "bo" })
	writeUp := w.add(noon, func(c *callback.Callback) { c.State, c.Agent = callback.Wrapup, "anna" })
	return w.seen(), map[string]string{
		"whole story": "/desk/" + told.ID, "write up": "/desk/" + writeUp.ID, "breaks": "/desk/" + told.ID + "?said=breaks", "owned": "/desk/" + owned.ID + "?said=owned",
		"new callback": "/desk/new",
	}
}

// TestScreenReader holds what a program that reads the page aloud finds on it: a
// table with its heads, rows and buttons that say whom they are about, one place
// where what was done is told, and nothing of rows that are not shown.
func TestScreenReader(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	late, _ := w.day()
	site := w.seen()
	type value struct {
		Value any `json:"value"`
	}
	var all struct {
		Nodes []struct {
			Ignored bool  `json:"ignored"`
			Role    value `json:"role"`
			Name    value `json:"name"`
		} `json:"nodes"`
	}
	pagetest.Drive(ctx, t, "open", chromedp.EmulateViewport(320, 800), chromedp.Navigate(site.URL+"/desk/"+late.ID), pagetest.Shows("#storyname", "Aino"),
		chromedp.ActionFunc(func(ctx context.Context) error {
			return cdp.Execute(ctx, accessibility.CommandGetFullAXTree, accessibility.GetFullAXTree(), &all)
		}))
	heard := map[string]int{}
	for _, n := range all.Nodes {
		if !n.Ignored {
			heard[fmt.Sprintf("%v %q", n.Role.Value, n.Name.Value)]++
		}
	}
	for _, want := range []string{
		`link "Skip to the list"`, `table "Promises of today, soonest first, or what was over last"`, `columnheader "Promised"`, `columnheader "Do"`,
		`rowheader "Aino Virtanen …217"`, `button "Call Aino Virtanen 11:56"`, `button "Take Aino Virtanen 11:56"`, `status ""`,
		`heading "Aino Virtanen"`, `complementary "Story"`, `navigation "Views"`, `main ""`,
	} {
		if heard[want] == 0 {
			t.Errorf("nobody hears %s in %v", want, heard)
		}
	}
	if heard[`rowheader "Rhys Evans …222"`] != 0 {
		t.Error("a row that is not shown is read aloud")
	}
}

// BenchmarkFirstPaint measures how long a browser takes from asking to showing
// a page of 500 rows.
func BenchmarkFirstPaint(b *testing.B) {
	ctx := pagetest.Browser(b)
	w := newWorld(b)
	w.rows(500)
	site := w.seen()
	var sum struct{ Begun, Came, Read, Painted, Bytes float64 }
	for b.Loop() {
		ms := sum
		pagetest.Drive(ctx, b, "open", chromedp.Navigate(site.URL), pagetest.Holds(`performance.getEntriesByName("first-contentful-paint").length`),
			chromedp.Evaluate(`(() => { const n = performance.getEntriesByType("navigation")[0];
				const bytes = performance.getEntriesByType("resource").reduce((sum, r) => sum + r.transferSize, n.transferSize);
				return {Begun: n.responseStart, Came: n.responseEnd, Read: n.domInteractive, Painted: performance.getEntriesByName("first-contentful-paint")[0].startTime, Bytes: bytes}; })()`, &ms))
		sum.Begun, sum.Came, sum.Read, sum.Painted = sum.Begun+ms.Begun, sum.Came+ms.Came, sum.Read+ms.Read, sum.Painted+ms.Painted
		sum.Bytes = max(sum.Bytes, ms.Bytes) // later it has the style and the script already
	}
	b.ReportMetric(sum.Bytes/1024, "KB")
	for what, ms := range map[string]float64{"begun": sum.Begun, "came": sum.Came, "read": sum.Read, "first-paint": sum.Painted} {
		b.ReportMetric(ms/float64(b.N), what+"-ms")
	}
}
