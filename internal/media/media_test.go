package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"
)

// without101 takes the events out of an SDP.
var without101 = regexp.MustCompile(` 101\b|a=(rtpmap|fmtp):101[^\n]*\n`)

var loopback = netip.MustParseAddr("127.0.0.1")

// newEngine runs an engine on loopback until the test ends.
func newEngine(t testing.TB) *Engine {
	t.Helper()
	e, err := New(Config{IP: loopback, MinPort: 20000, MaxPort: 29999}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := e.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return e
}

func open(t testing.TB, e *Engine) *Stream {
	t.Helper()
	s, err := e.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// call connects two new streams.
func call(t testing.TB, e *Engine) (caller, callee *Stream) {
	t.Helper()
	caller, callee = open(t, e), open(t, e)
	connect(t, caller, callee)
	caller.Start()
	callee.Start()
	return caller, callee
}

func connect(t testing.TB, caller, callee *Stream) {
	t.Helper()
	answer, err := callee.Answer(caller.Offer())
	if err != nil {
		t.Fatal(err)
	}
	if err := caller.Accept(answer); err != nil {
		t.Fatal(err)
	}
}

// A hearing collects the sound that a stream hears, without silence.
type hearing struct {
	mu  sync.Mutex
	all []byte
	got chan struct{}
}

func hear(s *Stream) *hearing {
	h := &hearing{got: make(chan struct{}, 1)}
	s.Tap(func(c Codec, _ uint32, b []byte) {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, x := range b {
			if x != c.Silence() {
				h.all = append(h.all, x)
			}
		}
		select {
		case h.got <- struct{}{}:
		default:
		}
	})
	return h
}

// patience is how long a test waits for what must come.
const patience = 5 * time.Minute

// until waits until the sound heard contains want.
func (h *hearing) until(t *testing.T, want []byte) {
	t.Helper()
	late := time.After(patience)
	for {
		h.mu.Lock()
		ok := bytes.Contains(h.all, want)
		h.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-h.got:
		case <-late:
			t.Fatalf("heard %.200q, want %.200q in it", h.all, want)
		}
	}
}

func (h *hearing) has(b []byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return bytes.Contains(h.all, b)
}

// key reads one key within a time that is ample.
func key(t *testing.T, s *Stream) byte {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	k, err := s.Key(ctx)
	if err != nil {
		t.Fatalf("no key: %v", err)
	}
	return k
}

func keys(t *testing.T, s *Stream, n int) string {
	t.Helper()
	var all []byte
	for range n {
		all = append(all, key(t, s))
	}
	return string(all)
}

func TestPlayIsHeard(t *testing.T) {
	t.Parallel()
	caller, callee := call(t, newEngine(t))
	heard := hear(caller)
	first := bytes.Repeat([]byte("good evening "), 40)
	second := []byte("short")
	if err := callee.Play(t.Context(), first, nil, second); err != nil {
		t.Fatal(err)
	}
	heard.until(t, append(first, second...))
	st := callee.Stats()
	if st.Sent < 5 || st.Foreign != 0 {
		t.Errorf("stats %+v", st)
	}
}

func TestKeysOfEveryName(t *testing.T) {
	t.Parallel()
	caller, callee := call(t, newEngine(t))
	if err := caller.SendKeys(t.Context(), keyNames); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, callee, len(keyNames)); got != keyNames {
		t.Errorf("keys %q, want %q", got, keyNames)
	}
	if callee.Pending() {
		t.Error("a key came twice")
	}
	if err := caller.SendKeys(t.Context(), "1x"); err == nil {
		t.Error("a key x was sent")
	}
}

