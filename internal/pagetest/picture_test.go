package pagetest

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestPicturesAreSmall: a picture that is too large fails the test that takes it.
func TestPicturesAreSmall(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]bool{0: false, 1: true, PictureSize: true, PictureSize + 1: false, 10 * PictureSize: false} {
		if err := fits(size); (err == nil) != want {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// TestStripIsBounded: pictures of steps come one behind the other, with names that
// any file can have; one that is too large is not taken, and none where all would
// be too much.
func TestStripIsBounded(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "desk.TestDay")
	for _, tt := range []struct {
		dir, name string
		size      int
		kept      bool
	}{
		{dir, "open", 40, true},
		{dir, "again reads 1:1", frameSize, true},
		{dir, "too large", frameSize + 1, false},
		{"shots", "somewhere", 1, false},
	} {
		if err := leave(tt.dir, tt.name, make([]byte, tt.size)); (err == nil) != tt.kept {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	there, err := os.ReadDir(dir)
	if err != nil || len(there) != 2 || there[0].Name() != "001 open.jpg" || there[1].Name() != "002 again reads 1-1.jpg" {
		t.Errorf("there are %v, %v", there, err)
	}
	kept := 0
	for kept <= stripSize && leave(dir, "more", make([]byte, frameSize)) == nil {
		kept += frameSize
	}
	if kept > stripSize-frameSize || kept < stripSize-2*frameSize-40 {
		t.Errorf("%d bytes more are kept", kept)
	}
}

// TestPicturesAreApart: a test leaves its first picture, others some time later,
// and always the one of what failed.
func TestPicturesAreApart(t *testing.T) {
	t.Parallel()
	began := time.Now()
	for i, tt := range []struct {
		dir    string
		after  time.Duration
		failed bool
		want   bool
	}{
		{"a", 0, false, true},
		{"b", 0, false, true},
		{"a", apart - 1, false, false},
		{"a", apart - 1, true, true},
		{"a", apart, false, false},
		{"b", apart, false, true},
		{"a", 2*apart - 1, false, true},
	} {
		if got := due(tt.dir, began.Add(tt.after), tt.failed); got != tt.want {
			t.Errorf("picture %d: %t", i, got)
		}
	}
}
