package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// demoDirs begins the names of the directories of demos.
const demoDirs = "holdless-demo-"

// How old a directory of a demo must be to be cleared away: one whose demo has
// come as far as to listen, and one of which nobody knows.
const (
	demoYoung = time.Minute
	demoOld   = 24 * time.Hour
)

// clearDemos removes from a temporary directory what demos have left there that
// were killed: our own alone, and none that lives. What cannot be removed stays.
func clearDemos(ctx context.Context, temp string) {
	all, err := filepath.Glob(filepath.Join(temp, demoDirs+"*"))
	if err != nil {
		return
	}
	for _, dir := range all {
		if f, err := os.Lstat(dir); err == nil && f.IsDir() && ownFile(f) && abandoned(ctx, dir, time.Since(f.ModTime())) {
			_ = os.RemoveAll(dir) // the next demo tries again
		}
	}
}

// abandoned reports whether nobody is in a demo any more: its socket is there, and
// nobody listens on it.
func abandoned(ctx context.Context, dir string, age time.Duration) bool {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socketFile(dir))
	switch {
	case err == nil:
		_ = conn.Close()
		return false
	case errors.Is(err, os.ErrNotExist): // before, or after, it listened
		return age > demoOld
	}
	return errors.Is(err, syscall.ECONNREFUSED) && age > demoYoung
}
