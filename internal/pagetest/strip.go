package pagetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const (
	// watches names a directory, outside of the repository, in which each step of
	// a test leaves a picture of what was seen after it, also the one that failed.
	watches = "HOLDLESS_TEST_WATCH"
	// stripSize bounds what such a directory has, in bytes.
	stripSize = 64 << 20
	// glance is how long a picture may take: a page that nobody sees gives none.
	glance = 10 * time.Second
)

// watch leaves a picture of the page as it stands after a step, where somebody
// asks for that. No test depends on it.
func watch(ctx context.Context, t testing.TB, step string) {
	t.Helper()
	dir := os.Getenv(watches)
	if dir == "" {
		return
	}
	ctx, stop := context.WithTimeout(ctx, glance)
	defer stop()
	err := chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		shot, err := page.CaptureScreenshot().WithFormat(page.CaptureScreenshotFormatJpeg).WithQuality(60).Do(ctx)
		if err != nil {
			return err
		}
		return leave(dir, t.Name()+" "+step, shot, stripSize)
	}))
	if err != nil {
		t.Logf("no picture of %q: %v", step, err)
	}
}

// leave writes a picture behind all others of a directory, unless they would come
// to more than so many bytes.
func leave(dir, name string, shot []byte, most int64) error {
	if !filepath.IsAbs(dir) {
		return fmt.Errorf("%s is %q, and no path from the root", watches, dir)
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	size := int64(len(shot))
	for _, file := range there {
		if info, err := file.Info(); err == nil {
			size += info.Size()
		}
	}
	if size > most {
		return errors.New("there is no room for more pictures")
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, name)
	return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d %.100s.jpg", len(there)+1, name)), shot, 0o644)
}
