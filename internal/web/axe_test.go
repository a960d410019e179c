package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// axe is the source of axe-core, which make test-tools installs.
func axe(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("HOLDLESS_TEST_NODE")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(cache, "holdless", "node")
	}
	src, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Skip("needs npm axe-core: make test-tools")
	}
	return string(src)
}

func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.WSURLReadTimeout(2*time.Minute))
	all, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(all)
	t.Cleanup(end)
	ctx, late := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(late)
	return ctx
}

// audit has axe look at a page, and says what it finds, and whether something
// sticks out.
const audit = `axe.run(document, {resultTypes: ["violations", "passes"]}).then(r => JSON.stringify({
	wide: document.documentElement.scrollWidth > innerWidth,
	found: r.violations.map(v => v.id + ": " + v.help + " at " + v.nodes.map(n => n.target).join(", ")),
	passed: r.passes.length}))`

// Pages for customers keep nobody out: axe-core finds nothing, on a telephone
// and on a desk, on light and on dark ground, and nothing sticks out.
func TestPagesKeepNobodyOut(t *testing.T) {
	t.Parallel()
	src, ctx := axe(t), browser(t)
	for name, url := range customerPages(t) {
		for _, width := range []int64{320, 1280} {
			for _, ground := range []string{"light", "dark"} {
				var got string
				err := chromedp.Run(ctx,
					emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: ground}}),
					chromedp.EmulateViewport(width, 800), chromedp.Navigate(url), chromedp.Evaluate(src, nil),
					chromedp.Evaluate(audit, &got, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
				var seen struct {
					Wide   bool
					Found  []string
					Passed int
				}
				if err == nil {
					err = json.Unmarshal([]byte(got), &seen)
				}
				if err != nil || seen.Wide || len(seen.Found) > 0 || seen.Passed < 5 {
					t.Errorf("%s, %d pixels, %s: sticks out %t, %d rules hold, %v, %v", name, width, ground, seen.Wide, seen.Passed, seen.Found, err)
				}
			}
		}
	}
}

// customerPages serves every kind of page that customers see.
func customerPages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	serve := func(name string, s *Server, path string) {
		web := httptest.NewServer(s.Handler())
		t.Cleanup(web.Close)
		all[name] = web.URL + path
	}
	s, _, path := surveyServer(t, "el", "csat", 1, 2, 3, 4, 5)
	serve("question", s, path)
	serve("link that is over", s, "/s/none")
	s, _, path = surveyServer(t, "en", "nps", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	serve("long question", s, path)
	s, _, path = surveyServer(t, "cy", "went_wrong")
	serve("question for words", s, path)
	s, f, path := surveyServer(t, "fi", "csat", 1, 2)
	f.page = callback.Page{Lang: "fi", Say: []ivr.Prompt{{Name: "thanks"}}}
	serve("thanks", s, path)
	s, b, path := promiseServer(t, "ro")
	b.page.Times = append(b.page.Times, b.page.At.Add(26*time.Hour))
	serve("promise", s, path)
	s, b, path = promiseServer(t, "cs")
	b.page = callback.Promise{Lang: "cs", State: callback.CancelledState, At: b.page.At, Now: b.page.Now}
	serve("promise that was called off", s, path)
	wish := httptest.NewServer(newWishPage(t).pages)
	t.Cleanup(wish.Close)
	all["wish"] = wish.URL + "/call/billing"
	for name, url := range all {
		if !strings.HasPrefix(url, "http://127.0.0.1:") {
			t.Fatal(fmt.Sprint(name, " is at ", url))
		}
	}
	return all
}