func TestKeyEndsPlay(t *testing.T) {
	t.Parallel()
	caller, callee := call(t, newEngine(t))
	sent := make(chan error, 1)
	go func() { sent <- caller.SendKeys(t.Context(), "7") }()
	long := make([]byte, 60*8000)
	if err := callee.Play(t.Context(), long); !errors.Is(err, ErrKey) {
		t.Fatalf("Play ended with %v, want ErrKey", err)
	}
	if err := callee.Play(t.Context(), long); !errors.Is(err, ErrKey) {
		t.Fatalf("Play with a key waiting ended with %v, want ErrKey", err)
	}
	if k := key(t, callee); k != '7' {
		t.Errorf("key %q", k)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func TestLoopGoesOnThroughKeys(t *testing.T) {
	t.Parallel()
	caller, callee := call(t, newEngine(t))
	heard := hear(caller)
	clip := bytes.Repeat([]byte("music. "), 23)[:160]
	callee.Loop(clip)
	callee.Inject('5')
	heard.until(t, bytes.Repeat(clip, 4))
	if k := key(t, callee); k != '5' {
		t.Errorf("key %q", k)
	}
	if err := callee.Play(t.Context(), []byte("done")); err != nil {
		t.Fatal(err)
	}
	heard.until(t, []byte("done"))
}

func TestPlayEnds(t *testing.T) {
	t.Parallel()
	long := make([]byte, 60*8000)
	for _, tt := range []struct {
		name string
		end  func(*Stream, context.CancelFunc)
		want error
	}{
		{"stop", func(s *Stream, _ context.CancelFunc) { s.Stop() }, ErrStopped},
		{"another sound", func(s *Stream, _ context.CancelFunc) { s.Loop(long) }, ErrStopped},
		{"close", func(s *Stream, _ context.CancelFunc) { s.Close() }, io.EOF},
		{"context", func(_ *Stream, stop context.CancelFunc) { stop() }, context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, s := call(t, newEngine(t))
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			done := make(chan error, 1)
			go func() { done <- s.Play(ctx, long) }()
			for !s.saying() {
				<-time.After(time.Millisecond)
			}
			tt.end(s, stop)
			if err := <-done; !errors.Is(err, tt.want) {
				t.Errorf("Play ended with %v, want %v", err, tt.want)
			}
		})
	}
}

func (s *Stream) saying() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sound != nil
}

func TestClosedStream(t *testing.T) {
	t.Parallel()
	_, s := call(t, newEngine(t))
	s.Inject('1')
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	<-s.Closed()
	if k, err := s.Key(t.Context()); k != '1' || err != nil {
		t.Errorf("the key pressed before the end: %q, %v", k, err)
	}
	if _, err := s.Key(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("Key: %v, want io.EOF", err)
	}
	if err := s.Play(t.Context(), []byte("x")); !errors.Is(err, io.EOF) {
		t.Errorf("Play: %v, want io.EOF", err)
	}
	if err := s.SendKeys(t.Context(), "1"); !errors.Is(err, io.EOF) {
		t.Errorf("SendKeys: %v, want io.EOF", err)
	}
	s.Inject('2')
	if s.Pending() {
		t.Error("a key after the end was taken")
	}
}

