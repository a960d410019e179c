package sipline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// sipp runs a scenario of testdata/sipp from a port of its own. It is SIPp's
// verdict that counts: it exits with 0 when everything came as written.
func sipp(t *testing.T, scenario string, args ...string) (addr string, done <-chan error) {
	t.Helper()
	path, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("sipp is not installed: apt-get install sip-tester")
	}
	port, media := freePort(t), freePort(t)
	file, err := filepath.Abs(filepath.Join("testdata", "sipp", scenario+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), patience)
	t.Cleanup(stop)
	cmd := exec.CommandContext(ctx, path, append([]string{
		"-sf", file, "-m", "1", "-nostdin", "-i", "127.0.0.1", "-p", port, "-mi", "127.0.0.1", "-mp", media,
		"-timeout", "240s", "-timeout_error", "-trace_err",
	}, args...)...)
	cmd.Dir = t.TempDir()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		if err != nil {
			err = errors.Join(err, errors.New(sippErrors(cmd.Dir)))
		}
		result <- err
	}()
	return "127.0.0.1:" + port, result
}

// sippErrors returns what SIPp wrote down about what went wrong.
func sippErrors(dir string) string {
	var all []string
	names, _ := filepath.Glob(filepath.Join(dir, "*errors.log"))
	for _, name := range names {
		b, _ := os.ReadFile(name)
		all = append(all, string(b))
	}
	return strings.Join(all, "\n")
}

// given are the ports that tests of this run have got: who has one may not have
// opened it yet. Each has the three behind it, too: SIPp takes some for pictures.
var given sync.Map

// freePort returns a port of loopback that nobody has.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		// Between those that carry sound and those that the kernel gives to
		// whoever asks for any: the program that is to have it comes a moment later.
		port := strconv.Itoa(31_000 + 4*rand.IntN(440))
		c, err := net.ListenPacket("udp", "127.0.0.1:"+port)
		if err != nil {
			continue
		}
		defer c.Close()
		if _, taken := given.LoadOrStore(port, true); !taken {
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// TestSIPpCallers lets SIPp call.
func TestSIPpCallers(t *testing.T) {
	t.Parallel()
	two := []ivr.Turn{ask("welcome"), ask("which_day"), bye()}
	three := []ivr.Turn{ask("welcome"), ask("which_day"), {Listen: &ivr.Listen{Max: 1, Wait: 3 * time.Second}}, bye()}
	short := []ivr.Turn{bye()}
	quiet := []ivr.Turn{{Listen: &ivr.Listen{Max: 1, Wait: time.Minute}}}
	tests := []struct {
		scenario string
		turns    []ivr.Turn
		told     []string
	}{
		{"caller_keys", two, []string{"in 1 heard 1", "in 2 heard 5"}},
		{"caller_keys_twice", three, []string{"in 1 heard 1", "in 2 heard 2", "in 3 silence"}},
		{"late_offer", short, nil},
		{"hold", quiet, []string{"in 1 gone"}},
		{"cancel", quiet, []string{"in 1 gone"}},
		{"no_ack", quiet, []string{"in 1 gone"}},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			t.Parallel()
			if tt.scenario == "no_ack" && testing.Short() {
				t.Skip("half a minute of waiting")
			}
			d := newDesk(map[string][]ivr.Turn{"in": tt.turns})
			if tt.scenario == "cancel" {
				d.answer = func(callback.Inbound) error { <-time.After(2 * time.Second); return nil }
			}
			l := open(t, d, nil)
			_, done := sipp(t, tt.scenario, l.Addrs()[0].String())
			for _, want := range tt.told {
				d.hears(t, want)
			}
			if err := <-done; err != nil {
				t.Errorf("sipp: %v", err)
			}
		})
	}
}

// TestSIPpPhones lets the line call SIPp.
func TestSIPpPhones(t *testing.T) {
	t.Parallel()
	tests := []struct {
		scenarios []string // one for each trunk
		ring      time.Duration
		want      ivr.Outcome // "" when somebody answers
	}{
		{[]string{"busy"}, time.Minute, ivr.Busy},
		{[]string{"no_answer"}, time.Second, ivr.Unanswered},
		{[]string{"answers"}, time.Minute, ""},
		{[]string{"unavailable", "answers"}, time.Minute, ""},
		{[]string{"rings_11_times"}, time.Minute, ""},
		{[]string{"asks_at_goodbye"}, time.Minute, ""},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.scenarios, " then "), func(t *testing.T) {
			t.Parallel()
			trunks := map[string]Trunk{}
			var done []<-chan error
			for i, s := range tt.scenarios {
				addr, d := sipp(t, s)
				trunks[strconv.Itoa(i)] = Trunk{Host: switchboard(t, addr), Keepalive: time.Hour, Username: "anna", PasswordFile: secret(t)}
				done = append(done, d)
			}
			l := open(t, newDesk(nil), func(c *Config) { c.Trunks = trunks })
			leg, err := l.Ring(t.Context(), liveline.Call{Addr: "+358401234567", Ring: tt.ring, CallerID: "+358912345"})
			no, _ := errors.AsType[*liveline.NotTakenError](err)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("Ring: %v", err)
			case tt.want != "" && (no == nil || no.Outcome != tt.want):
				t.Errorf("Ring: %v, want %s", err, tt.want)
			case err == nil:
				if err := leg.Hangup(t.Context()); err != nil {
					t.Error(err)
				}
			}
			for i, d := range done {
				if err := <-d; err != nil {
					t.Errorf("sipp %s: %v", tt.scenarios[i], err)
				}
			}
		})
	}
}

// switchboard stands between the line and SIPp: it answers OPTIONS, which
// SIPp would take for a call, and passes on everything else. It returns its
// address once SIPp is there.
func switchboard(t *testing.T, sipp string) string {
	t.Helper()
	to, err := net.ResolveUDPAddr("udp", sipp)
	if err != nil {
		t.Fatal(err)
	}
	outside, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	inside, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { outside.Close(); inside.Close() })
	var line atomic.Pointer[net.UDPAddr]
	go func() {
		b := make([]byte, 65536)
		for {
			n, from, err := outside.ReadFromUDP(b)
			if err != nil {
				return
			}
			line.Store(from)
			if msg := string(b[:n]); strings.HasPrefix(msg, "OPTIONS ") {
				_, _ = outside.WriteToUDP([]byte(answer(msg, "200 OK", "board")), from)
				continue
			}
			_, _ = inside.WriteToUDP(b[:n], to)
		}
	}()
	go func() {
		b := make([]byte, 65536)
		for {
			n, err := inside.Read(b)
			if err != nil {
				return
			}
			_, _ = outside.WriteToUDP(b[:n], line.Load())
		}
	}()
	waitForPort(t, to.Port)
	return outside.LocalAddr().String()
}

// waitForPort waits until somebody has opened a UDP port.
func waitForPort(t *testing.T, port int) {
	t.Helper()
	ctx := within(t)
	want := fmt.Sprintf(":%04X ", port)
	for {
		b, err := os.ReadFile("/proc/net/udp")
		if err != nil {
			t.Skipf("nobody says which ports are open: %v", err)
		}
		if strings.Contains(string(b), want) {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("sipp did not start")
		}
	}
}
