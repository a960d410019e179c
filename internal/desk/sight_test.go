package desk

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"image/color/palette"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// pictures has the tests write the pictures of the manual anew.
var pictures = flag.Bool("pictures", false, "write the pictures of docs/ anew")

// pictureSize bounds a picture of the manual.
const pictureSize = 120 << 10

// TestPagesAreForEverybody looks at every page, light and dark, wide and
// narrow: nothing keeps anybody out, nothing sticks out of the window.
func TestPagesAreForEverybody(t *testing.T) {
	t.Parallel()
	judge := axe(t)
	ctx := browser(t)
	w := newWorld(t)
	late, _ := w.day()
	site := w.seen()
	pages := map[string]string{"list": "/", "story": "/desk/" + late.ID, "articles": "/desk/find?q=lasku", "done": "/?view=done"}
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 320} {
			for name, path := range pages {
				var wide int
				var found string
				drive(ctx, t, name, colours(scheme), chromedp.EmulateViewport(width, 800), chromedp.Navigate(site.URL+path), shows("#rows", "Aino"),
					chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide), chromedp.Evaluate(judge+";1", nil),
					chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 160)).join(" | ")).join("\n"))`,
						&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
				if int64(wide) > width || found != "" {
					t.Errorf("%s, %s, %d pixels: %d wide; %s", name, scheme, width, wide, found)
				}
				if name == "story" || name == "list" {
					picture(ctx, t, fmt.Sprintf("desk-%s-%s-%d.png", name, scheme, width))
				}
			}
		}
	}
}

// kept are the pictures that the manual shows.
var kept = map[string]bool{"desk-story-light-1280.png": true, "desk-list-dark-320.png": true}

// picture takes a picture of the page, which must stay small.
func picture(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	var shot []byte
	drive(ctx, t, name, chromedp.CaptureScreenshot(&shot))
	if shot = fewer(t, shot); len(shot) > pictureSize {
		t.Errorf("%s has %d bytes", name, len(shot))
	}
	file := filepath.Join("..", "..", "docs", "pictures", name)
	if *pictures && kept[name] {
		if err := os.WriteFile(file, shot, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(file); err != nil && kept[name] {
		t.Errorf("the manual lacks %s: go test ./internal/desk -run Everybody -pictures", name)
	}
}

// fewer writes a picture with 256 colours, which is a third of the size.
func fewer(t *testing.T, shot []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	few := image.NewPaletted(full.Bounds(), palette.Plan9)
	draw.Draw(few, few.Bounds(), full, image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// BenchmarkFirstPaint measures how long a browser takes from asking to showing
// a page of 500 rows.
func BenchmarkFirstPaint(b *testing.B) {
	ctx := browser(b)
	w := newWorld(b)
	w.rows(500)
	site := w.seen()
	sum := 0.0
	for b.Loop() {
		var ms float64
		err := chromedp.Run(ctx, chromedp.Navigate(site.URL), holds(`performance.getEntriesByName("first-contentful-paint").length`),
			chromedp.Evaluate(`performance.getEntriesByName("first-contentful-paint")[0].startTime`, &ms))
		if err != nil {
			b.Fatal(err)
		}
		sum += ms
	}
	b.ReportMetric(sum/float64(b.N), "first-paint-ms")
}
