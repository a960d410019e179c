package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"regexp"
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
