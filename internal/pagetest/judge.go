package pagetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A Judge looks at pages for what keeps people out.
type Judge struct{ axe string }

// NewJudge finds what make test-tools has installed of npm.
func NewJudge(t testing.TB) Judge {
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
	return Judge{string(src)}
}

// LookAll looks at the page that is open in every window, and leaves the first
// one open.
func (j Judge) LookAll(ctx context.Context, t testing.TB, name string) {
	t.Helper()
	open := func(w Window) {
		t.Helper()
		if err := chromedp.Run(ctx, w.Open()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for i, w := range Windows() {
		open(w)
		if i > 0 { // what is in the first is seen in the step before
			watch(ctx, t, fmt.Sprint(name, " ", w.Scheme, " ", w.Width), false)
		}
		j.Look(ctx, t, name, w)
	}
	open(Windows()[0])
}

// Look finds fault with the page that is open: with what axe does, the size of
// what is to be hit included (WCAG 2.2, 2.5.8), and with what sticks out of the
// window. It leaves no picture of its own: that of the step before shows the page.
func (j Judge) Look(ctx context.Context, t testing.TB, name string, w Window) {
	t.Helper()
	var found struct {
		Wide, Hold int64
		Wrong      string
	}
	err := chromedp.Run(ctx, j.come(), chromedp.Evaluate(`(wide => axe.run(document, {rules: {"target-size": {enabled: true}}, resultTypes: ["violations", "passes"]}).then(r => (
		{wide, hold: r.passes.length, wrong: r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 160)).join(" | ")).join("\n")})))(document.documentElement.scrollWidth)`,
		&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if found.Wide > w.Width || found.Wrong != "" || found.Hold < 5 {
		t.Errorf("%s, %s, %d pixels: %d wide, %d rules hold; %s", name, w.Scheme, w.Width, found.Wide, found.Hold, found.Wrong)
	}
}

// come brings axe to the page, once: it is half a megabyte.
func (j Judge) come() chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		var here bool
		if err := chromedp.Evaluate(`"axe" in window`, &here).Do(ctx); err != nil || here {
			return err
		}
		return chromedp.Evaluate(j.axe+";1", nil).Do(ctx)
	})
}
