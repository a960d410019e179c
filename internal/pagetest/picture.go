package pagetest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// paints has the tests write the pictures of the manual anew, when it is set.
const paints = "HOLDLESS_TEST_PICTURES"

// PictureSize bounds a picture, in bytes.
const PictureSize = 60 << 10

// Picture takes a picture of the page that is open, if it is one of those that
// the manual shows, in docs/pictures. It must stay small.
func Picture(ctx context.Context, t testing.TB, name string, shown ...string) {
	t.Helper()
	if !slices.Contains(shown, name) {
		return
	}
	var shot []byte
	Drive(ctx, t, name, chromedp.CaptureScreenshot(&shot))
	shot = fewer(t, shot)
	if err := fits(len(shot)); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	keep(t, name, shot)
}

// fits finds fault with a picture that is too large, and with none.
func fits(size int) error {
	if size == 0 || size > PictureSize {
		return fmt.Errorf("it has %d bytes; 1 to %d are right", size, PictureSize)
	}
	return nil
}

func keep(t testing.TB, name string, shot []byte) {
	t.Helper()
	file := filepath.Join("..", "..", "docs", "pictures", name)
	if os.Getenv(paints) != "" {
		if err := os.WriteFile(file, shot, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the manual lacks %s: make pictures", name)
	}
}

// fewer writes a picture with 256 colours, which is a third of the size.
func fewer(t testing.TB, shot []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	few, known := image.NewPaletted(full.Bounds(), palette.Plan9), map[color.Color]uint8{}
	for y := range few.Rect.Dy() {
		for x := range few.Rect.Dx() {
			c := full.At(x, y)
			i, ok := known[c]
			if !ok {
				i = uint8(few.Palette.Index(c))
				known[c] = i
			}
			few.SetColorIndex(x, y, i)
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
