package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestDemoClearsAway holds that a demo takes away what killed ones have left, and
// nothing else.
func TestDemoClearsAway(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	put := func(name, socket string, age time.Duration) {
		t.Helper()
		dir := filepath.Join(temp, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		putFile(t, filepath.Join(dir, "holdless.db"), "x")
		if socket != "" {
			ln, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socketFile(dir))
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if socket == "dead" {
					ln.(*net.UnixListener).SetUnlinkOnClose(false)
					_ = ln.Close()
				} else {
					t.Cleanup(func() { _ = ln.Close() })
				}
			}()
		}
		if err := os.Chtimes(dir, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	put("holdless-demo-1killed", "dead", 2*time.Minute)
	put("holdless-demo-2lives", "alive", 48*time.Hour)
	put("holdless-demo-3begins", "dead", 10*time.Second)
	put("holdless-demo-4begins", "", time.Hour)
	put("holdless-demo-5forgotten", "", 25*time.Hour)
	put("other-demo", "dead", 48*time.Hour)
	if err := os.Symlink(filepath.Join(temp, "other-demo"), filepath.Join(temp, "holdless-demo-6link")); err != nil {
		t.Fatal(err)
	}
	clearDemos(t.Context(), temp)
	found, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, f := range found {
		left = append(left, f.Name())
	}
	if want := []string{"holdless-demo-2lives", "holdless-demo-3begins", "holdless-demo-4begins", "holdless-demo-6link", "other-demo"}; !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q", left, want)
	}
	if _, err := os.Stat(filepath.Join(temp, "other-demo", "holdless.db")); err != nil {
		t.Error(err)
	}
}
