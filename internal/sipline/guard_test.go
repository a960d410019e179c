package sipline

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// TestStrangers is attacks A3 to A6 from sources that are not listed: nothing
// is answered and nothing is remembered (traps S4 and S6).
func TestStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(1)
		l, p, _ := virtual(t, n, menu(), nil)
		us := net.UDPAddrFromAddrPort(l.sockets[0].addr)
		const strangers = 20000
		var answered int
		for i := range strangers {
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{172, byte(i >> 16), byte(i >> 8), byte(i)}), 5060)
			e := n.listen(from.String())
			for _, msg := range []string{request("INVITE", fmt.Sprint("x", i), toUs, 1, sdpOffer), "junk"} {
				if _, err := e.WriteTo([]byte(msg), us); err != nil {
					t.Fatal(err)
				}
			}
			if i%1000 == 999 {
				synctest.Wait()
			}
			answered += len(e.in)
			if l.ua.TransportLayer().Pool("udp").Get(from.String()) != nil {
				t.Fatal("a stranger got into the pool of connections")
			}
		}
		pass(time.Minute)
		if answered > 0 {
			t.Errorf("%d answers went to strangers", answered)
		}
		if got := l.Counts(); got.Denied != 2*strangers || got.Passed > 1 { // the carrier's answer to OPTIONS
			t.Errorf("%+v: want all denied", got)
		}
		if got := len(l.guard.packets.by); got > 1 {
			t.Errorf("%d sources are remembered, want the carrier alone", got)
		}
		up(p, "c1") // the carrier is served as ever
	})
}

// TestFlood is attack A4 and trap S7 from a source that is listed: above the
// cap each new call is answered once by 503, and live calls are not hurt.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := menu()
		l, p, _ := virtual(t, newNetwork(1), d, func(c *Config) { c.MaxCalls = 50 })
		up(p, "live")
		const calls = 1500
		for i := range calls {
			p.send(request("INVITE", fmt.Sprint("flood", i), toUs, 1, sdpOffer))
		}
		synctest.Wait()
		got := p.count()
		if got["SIP/2.0 503 Service Unavailable"] != calls-49 || got["SIP/2.0 200 OK"] != 49 {
			t.Errorf("answered %v, want 49 taken and the others sent away", got)
		}
		if n := l.Calls(); n != 50 {
			t.Errorf("%d calls are up, want 50", n)
		}
		pass(20 * time.Second)
		if got := p.count(); got["SIP/2.0 503 Service Unavailable"] != 0 {
			t.Errorf("%v: a refusal was repeated", got)
		}
		pass(time.Minute)
		if n := l.Calls(); n != 1 {
			t.Errorf("%d calls are up, want the one that was there before", n)
		}
	})
}

// TestRateOfOneSource holds that one source cannot take all the time there is.
func TestRateOfOneSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), menu(), nil)
		for i := range packetsBurst + 500 {
			p.send(request("OPTIONS", fmt.Sprint("o", i), toUs, 1))
			if i%500 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		if got := l.Counts().Flooded; got < 400 {
			t.Errorf("%d messages above the rate were dropped, want 500 or a little less", got)
		}
		pass(5 * time.Second)
		p.all()
		p.send(request("OPTIONS", "later", toUs, 1))
		p.gets("SIP/2.0 200")
	})
}

// TestFloodOnLoopback is attack A4 with real sockets: strangers shout, the
// carrier's calls all stand, and memory does not grow. Memory is that of the
// whole process, so nothing else runs beside it.
func TestFloodOnLoopback(t *testing.T) {
	d := newDesk(map[string][]ivr.Turn{"in": {bye()}})
	l := open(t, d, nil) // 127.0.0.1 is the carrier
	stranger, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2)}, net.UDPAddrFromAddrPort(l.Addrs()[0]))
	if err != nil {
		t.Skipf("no second address on loopback: %v", err)
	}
	defer stranger.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	stop, stopped := make(chan struct{}), make(chan int)
	invite := []byte(request("INVITE", "s", toUs, 1, sdpOffer))
	go func() { // 2,000 a second
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for sent := 0; ; sent += 20 {
			select {
			case <-stop:
				stopped <- sent
				return
			case <-tick.C:
			}
			for range 20 {
				_, _ = stranger.Write(invite)
			}
		}
	}()
	p := telephone(t, nil)
	const calls = 10
	for i := range calls {
		c, err := p.Call(within(t), uri(l, "+358912345"), "+358401234567")
		if err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
		wait(t, c.Done(), "goodbye by the line")
	}
	close(stop)
	sent := <-stopped
	runtime.GC()
	runtime.ReadMemStats(&after)
	grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d INVITEs of strangers, %+v, heap %+d KB", sent, l.Counts(), grown>>10)
	if err := stranger.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := stranger.Read(make([]byte, 100)); err == nil {
		t.Errorf("%d bytes were answered", n)
	}
	if l.Counts().Denied == 0 {
		t.Error("no stranger was heard at all")
	}
	if grown > 20<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
}

