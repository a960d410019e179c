package main

import (
	"errors"
	"net"
	"path/filepath"
	"testing"
)

// TestListenSocket: a service that keeps its data elsewhere makes the directory
// for its socket, takes the place of one that has died, and of no other.
func TestListenSocket(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "data", "s")
	first, err := listenSocket(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listenSocket(t.Context(), file); !errors.Is(err, errShared) {
		t.Errorf("two processes share a directory: %v", err)
	}
	first.(*net.UnixListener).SetUnlinkOnClose(false) // as when it is killed
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	next, err := listenSocket(t.Context(), file)
	if err != nil {
		t.Fatalf("after a crash: %v", err)
	}
	if err := next.Close(); err != nil {
		t.Fatal(err)
	}
}
