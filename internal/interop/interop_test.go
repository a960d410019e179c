// Package interop holds the whole service against telephones and carriers
// that we did not write: SIPp and baresip, on loopback.
package interop

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds what should happen at once, on a machine that is busy.
const patience = 2 * time.Minute

// thorough has the cases played that take longer than anybody likes to wait.
var thorough = os.Getenv("HOLDLESS_INTEROP") == "long"

// profiles is where the service of BenchmarkCalls writes what its time and
// memory go to: 0 until it is ready, 1 while calls come in, 2 until they end.
// It is then the test binary of cmd/holdless, which has the same code in it.
var profiles = flag.String("profiles", "", "folder for profiles of the service, with its whole path")

// made is where the program is, for all tests of a run.
var made struct {
	once sync.Once
	dir  string
	err  error
}

// abreast is how many tests run at once: most of their time they wait for the
// next full minute.
const abreast = 4

func TestMain(m *testing.M) {
	flag.Parse()
	if n, err := strconv.Atoi(flag.Lookup("test.parallel").Value.String()); err == nil && n < abreast {
		if err := flag.Set("test.parallel", strconv.Itoa(abreast)); err != nil {
			panic(err) // it is a flag of the package testing
		}
	}
	code := m.Run()
	if made.dir != "" {
		os.RemoveAll(made.dir)
	}
	os.Exit(code)
}

// program builds the real program, once.
func program(t testing.TB) string {
	t.Helper()
	made.once.Do(func() {
		if made.dir, made.err = os.MkdirTemp("", "holdless-interop-"); made.err != nil {
			return
		}
		how := []string{"build"}
		if *profiles != "" {
			how = []string{"test", "-c"}
		}
		build := exec.Command("go", append(how, "-o", filepath.Join(made.dir, "holdless"), "../../cmd/holdless")...)
		if out, err := build.CombinedOutput(); err != nil {
			made.err = fmt.Errorf("build holdless: %w\n%s", err, out)
		}
	})
	if made.err != nil {
		t.Fatal(made.err)
	}
	return filepath.Join(made.dir, "holdless")
}

// need skips a test without a program of others.
func need(t testing.TB, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: apt-get install %s", name, pkg)
	}
	return path
}

// given are the ports that tests of this run have got: who has one may not have
// opened it yet. Each has the three behind it, too: SIPp takes some for pictures.
var given sync.Map

// freePort returns a port of loopback that nobody has, neither for UDP nor for TCP.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		// Below those that the kernel gives to whoever asks for any: the
		// program that is to have it comes a moment later.
		addr := fmt.Sprintf("127.0.0.1:%d", 10_000+4*rand.IntN(2_500))
		c, err := net.ListenPacket("udp", addr)
		if err != nil {
			continue
		}
		defer c.Close()
		port := c.LocalAddr().(*net.UDPAddr).Port
		video, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", port+2)) // which SIPp takes too
		if err != nil {
			continue
		}
		defer video.Close()
		if ln, err := net.Listen("tcp", addr); err == nil {
			defer ln.Close()
			if _, taken := given.LoadOrStore(port, true); !taken {
				return port
			}
		}
	}
	t.Fatal("no port is free for UDP and TCP")
	return 0
}

// eventually waits for something that others bring about.
func eventually(t testing.TB, wait time.Duration, what string, ok func() bool) {
	t.Helper()
	late := time.NewTimer(wait)
	defer late.Stop()
	for !ok() {
		select {
		case <-late.C:
			t.Fatalf("never, within %v: %s", wait, what)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// portOpen reports whether somebody has opened a UDP port.
func portOpen(t testing.TB, port int) bool {
	t.Helper()
	b, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		t.Skipf("nobody says which ports are open: %v", err)
	}
	return strings.Contains(string(b), fmt.Sprintf(":%04X ", port))
}

// lines is what a program writes, read while it runs.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

// Write implements [io.Writer].
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