func BenchmarkJudge(b *testing.B) {
	g := &guard{
		listed: func(a netip.Addr) bool { return a == netip.MustParseAddr("192.0.2.1") },
		admit:  func(string) *rejection { return nil }, live: func(string) bool { return false },
		now: time.Now, log: slog.New(slog.DiscardHandler), guests: map[netip.Addr]int{},
		packets: newBuckets(1e9, 1e9), invites: newBuckets(1e9, 1e9),
	}
	msg := []byte(request("INVITE", "c1", toUs, 1, sdpOffer))
	for _, who := range []string{"192.0.2.1:5060", "192.0.2.2:5060"} {
		b.Run(who, func(b *testing.B) {
			src := netip.MustParseAddrPort(who)
			b.ReportAllocs()
			for b.Loop() {
				g.judge(src, msg)
			}
		})
	}
}

func TestBucketsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBuckets(10, 20)
	now := time.Now()
	for i := range 3 * maxSources {
		b.take(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now)
	}
	if got := len(b.by); got > maxSources {
		t.Errorf("%d sources are remembered, want at most %d", got, maxSources)
	}
	if !b.take(netip.MustParseAddr("192.0.2.1"), now.Add(time.Minute)) {
		t.Error("a new source is not heard after the others have gone")
	}
	six := newBuckets(1, 1)
	if !six.take(netip.MustParseAddr("2001:db8::1"), now) || six.take(netip.MustParseAddr("2001:db8::2"), now) {
		t.Error("two addresses of one /64 have a bucket each")
	}
}

// TestPanicInARequest is trap S1: sipgo recovers from nothing.
func TestPanicInARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := menu()
		d.answer = func(callback.Inbound) error { panic("a bug") }
		l, p, _ := virtual(t, newNetwork(1), d, nil)
		p.send(request("INVITE", "c1", toUs, 1, sdpOffer))
		p.gets("SIP/2.0 500")
		synctest.Wait()
		if l.Counts().Panics != 1 || l.Calls() != 0 {
			t.Errorf("%+v, %d calls", l.Counts(), l.Calls())
		}
		d.mu.Lock()
		d.answer = nil
		d.mu.Unlock()
		up(p, "c2")
	})
}

// TestDeskSaysNo holds that a number nobody has is 404, and a desk in trouble
// 503, so that the carrier can try another machine.
func TestDeskSaysNo(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{fmt.Errorf("number: %w", callback.ErrNotFound), "SIP/2.0 404"},
		{errors.New("disk full"), "SIP/2.0 503"},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			d := menu()
			d.answer = func(callback.Inbound) error { return tt.err }
			_, p, _ := virtual(t, newNetwork(1), d, nil)
			p.send(request("INVITE", "c1", toUs, 1, sdpOffer))
			p.gets(tt.want)
		})
	}
}

// faulty is a socket whose reads fail now and then, and at last for good.
type faulty struct {
	net.PacketConn
	fails atomic.Int64
}

func (f *faulty) ReadFrom(b []byte) (int, net.Addr, error) {
	if f.fails.Add(-1) >= 0 {
		return 0, nil, errors.New("out of buffers")
	}
	return f.PacketConn.ReadFrom(b)
}

// TestReadErrors is trap S2: one bad read is no reason to be deaf.
func TestReadErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(1)
		e := n.listen("10.0.0.1:5060")
		f := &faulty{PacketConn: e}
		f.fails.Store(20)
		l, err := newLine(trunkAt("10.0.0.9"), Ports{Desk: menu(), Voice: voice{}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		l.open = func(netip.Addr) (stream, error) { return newSilent(), nil }
		l.addPackets(f)
		p := n.peer(t, "10.0.0.9:5060", e.addr)
		serve(t, l)
		up(p, "c1")
	})
}

