package media

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// BenchmarkWheel measures calls that play a sound and hear a caller, with the
// wheel, and beside it with a reader and a ticker for each call. Run it with
// -benchtime=1x.
func BenchmarkWheel(b *testing.B) {
	for _, calls := range []int{100, 800} {
		b.Run(fmt.Sprint(calls), func(b *testing.B) { bench(b, calls, wheelCalls) })
		b.Run(fmt.Sprint(calls, "-ticker-per-call"), func(b *testing.B) { bench(b, calls, tickerCalls) })
	}
}

// A host sets up calls, tells their addresses, and ends them.
type host func(b *testing.B, calls int, offer []byte) ([]netip.AddrPort, func())

func bench(b *testing.B, calls int, h host) {
	for b.Loop() {
		x := newExchange(b)
		before := rss(b)
		addrs, end := h(b, calls, x.offer)
		for _, a := range addrs {
			fmt.Fprintln(x.in, a)
		}
		fmt.Fprintln(x.in, "go")
		used := cpu()
		x.line(b)
		used = cpu() - used
		grown := rss(b) - before
		var heard, after int
		var gap, gap99, barge, barge99 float64
		if _, err := fmt.Sscan(x.line(b), &heard, &after, &gap, &gap99, &barge, &barge99); err != nil || heard < calls*9/10 {
			b.Fatalf("%d of %d calls heard the key: %v", heard, calls, err)
		}
		end()
		b.ReportMetric(used.Seconds()/(float64(calls)*benchTime.Minutes()), "CPU-s/call-min")
		b.ReportMetric(grown/float64(calls), "KB/call")
		b.ReportMetric(gap99, "ms-pacing-p99")
		b.ReportMetric(gap, "ms-pacing-p50")
		b.ReportMetric(float64(after), "frames-after-key-max")
		b.ReportMetric(barge, "ms-barge-p50")
		b.ReportMetric(barge99, "ms-barge-p99")
		b.ReportMetric(0, "ns/op")
	}
}

func newExchange(b *testing.B) *exchange {
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), asCarrier+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	x := &exchange{in: in, out: bufio.NewScanner(out)}
	x.offer = fmt.Appendf(nil, "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio %s RTP/AVP 0 101\r\n"+event101+"\r\n", x.line(b))
	return x
}

func benchClip() []byte {
	clip := make([]byte, 60*8000)
	for i := range clip {
		clip[i] = benchSound
	}
	return clip
}

func wheelCalls(b *testing.B, calls int, offer []byte) ([]netip.AddrPort, func()) {
	e := newEngine(b)
	clip := benchClip()
	var addrs []netip.AddrPort
	var all []*Stream
	var playing sync.WaitGroup
	for range calls {
		s := open(b, e)
		if _, err := s.Answer(offer); err != nil {
			b.Fatal(err)
		}
		s.Start()
		playing.Go(func() { s.Play(b.Context(), clip) })
		addrs, all = append(addrs, s.Local()), append(all, s)
	}
	return addrs, func() {
		for _, s := range all {
			s.Close()
		}
		playing.Wait()
	}
}

// tickerCalls is the plain way: two goroutines and a ticker for each call.
func tickerCalls(b *testing.B, calls int, offer []byte) ([]netip.AddrPort, func()) {
	d, err := parseSDP(offer)
	if err != nil {
		b.Fatal(err)
	}
	to := netip.AddrPortFrom(loopback, uint16(d.media[0].port))
	clip := benchClip()
	var addrs []netip.AddrPort
	var conns []*net.UDPConn
	var running sync.WaitGroup
	for range calls {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			b.Fatal(err)
		}
		key := make(chan struct{})
		running.Go(func() { readKeys(conn, key) })
		running.Go(func() { tickSound(conn, to, clip, key) })
		addrs, conns = append(addrs, conn.LocalAddr().(*net.UDPAddr).AddrPort()), append(conns, conn)
	}
	return addrs, func() {
		for _, conn := range conns {
			conn.Close()
		}
		running.Wait()
	}
}

func readKeys(conn *net.UDPConn, key chan struct{}) {
	buf := make([]byte, packetBytes)
	var pad keypad
	for {
		n, _, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		p, ok := parse(buf[:n])
		if !ok || p.kind != eventDefault {
			continue
		}
		if _, ok := pad.hear(&p); ok {
			close(key)
		}
	}
}

func tickSound(conn *net.UDPConn, to netip.AddrPort, clip []byte, key chan struct{}) {
	ticker := time.NewTicker(Frame)
	defer ticker.Stop()
	var pkt [headBytes + FrameBytes]byte
	for h := (head{ssrc: 1}); ; h.seq++ {
		<-ticker.C
		select {
		case <-key:
			clear(pkt[headBytes:])
		default:
			copy(pkt[headBytes:], clip[int(h.seq)*FrameBytes%len(clip):])
		}
		h.write(pkt[:])
		h.ts += FrameBytes
		if _, err := conn.WriteToUDPAddrPort(pkt[:], to); err != nil {
			return
		}
	}
}

// rss returns the resident memory of this process in KB.
func rss(b *testing.B) float64 {
	debug.FreeOSMemory()
	all, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("resident memory is read from /proc:", err)
	}
	for line := range strings.Lines(string(all)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			n, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			return n
		}
	}
	b.Fatal("no VmRSS")
	return 0
}

// cpu returns what this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