func TestRunEndsStreams(t *testing.T) {
	t.Parallel()
	e, err := New(Config{IP: loopback, MinPort: 30000, MaxPort: 30999}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	_, s := call(t, e)
	playing := make(chan error, 1)
	go func() { playing <- s.Play(t.Context(), make([]byte, 60*8000)) }()
	for !s.saying() {
		<-time.After(time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := <-playing; !errors.Is(err, io.EOF) {
		t.Errorf("Play ended with %v, want io.EOF", err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		c    Config
		ok   bool
	}{
		{"good", Config{IP: loopback, MinPort: 10000, MaxPort: 20000}, true},
		{"no address", Config{MinPort: 10000, MaxPort: 20000}, false},
		{"every address, none public", Config{IP: netip.IPv4Unspecified(), MinPort: 10000, MaxPort: 20000}, false},
		{"every address, one public", Config{IP: netip.IPv4Unspecified(), Public: loopback, MinPort: 10000, MaxPort: 20000}, true},
		{"two families", Config{IP: loopback, Public: netip.IPv6Loopback(), MinPort: 10000, MaxPort: 20000}, false},
		{"range upside down", Config{IP: loopback, MinPort: 20000, MaxPort: 10000}, false},
		{"privileged ports", Config{IP: loopback, MinPort: 80, MaxPort: 20000}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.c, slog.New(slog.DiscardHandler))
			if (err == nil) != tt.ok {
				t.Errorf("New: %v", err)
			}
		})
	}
}

// freePairs returns the first of so many pairs of ports that nobody has. They lie
// below those that the kernel gives to whoever asks for any, and those of which
// other tests choose.
func freePairs(t *testing.T, n int) int {
	t.Helper()
	for range 1000 {
		first := 6000 + 2*rand.IntN(1900)
		all, err := newPorts(first, first+2*n-1), error(nil)
		for range n {
			var p *pair
			if p, err = all.open(loopback); err != nil {
				break
			}
			defer p.rtp.close()
			defer p.rtcp.close()
		}
		if err == nil {
			return first
		}
	}
	t.Fatalf("no %d pairs of ports are free", n)
	return 0
}

func TestPorts(t *testing.T) {
	t.Parallel()
	first := freePairs(t, 2)
	p := newPorts(first-1, first+4) // begins and ends with half a pair
	now := time.Unix(1000, 0)
	p.now = func() time.Time { return now }
	var got []int
	var all []*pair
	for range 2 {
		pair, err := p.open(loopback)
		if err != nil {
			t.Fatal(err)
		}
		got, all = append(got, pair.port), append(all, pair)
	}
	slices.Sort(got)
	if !slices.Equal(got, []int{first, first + 2}) {
		t.Errorf("ports %v", got)
	}
	if _, err := p.open(loopback); !errors.Is(err, ErrNoPorts) {
		t.Errorf("a third pair: %v", err)
	}
	all[0].rtp.close()
	all[0].rtcp.close()
	p.rest(all[0].port)
	now = now.Add(quarantine - 1)
	if _, err := p.open(loopback); !errors.Is(err, ErrNoPorts) {
		t.Errorf("a pair in quarantine: %v", err)
	}
	now = now.Add(1)
	again, err := p.open(loopback)
	if err != nil || again.port != all[0].port {
		t.Fatalf("after quarantine: %v", err)
	}
	for _, pair := range []*pair{all[1], again} {
		pair.rtp.close()
		pair.rtcp.close()
	}
}

// TestPortsCannotBeGuessed opens pairs one after the other: each is anywhere,
// not beside the last one.
func TestPortsCannotBeGuessed(t *testing.T) {
	t.Parallel()
	p := newPorts(10000, 19999)
	var got []int
	for range 6 {
		pair, err := p.open(loopback)
		if err != nil {
			t.Fatal(err)
		}
		defer pair.rtp.close()
		defer pair.rtcp.close()
		got = append(got, pair.port)
	}
	// By chance six of 5,000 pairs lie so close together once in 10^11 runs.
	if slices.Max(got)-slices.Min(got) < 40 {
		t.Errorf("ports %v are beside each other", got)
	}
}

func TestClosedPortsRest(t *testing.T) {
	t.Parallel()
	port := freePairs(t, 1)
	e, err := New(Config{IP: loopback, MinPort: port, MaxPort: port + 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	open(t, e).Close()
	if _, err := e.Open(); !errors.Is(err, ErrNoPorts) {
		t.Errorf("the ports of a call that has just ended: %v", err)
	}
}

func TestPortOfAnotherProgram(t *testing.T) {
	t.Parallel()
	first := freePairs(t, 2)
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: first + 1})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	p := newPorts(first, first+3) // the first is free, its neighbour is not
	pair, err := p.open(loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer pair.rtp.close()
	defer pair.rtcp.close()
	if pair.port != first+2 {
		t.Errorf("port %d, want %d", pair.port, first+2)
	}
}