func trunkAt(host string) Config {
	c := Defaults()
	c.Trunks = map[string]Trunk{"carrier": {Host: host + ":5060", Allow: []string{host}, Keepalive: time.Hour}}
	return c
}

// TestDeadListener is the other half of S2: sipgo says nothing when it stops
// listening; we do, so that the service can be started anew.
func TestDeadListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(1)
		e := n.listen("10.0.0.1:5060")
		l, err := newLine(trunkAt("10.0.0.9"), Ports{Desk: menu(), Voice: voice{}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		l.addPackets(e)
		done := make(chan error, 1)
		go func() { done <- l.Serve(t.Context()) }()
		<-l.Up()
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, errEnded) {
			t.Errorf("Serve: %v, want %v", err, errEnded)
		}
	})
}

// TestQuietLog is trap S5: what strangers send does not fill the disk.
func TestQuietLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := newQuiet(slog.New(slog.NewTextHandler(&out, nil))).With("caller", "x")
		for range 10000 {
			log.Error("failed to parse", "data", strings.Repeat("A", 5000)+"\x1b[2J\r\n")
		}
		if n := strings.Count(out.String(), "\n"); n != logBurst {
			t.Errorf("%d lines, want %d", n, logBurst)
		}
		if out.Len() > logBurst*400 {
			t.Errorf("%d bytes of log", out.Len())
		}
		if strings.ContainsAny(out.String(), "\x1b\r") {
			t.Error("control characters reached the log")
		}
		if strings.Contains(out.String(), "level=ERROR") {
			t.Error("a stranger raised an alarm")
		}
		out.Reset()
		pass(10 * time.Second)
		log.Error("failed to parse")
		if !strings.Contains(out.String(), "dropped=9980") {
			t.Errorf("%q does not say how much was left out", out.String())
		}
		out.Reset()
		log.Info("not worth a line")
		if out.Len() != 0 {
			t.Errorf("%q was logged", out.String())
		}
	})
}

func TestMethodsAreCaseSensitive(t *testing.T) { // trap S11
	synctest.Test(t, func(t *testing.T) {
		_, p, _ := virtual(t, newNetwork(1), menu(), nil)
		p.send(strings.ReplaceAll(request("INVITE", "c1", toUs, 1, sdpOffer), "INVITE", "invite"))
		p.gets("SIP/2.0 501")
	})
}

// TestSmuggling is attack A9: what could be read in two ways is not read.
func TestSmuggling(t *testing.T) {
	options := request("OPTIONS", "c1", toUs, 1, "X-Foo: bar")
	tests := []struct{ name, from, to string }{
		{"bare LF", "X-Foo: bar\r\n", "X-Foo: bar\nVia: evil\r\n"},
		{"bare CR", "X-Foo: bar\r\n", "X-Foo: bar\rVia: evil\r\n"},
		{"NUL", "X-Foo: bar", "X-Foo: b\x00r"},
		{"escape", "X-Foo: bar", "X-Foo: \x1b[2J"},
		{"two lengths", "X-Foo: bar", "Content-Length: 5"},
		{"two Call-IDs", "X-Foo: bar", "i: other"},
		{"two CSeqs", "X-Foo: bar", "CSeq: 7 OPTIONS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, p, _ := virtual(t, newNetwork(1), menu(), nil)
				p.send(strings.Replace(options, tt.from, tt.to, 1))
				got := p.gets("SIP/2.0 ")
				if !strings.HasPrefix(got, "SIP/2.0 400") {
					t.Errorf("answered %q", firstLine(got))
				}
				if !clean([]byte(got)) || strings.Contains(got, "evil") {
					t.Errorf("echoed %q", got)
				}
			})
		})
	}
}

// TestMalformed sends 6,000 messages, each with one field broken in one way:
// nothing breaks, and no control character comes back (target T3).
func TestMalformed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(map[string][]ivr.Turn{}), func(c *Config) { c.MaxCalls = 100000 })
		l.guard.packets.open()
		l.guard.invites.open()
		sent := 0
		for msg := range malformed() {
			p.send(msg)
			if sent++; sent%50 == 0 {
				synctest.Wait()
				for _, got := range p.all() {
					if !clean([]byte(got)) {
						t.Fatalf("control characters came back: %q", got)
					}
				}
			}
		}
		if sent < 6000 {
			t.Errorf("%d messages, want 6000", sent)
		}
		if got := l.Counts(); got.Panics != 0 {
			t.Errorf("%d messages broke something", got.Panics)
		}
		p.all()
		p.send(request("OPTIONS", "after", toUs, 1))
		p.gets("SIP/2.0 200")
	})
}

