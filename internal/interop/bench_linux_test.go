package interop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/phone"
)

// Run these with -benchtime=1x.

// BenchmarkSetUp measures from INVITE to 200 at 50 calls a second: the service,
// its desk and its database are all in it.
func BenchmarkSetUp(b *testing.B) {
	s := serve(b, oneQueue("sip:anna@127.0.0.1:9", openCarrier(b).addr(), ""))
	w := openWire(b, s)
	for b.Loop() {
		setUps(b, w)
	}
}

func setUps(b *testing.B, w *wire) {
	b.Helper()
	const n = 1000
	took := make([]time.Duration, n)
	failed := make([]error, n)
	tick := time.NewTicker(time.Second / 50)
	defer tick.Stop()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { took[i], failed[i] = setUp(w.call(fmt.Sprintf("set-up-%d", i))) })
		<-tick.C
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	b.ReportMetric(1e3*took[n/2].Seconds(), "ms-set-up-p50")
	b.ReportMetric(1e3*took[n*99/100].Seconds(), "ms-set-up-p99")
	b.ReportMetric(1e3*took[n-1].Seconds(), "ms-set-up-max")
	b.ReportMetric(0, "ns/op")
}

// setUp calls, stays for half a second, and hangs up.
func setUp(c *wireCall) (took time.Duration, err error) {
	began := time.Now()
	if err := c.send("INVITE", 1, "in", offer); err != nil {
		return 0, err
	}
	code, err := c.answer("INVITE")
	took = time.Since(began)
	if err != nil || code != "200" {
		return took, fmt.Errorf("the INVITE was answered %s: %w", code, err)
	}
	if err := c.send("ACK", 1, "ack", ""); err != nil {
		return took, err
	}
	<-time.After(500 * time.Millisecond)
	return took, c.leave()
}

// BenchmarkCalls measures what a call costs the whole service, from the
// welcome to the promise, with the prompts that ship: 100 and 800 at once.
// Memory is how much the resident set grows at most, from a service that has
// answered its first calls and is idle to one with all calls up.
func BenchmarkCalls(b *testing.B) {
	for _, at := range []int{100, 800} {
		b.Run(fmt.Sprint(at), func(b *testing.B) {
			s := serve(b, fmt.Sprintf(`sip: {listen: [udp:SIP], max_calls: 1000, trunks: {carrier: {host: %s, max_calls: 1000, calls_per_second: 200}}}
survey: {consent: assumed}
callbacks: {lead: 1h, permitted: "00:00-24:00", allow_regions: [FI]}
numbers: {"+358912345": {menu: main, queue: billing}}
agents: {anna: {name: Anna, phone: "sip:anna@127.0.0.1:9"}}
queues: {billing: {agents: [anna], hours: {mon-sun: "00:00-24:00"}, capacity: 10000}}
`, openCarrier(b).addr()))
			p, err := phone.Open(phone.Config{Listen: "127.0.0.1:0"})
			if err != nil {
				b.Fatal(err)
			}
			defer p.Close()
			for b.Loop() {
				s.conversations(b, p, at)
			}
		})
	}
}

func (s *service) conversations(b *testing.B, p *phone.Phone, at int) {
	b.Helper()
	_ = s.callers(b, p, "+3584013%05d", 10, func() {}) // what is loaded once is loaded now
	eventually(b, patience, "no call is up", func() bool { return s.live() == "0" })
	s.mark()
	memory, cpu := s.rss(), s.cpu()
	grown := s.watch()
	spoke := s.callers(b, p, "+3584012%05d", at, s.mark)
	used := s.cpu() - cpu
	s.mark()
	b.ReportMetric(used.Seconds()/spoke.Minutes(), "CPU-s/call-min")
	b.ReportMetric((grown()-memory)*1024/float64(at), "KB/call")
	b.ReportMetric(memory, "MB-idle")
	b.ReportMetric(0, "ns/op")
}

// watch looks at the memory of the service until the benchmark ends, or until
// it is asked how much that was at most.
func (s *service) watch() (most func() float64) {
	var seen float64
	over := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			seen = max(seen, s.rss())
			select {
			case <-over:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
	most = sync.OnceValue(func() float64 {
		close(over)
		watching.Wait()
		return seen
	})
	s.t.Cleanup(func() { most() })
	return most
}

// callers has n people book, calls up once all have come, and returns how long
// they spoke, together.
func (s *service) callers(b *testing.B, p *phone.Phone, numbers string, n int, up func()) (spoke time.Duration) {
	b.Helper()
	ctx, stop := context.WithTimeout(b.Context(), 2*time.Minute)
	defer stop()
	took := make([]time.Duration, n)
	failed := make([]error, n)
	every := time.NewTicker(time.Second / 50) // the last of 800 is up before the first is done
	defer every.Stop()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { took[i], failed[i] = caller(ctx, p, s.sip, fmt.Sprintf(numbers, i)) })
		<-every.C
	}
	up()
	all.Wait()
	for i, err := range failed {
		if err != nil {
			b.Fatalf("caller %d: %v", i, err)
		}
		spoke += took[i]
	}
	return spoke
}

// caller listens to what is said, chooses, and hears the goodbye.
func caller(ctx context.Context, p *phone.Phone, sip, from string) (time.Duration, error) {
	call, err := p.Call(ctx, "sip:"+number+"@"+sip, from)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	for _, listen := range []time.Duration{5 * time.Second, 8 * time.Second, 8 * time.Second} {
		select {
		case <-time.After(listen):
		case <-call.Done():
			return 0, fmt.Errorf("hung up on after %v", time.Since(began))
		}
		if err := call.Press(ctx, "1"); err != nil {
			return 0, err
		}
	}
	select {
	case <-call.Done():
		return time.Since(began), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// cpu is how long the service has computed.
func (s *service) cpu() time.Duration {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	// The name of the program, in parentheses, may have anything in it.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	const tick = 10 * time.Millisecond // USER_HZ is 100 on all that Linux runs on here
	var sum time.Duration
	for _, f := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(f)
		if err != nil {
			s.t.Fatal(err)
		}
		sum += time.Duration(n) * tick
	}
	return sum
}

// BenchmarkDemo measures from the start of the program until the first
// telephone rings on the screen, and until that of the agent does.
func BenchmarkDemo(b *testing.B) {
	path := program(b)
	for b.Loop() {
		demo(b, path)
	}
}

func demo(b *testing.B, path string) {
	b.Helper()
	cmd := exec.Command(path, "demo", "--script", "1 1 1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	for said := bufio.NewScanner(out); said.Scan(); {
		switch line := said.Text(); {
		case strings.Contains(line, "dials "):
			b.ReportMetric(time.Since(began).Seconds(), "s-to-first-ring")
		case strings.Contains(line, "Aino’s telephone rings"):
			b.ReportMetric(time.Since(began).Seconds(), "s-to-callback")
		}
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(began).Seconds(), "s-whole-story")
	b.ReportMetric(0, "ns/op")
}
