package pagetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const (
	// watches names a directory, outside of the repository, in which steps of a
	// test leave pictures of what was seen after them, also the one that failed.
	watches = "HOLDLESS_TEST_WATCH"
	// frameSize bounds such a picture, and stripSize all those of one test, in
	// bytes; tools/strips bounds what all tests leave.
	frameSize, stripSize = 120 << 10, 8 << 20
	// glance is how long a picture may take: a page that nobody sees gives none.
	glance = 3 * time.Second
	// apart is how long after a picture the next step of the test leaves another.
	apart = 2 * time.Second
)

// taken is when each test, by its directory, has left its last picture.
var taken sync.Map

// due reports whether a step leaves a picture: the first of a test, one some time
// after the last, and the one that failed.
func due(dir string, now time.Time, failed bool) bool {
	last, any := taken.Load(dir)
	if any && !failed && now.Sub(last.(time.Time)) < apart {
		return false
	}
	taken.Store(dir, now)
	return true
}

// watch leaves a picture of the page as it stands after a step, where somebody
// asks for that. One that is too large fails the test; that there is none does not.
func watch(ctx context.Context, t testing.TB, step string, failed bool) {
	t.Helper()
	dir := os.Getenv(watches)
	test, part, _ := strings.Cut(t.Name(), "/")
	own := filepath.Join(dir, owner()+"."+test)
	if dir == "" || !due(own, time.Now(), failed) {
		return
	}
	ctx, stop := context.WithTimeout(ctx, glance)
	defer stop()
	var shot []byte
	err := chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		shot, err = page.CaptureScreenshot().WithFormat(page.CaptureScreenshotFormatJpeg).WithQuality(40).WithOptimizeForSpeed(true).Do(ctx)
		return err
	}))
	if err != nil {
		t.Logf("no picture of %q: %v", step, err)
		return
	}
	if err := leave(own, strings.TrimSpace(part+" "+step), shot); err != nil {
		t.Errorf("the picture of %q: %v", step, err)
	}
}

// owner is the package whose tests run, by the name of its directory.
func owner() string {
	dir, err := os.Getwd()
	if err != nil {
		return "unknown"
	}
	return filepath.Base(dir)
}

// leave writes a picture behind all others of a directory, unless it is too
// large, or they would be together.
func leave(dir, name string, shot []byte) error {
	if !filepath.IsAbs(dir) {
		return fmt.Errorf("%s is %q, and no path from the root", watches, filepath.Dir(dir))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
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
	if len(shot) > frameSize || size > stripSize {
		return fmt.Errorf("it has %d bytes, and all have %d; %d and %d are right", len(shot), size, frameSize, stripSize)
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, name)
	return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d %.100s.jpg", len(there)+1, name)), shot, 0o644)
}
