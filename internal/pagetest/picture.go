package pagetest

import (
	"bytes"
	"context"
	"flag"
	"image"
	"image/color/palette"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// pictures has the tests write the pictures of the manual anew.
var pictures = flag.Bool("pictures", false, "write the pictures of docs/ anew")

// pictureSize bounds a picture.
const pictureSize = 120 << 10

// Picture takes a picture of the page that is open, which must stay small. One
// that the manual shows is kept in docs/pictures.
func Picture(ctx context.Context, t testing.TB, name string, kept ...string) {
	t.Helper()
	var shot []byte
	Drive(ctx, t, name, chromedp.CaptureScreenshot(&shot))
	if shot = fewer(t, shot); len(shot) > pictureSize {
		t.Errorf("%s has %d bytes", name, len(shot))
	}
	for _, one := range kept {
		if one == name {
			keep(t, name, shot)
		}
	}
}

func keep(t testing.TB, name string, shot []byte) {
	t.Helper()
	file := filepath.Join("..", "..", "docs", "pictures", name)
	if *pictures {
		if err := os.WriteFile(file, shot, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the manual lacks %s: go test with -pictures", name)
	}
}

// fewer writes a picture with 256 colours, which is a third of the size.
func fewer(t testing.TB, shot []byte) []byte {
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
