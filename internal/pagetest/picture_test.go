package pagetest

import (
	"os"
	"path/filepath"
	"testing"
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
// any file can have, and are not taken any more where they would fill the disk.
func TestStripIsBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, tt := range []struct {
		dir, name string
		size      int
		kept      bool
	}{
		{dir, "TestDay open", 40, true},
		{dir, "TestDay/again reads 1:1", 60, true},
		{dir, "TestDay one byte more", 1, false},
		{"shots", "TestDay somewhere", 1, false},
		{filepath.Join(dir, "none"), "TestDay nowhere", 1, false},
	} {
		if err := leave(tt.dir, tt.name, make([]byte, tt.size), 100); (err == nil) != tt.kept {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	there, err := os.ReadDir(dir)
	if err != nil || len(there) != 2 || there[0].Name() != "00001 TestDay open.jpg" || there[1].Name() != "00002 TestDay-again reads 1-1.jpg" {
		t.Errorf("there are %v, %v", there, err)
	}
}
