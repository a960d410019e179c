package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/internal/store/storetest"
)

// TestFullDisk fills the disk under a service that runs. Callers are still put
// through to a person, the service says that it is not ready and what to do,
// and goes on by itself once there is room. Nothing that was promised is lost.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	rang := make(chan string, 10)
	anna, err := phone.Open(phone.Config{Listen: "127.0.0.1:0", User: "anna", Answer: func(_ context.Context, in *phone.Incoming) {
		rang <- in.To()
		_ = in.Refuse(http.StatusTeapot, "Heard") // whatever she does, she was rung
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { anna.Close() })

	file := written(t, "")
	small := smallDisk(t, filepath.Join(filepath.Dir(file), "data"))
	config, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.Replace(string(config), "sip:anna@127.0.0.1:9", anna.URI(), 1))
	r := startWith(t, file)
	booked := book(t, file, "+358401234567")

	junk := filepath.Join(small, "junk")
	if err := os.WriteFile(junk, bytes.Repeat([]byte("x"), 64<<20), 0o600); err == nil {
		t.Fatal("the disk does not fill up")
	}
	eventually(t, "said that the disk is full", func() bool {
		code, body := r.get(t, "/readyz")
		return code == http.StatusServiceUnavailable && strings.Contains(body, "the disk is full") && strings.Contains(body, "free some space")
	})
	if code, _, errs := holdless(t, "callbacks", "book", "-c", file, "--queue", "billing", "--phone", "+358401234568"); code != exitWrong || strings.Count(errs, "\n") != 1 {
		t.Errorf("booked on a full disk: got %d %q", code, errs)
	}
	_, call := r.callFrom(t, "+358401234569")
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	if err := call.Press(ctx, "0"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-rang:
	case <-time.After(patience):
		t.Error("nobody was rung for a caller")
	}
	if err := call.Hangup(ctx); err != nil {
		t.Error(err)
	}

	if err := os.Remove(junk); err != nil {
		t.Fatal(err)
	}
	eventually(t, "well again", func() bool {
		_, body := r.get(t, "/readyz")
		return strings.Contains(body, "database: ok")
	})
	later := book(t, file, "+358401234568")
	code, out, errs := holdless(t, "callbacks", "list", "-c", file)
	if code != exitDone || !strings.Contains(out, booked) || !strings.Contains(out, later) {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	r.stop()
	r.end(t)
	startFull(t, file, junk)
}

// startFull starts a service whose disk is full, and which has no log of the
// database to write to.
func startFull(t *testing.T, file, junk string) {
	t.Helper()
	_ = os.WriteFile(junk, bytes.Repeat([]byte("x"), 64<<20), 0o600) // as much as there is room for
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	var errs bytes.Buffer
	code := execute(ctx, []string{"serve", "-c", file}, stdio{strings.NewReader(""), io.Discard, &errs})
	if code != exitWrong || strings.Count(errs.String(), "\n") != 1 || !strings.Contains(errs.String(), "free") {
		t.Errorf("started on a full disk: got %d %q", code, errs.String())
	}
}

// smallDisk mounts a disk that fills up soon.
func smallDisk(t *testing.T, dir string) string {
	t.Helper()
	mkdir(t, dir)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("a disk that fills up needs root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	storetest.Fill(t, dir) // the log of the database is small, and has to grow
	return dir
}
