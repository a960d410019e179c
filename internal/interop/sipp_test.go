package interop

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// A sipp is one SIPp that plays a scenario of testdata/sipp.
type sipp struct {
	t    testing.TB
	name string
	port int
	dir  string
	cmd  *exec.Cmd
	out  lines
	over chan error
}

// play starts SIPp. It plays any number of calls unless told otherwise.
func play(t testing.TB, scenario string, args ...string) *sipp {
	t.Helper()
	path := need(t, "sipp", "sip-tester")
	file, err := filepath.Abs(filepath.Join("testdata", "sipp", scenario+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	p := &sipp{t: t, name: scenario, port: freePort(t), dir: t.TempDir(), over: make(chan error, 1)}
	for _, key := range []string{"1", "2", "9"} {
		pressAgain(t, key, filepath.Join(p.dir, key+"_again.pcap"))
	}
	p.cmd = exec.Command(path, append([]string{
		"-sf", file, "-nostdin", "-i", "127.0.0.1", "-p", strconv.Itoa(p.port),
		"-mi", "127.0.0.1", "-mp", strconv.Itoa(freePort(t)), "-trace_err",
	}, args...)...)
	p.cmd.Dir = p.dir
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.over <- p.cmd.Wait() }()
	t.Cleanup(func() { p.end(p.kill()) })
	return p
}

// pressAgain writes a capture of a key for a telephone that presses it a second
// time. SIPp plays the packets of a capture as they are: the same ones again
// would be the same press, sent twice. These have another SSRC.
func pressAgain(t testing.TB, key, file string) {
	t.Helper()
	b, err := os.ReadFile("/usr/share/sip-tester/dtmf_2833_" + key + ".pcap")
	if err != nil {
		t.Fatal(err)
	}
	const head, frame, ssrc = 24, 16, 14 + 20 + 8 + 8 // file, packet; Ethernet, IP, UDP, RTP up to the SSRC
	for at := head; at+frame+ssrc+4 <= len(b); {
		size := int(binary.LittleEndian.Uint32(b[at+8:]))
		b[at+frame+ssrc] ^= 0xff
		at += frame + size
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// answers starts a telephone that is called. Another program may have taken its
// port first: then it tries again with another.
func answers(t testing.TB, scenario string, args ...string) *sipp {
	t.Helper()
	for range 5 {
		p := play(t, scenario, args...)
		if p.listens() {
			return p
		}
	}
	t.Fatalf("sipp %s cannot be started", scenario)
	return nil
}

// listens waits until it can be called; false when it has ended instead.
func (p *sipp) listens() bool {
	p.t.Helper()
	for late := time.Now().Add(2 * patience); !portOpen(p.t, p.port); {
		select {
		case err := <-p.over:
			p.t.Logf("sipp %s on port %d: %v\n%s", p.name, p.port, err, p.out.String())
			p.cmd = nil
			return false
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(late) {
			p.t.Fatalf("sipp %s never listened on port %d:\n%s", p.name, p.port, p.out.String())
		}
	}
	return true
}

// calls starts a telephone that calls once, unless told otherwise.
func calls(t testing.TB, s *service, scenario, from string, args ...string) *sipp {
	t.Helper()
	return play(t, scenario, append([]string{"-m", "1", "-key", "from", from, s.sip}, args...)...)
}

// uri is the address at which a telephone is called directly.
func (p *sipp) uri(name string) string { return fmt.Sprintf("sip:%s@127.0.0.1:%d", name, p.port) }

// wait returns when all calls were played, and fails the test when one of
// them did not go as written.
func (p *sipp) wait(limit time.Duration) {
	p.t.Helper()
	if p.cmd == nil {
		return
	}
	select {
	case err := <-p.over:
		p.end(err)
	case <-time.After(limit):
		p.t.Errorf("sipp %s is still at it", p.name)
		p.end(p.kill())
	}
}

// leave tells a telephone that is called to take no more calls, and waits for
// those that are up. SIPp ends with 0 when all went as written.
func (p *sipp) leave() {
	p.t.Helper()
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGUSR1)
	p.wait(patience)
}

func (p *sipp) kill() error {
	if p.cmd != nil {
		_ = p.cmd.Process.Kill() // it may be gone
		<-p.over
	}
	return nil
}

func (p *sipp) end(err error) {
	p.t.Helper()
	if p.cmd == nil {
		return
	}
	p.cmd = nil
	if err == nil {
		return
	}
	p.t.Errorf("sipp %s: %v", p.name, err)
	names, _ := filepath.Glob(filepath.Join(p.dir, "*errors.log"))
	for _, name := range names {
		b, _ := os.ReadFile(name)
		p.t.Logf("%s", b)
	}
}
