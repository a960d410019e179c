//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody is a user without rights. Root may read and write everything, so
// that what he is refused has to be seen through other eyes.
const nobody = 65534

func TestWrongPermissions(t *testing.T) {
	t.Parallel()
	program := buildProgram(t)
	dir := openDir(t)
	exampleIn(t, dir)
	file := filepath.Join(dir, "config.yaml")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o500); err != nil {
		t.Fatal(err)
	}
	if code, said := asNobody(t, program, dir); code != exitConfig || strings.Count(said, "\n") != 1 {
		t.Errorf("data that cannot be written: got %d %q", code, said)
	}
	if err := os.Chmod(file, 0); err != nil {
		t.Fatal(err)
	}
	if code, said := asNobody(t, program, dir); code != exitConfig || !strings.Contains(said, "permission denied") {
		t.Errorf("configuration that cannot be read: got %d %q", code, said)
	}
}

// openDir makes a directory that any user can reach.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "holdless-rights-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// asNobody runs the service as a user without rights.
func asNobody(t *testing.T, program, dir string) (int, string) {
	t.Helper()
	own := filepath.Join(dir, "holdless")
	if _, err := os.Stat(own); err != nil { // the test's own directory is closed to others
		if out, err := exec.CommandContext(t.Context(), "cp", program, own).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	cmd := exec.CommandContext(t.Context(), own, "serve", "-c", "config.yaml")
	cmd.Dir = dir
	said := &bytes.Buffer{}
	cmd.Stderr = said
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	_ = cmd.Run() // the exit code tells
	return cmd.ProcessState.ExitCode(), said.String()
}