// open lets everything pass.
func (b *buckets) open() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rate, b.burst = 1e9, 1e9
	clear(b.by)
}

// malformed breaks every field of an INVITE in every way.
func malformed() func(yield func(string) bool) {
	base := strings.Split(request("INVITE", "ID", toUs, 1,
		"Session-Expires: 1800", "Supported: timer", "Require: timer", "Record-Route: <sip:10.0.0.9;lr>",
		"P-Asserted-Identity: <sip:+358401234567@h>", "Privacy: none", "Allow: INVITE", "Accept: application/sdp",
		"Diversion: <sip:1@h>", "Proxy-Require: x", "Subject: hello", "User-Agent: x", "Min-SE: 90",
		"Authorization: Digest realm=x", "Route: <sip:10.0.0.1;lr>", sdpOffer), "\r\n")
	return func(yield func(string) bool) {
		n := 0
		for i := range base {
			for _, broken := range breaks(base[i]) {
				lines := append([]string(nil), base...)
				lines[i] = broken
				n++
				msg := strings.ReplaceAll(strings.Join(lines, "\r\n"), "ID", fmt.Sprint("m", n))
				if !yield(msg) {
					return
				}
			}
		}
	}
}

// breaks returns a line of a message, broken in many ways.
func breaks(line string) (all []string) {
	name, value, _ := strings.Cut(line, ":")
	junk := []string{
		"", " ", "\t", "\x00", "\n", "\r", "\x1b[2J", "\x7f", "%00", "%n%s%x", "'", "\"", "\\", "<", ">", "<>", ";", ";;;;", ",", ",,,,",
		"=", "@", ":", "::::", "-1", "0", "2147483648", "4294967296", "99999999999999999999", "1e9", "0x41", "\xff\xfe", "\u202e", "ä",
		"sip:", "sip:@", "sip:a@", "sip:a@[", "sip:a@[::1", "sip:a@]", "tel:", "<sip:a@b", "sip:a@b>", "\"<sip:a@b>", "a b c d e f",
		"SIP/2.0/UDP", "SIP/9.9/UDP h;branch=z9hG4bK", "INVITE", "1 ", " INVITE", "../../etc/passwd", "{}", "[]", "null", "$(id)",
	}
	for _, j := range junk {
		all = append(all, name+": "+j, name+": "+value+j, name+": "+j+value, j, name+j)
	}
	for _, n := range []int{10, 100, 1000, 4000, 15000, 20000} {
		for _, c := range []string{"A", " ", ";", ",", "(", "\"", "<", "%41"} {
			all = append(all, name+": "+strings.Repeat(c, n))
		}
	}
	all = append(all, line+"\r\n"+line, line+"\r\n "+line, name+" : "+value, strings.ToUpper(line), strings.ToLower(line), name)
	return all
}

func FuzzJudge(f *testing.F) {
	f.Add([]byte(request("INVITE", "c1", toUs, 1, sdpOffer)))
	f.Add([]byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n"))
	f.Add([]byte("\r\n\r\n"))
	g := &guard{
		listed: func(netip.Addr) bool { return true }, admit: func(string) *rejection { return nil },
		live: func(string) bool { return false }, now: time.Now, log: slog.New(slog.DiscardHandler),
		packets: newBuckets(1e9, 1e9), invites: newBuckets(1e9, 1e9), guests: map[netip.Addr]int{},
	}
	src := netip.MustParseAddrPort("192.0.2.1:5060")
	f.Fuzz(func(t *testing.T, data []byte) {
		v := g.judge(src, data)
		if g.counts.panics.Load() > 0 {
			t.Fatal("it panicked")
		}
		if v.pass && len(v.answer) > 0 {
			t.Error("let in and refused")
		}
		if !clean(v.answer) {
			t.Errorf("control characters in %q", v.answer)
		}
		if _, err := frame(data); err == nil && len(data) > maxMessage+4096 && !bytes.Contains(data, []byte("\r\n\r\n")) {
			t.Error("a head without end is waited for")
		}
	})
}
