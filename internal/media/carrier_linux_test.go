package media

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asCarrier makes the test program the far end of a benchmark, so that its
// own cost is not counted.
const asCarrier = "HOLDLESS_BENCH_CARRIER"

func TestMain(m *testing.M) {
	if os.Getenv(asCarrier) == "" {
		os.Exit(m.Run())
	}
	if err := newCarrier().run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// benchTime is how long a benchmark's calls are measured.
const benchTime = 10 * time.Second

// benchSound is every byte of the sound that calls are to hear.
const benchSound = 0x31

// A carrier is the far end of many calls, on one socket: it sends each of them
// a packet every 20 ms, notes when theirs come, and presses a key at the end.
type carrier struct {
	conn  *net.UDPConn
	calls []netip.AddrPort

	mu      sync.Mutex
	last    map[netip.AddrPort]time.Time
	gaps    []time.Duration
	pressed map[netip.AddrPort]time.Time
	after   map[netip.AddrPort]int // frames of sound after the key
	barges  []time.Duration        // from the key to the end of the sound
}

func newCarrier() *carrier {
	return &carrier{last: map[netip.AddrPort]time.Time{}, pressed: map[netip.AddrPort]time.Time{}, after: map[netip.AddrPort]int{}}
}

// run says its port, reads the addresses of the calls, says when the sound is
// over, presses the keys, and says what it saw.
func (c *carrier) run(in io.Reader, out io.Writer) (err error) {
	c.conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	if err := errors.Join(c.conn.SetReadBuffer(8<<20), c.stamp()); err != nil {
		return err
	}
	fmt.Fprintln(out, c.conn.LocalAddr().(*net.UDPAddr).Port)
	for lines := bufio.NewScanner(in); lines.Scan() && lines.Text() != "go"; {
		c.calls = append(c.calls, netip.MustParseAddrPort(lines.Text()))
	}
	var receiving sync.WaitGroup
	receiving.Go(c.receive)
	c.send()
	fmt.Fprintln(out, "sent")
	c.press()
	time.AfterFunc(500*time.Millisecond, func() { c.conn.Close() })
	receiving.Wait()
	_, err = fmt.Fprintf(out, "%d %d %g %g %g %g\n", len(c.barges), most(c.after),
		quantile(c.gaps, .5), quantile(c.gaps, .99), quantile(c.barges, .5), quantile(c.barges, .99))
	return err
}

func (c *carrier) receive() {
	buf, extra := make([]byte, packetBytes), make([]byte, 64)
	for {
		n, m, _, from, err := c.conn.ReadMsgUDPAddrPort(buf, extra)
		if err != nil {
			return
		}
		at := time.Now()
		if msgs, err := unix.ParseSocketControlMessage(extra[:m]); err == nil && len(msgs) == 1 && len(msgs[0].Data) == 16 {
			d := msgs[0].Data
			at = time.Unix(int64(binary.NativeEndian.Uint64(d)), int64(binary.NativeEndian.Uint64(d[8:])))
		}
		c.note(buf[:n], from, at)
	}
}

// stamp has the kernel note when packets come, so that a late reader does not
// count as a late sender.
func (c *carrier) stamp() error {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	})
	return errors.Join(err, failed)
}

func (c *carrier) note(b []byte, from netip.AddrPort, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, pressed := c.pressed[from]
	if last, ok := c.last[from]; ok && !pressed {
		c.gaps = append(c.gaps, (now.Sub(last) - Frame).Abs())
	}
	c.last[from] = now
	switch {
	case !pressed || at.IsZero() || now.Before(at):
	case b[headBytes] == benchSound:
		c.after[from]++
	default:
		c.barges = append(c.barges, now.Sub(at))
		c.pressed[from] = time.Time{}
	}
}

// send speaks to all calls, spread over each 20 ms.
func (c *carrier) send() {
	const parts = 10
	b := make([]byte, headBytes+FrameBytes)
	began := time.Now()
	for round := 0; time.Since(began) < benchTime; round++ {
		head{seq: uint16(round), ts: uint32(round * FrameBytes), ssrc: 5}.write(b)
		for part := range parts {
			at := began.Add(time.Duration(round)*Frame + time.Duration(part)*Frame/parts)
			<-time.After(time.Until(at))
			for i := part; i < len(c.calls); i += parts {
				_, _ = c.conn.WriteToUDPAddrPort(b, c.calls[i])
			}
		}
	}
}

// press presses a key in all calls, over 100 ms.
func (c *carrier) press() {
	b := make([]byte, headBytes+eventBytes)
	head{kind: eventDefault, seq: 60000, ts: 1 << 30, ssrc: 5, marker: true}.write(b)
	event{code: 5, dur: 160}.write(b[headBytes:])
	began := time.Now()
	for i, addr := range c.calls {
		at := began.Add(time.Duration(i) * 100 * time.Millisecond / time.Duration(len(c.calls)))
		<-time.After(time.Until(at))
		c.mu.Lock()
		c.pressed[addr] = time.Now()
		c.mu.Unlock()
		_, _ = c.conn.WriteToUDPAddrPort(b, addr)
	}
}

func most(all map[netip.AddrPort]int) (n int) {
	for _, x := range all {
		n = max(n, x)
	}
	return n
}

// quantile returns a quantile in milliseconds.
func quantile(all []time.Duration, q float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[int(q*float64(len(all)-1))].Microseconds()) / 1000
}

// An exchange is a carrier in a process of its own.
type exchange struct {
	in    io.WriteCloser
	out   *bufio.Scanner
	offer []byte
}

// line returns the next line that the carrier says.
func (x *exchange) line(b *testing.B) string {
	if !x.out.Scan() {
		b.Fatal("the carrier has ended:", x.out.Err())
	}
	return strings.TrimSpace(x.out.Text())
}
