package sipline

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/media"
)

// silentStream is media without sockets, for calls in virtual time. Whoever
// speaks to it is understood; what is played is written down.
type silentStream struct {
	mu      sync.Mutex
	started bool
	held    bool
	quiet   time.Duration
	pause   time.Duration
	heard   []string
	keys    chan byte
	answers int
	agreed  string // their answer to our offer
	closed  chan struct{}
	once    sync.Once
}

func newSilent() *silentStream {
	return &silentStream{keys: make(chan byte, 16), closed: make(chan struct{})}
}

const sdpOurs = "v=0\r\no=- 2 2 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 0 101\r\n"

func (s *silentStream) Trust(netip.Addr) {}
func (s *silentStream) Offer() []byte    { return []byte(sdpOurs) }

func (s *silentStream) Answer(offer []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch o := string(offer); {
	case strings.Contains(o, "RTP/AVP 99"):
		return nil, media.ErrNoCodec
	case !strings.HasPrefix(o, "v=0"):
		return nil, media.ErrSDP
	default:
		s.held = strings.Contains(o, "a=sendonly") || strings.Contains(o, "a=inactive")
	}
	s.answers++
	return []byte(sdpOurs), nil
}

func (s *silentStream) Accept(answer []byte) error {
	if !strings.HasPrefix(string(answer), "v=0") {
		return media.ErrSDP
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agreed = string(answer)
	return nil
}

func (s *silentStream) Held() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

func (s *silentStream) Codec() media.Codec { return media.PCMU }

func (s *silentStream) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started = true
}

func (s *silentStream) Play(ctx context.Context, sounds ...[]byte) error {
	for _, b := range sounds {
		s.mu.Lock()
		s.heard = append(s.heard, string(bytes.TrimSuffix(b, []byte{media.PCMU.Silence()})))
		s.mu.Unlock()
	}
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-s.closed:
		return io.EOF
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *silentStream) Loop([]byte) {}
func (s *silentStream) Stop()       {}

func (s *silentStream) Key(ctx context.Context) (byte, error) {
	select {
	case k := <-s.keys:
		return k, nil
	case <-s.closed:
		return 0, io.EOF
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (s *silentStream) Pending() bool        { return len(s.keys) > 0 }
func (s *silentStream) Flush()               {}
func (s *silentStream) Inject(k byte)        { s.keys <- k }
func (s *silentStream) Music([]byte)         {}
func (s *silentStream) Bridge(*media.Stream) {}

// Tap has nothing to take down.
func (s *silentStream) Tap(func(media.Codec, uint32, []byte)) {}
func (s *silentStream) Unbridge()                             {}
func (s *silentStream) Close() error                          { s.once.Do(func() { close(s.closed) }); return nil }

func (s *silentStream) Silence() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.quiet
}

func (s *silentStream) Pause() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pause
	s.pause = 0
	return p
}

// comeBack brings sound again after a pause.
func (s *silentStream) comeBack(after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quiet, s.pause = 0, after
}

func (s *silentStream) said() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.heard)
}

func (s *silentStream) fallSilent(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quiet = d
}

// virtual starts a line at 10.0.0.1 on a network, with a carrier at 10.0.0.9.
// The streams of its calls are handed out in order.
func virtual(t *testing.T, n *network, d *desk, change func(*Config)) (*Line, *peer, <-chan *silentStream) {
	t.Helper()
	l, p, streams := still(t, n, d, change)
	serve(t, l)
	return l, p, streams
}

// still is virtual with a line that does not serve yet.
func still(t *testing.T, n *network, d *desk, change func(*Config)) (*Line, *peer, <-chan *silentStream) {
	t.Helper()
	c := Defaults()
	c.Trunks = map[string]Trunk{"carrier": {
		Host: "10.0.0.9:5060", Allow: []string{"10.0.0.9"}, CallsPerSecond: 1000, MaxCalls: 10000,
		Keepalive: time.Hour,
	}}
	if change != nil {
		change(&c)
	}
	l, err := newLine(c, Ports{Desk: d, Voice: voice{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	streams := make(chan *silentStream, 4096)
	l.open = func(netip.Addr) (stream, error) {
		s := newSilent()
		streams <- s
		return s, nil
	}
	e := n.listen("10.0.0.1:5060")
	l.addPackets(e)
	return l, n.peer(t, "10.0.0.9:5060", e.addr), streams
}

// pass lets virtual time pass.
func pass(d time.Duration) { <-time.After(d) }

// sayings is a log of which only the messages are kept.
type sayings struct {
	mu  sync.Mutex
	all []string
}

func (s *sayings) Enabled(context.Context, slog.Level) bool { return true }
func (s *sayings) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s *sayings) WithGroup(string) slog.Handler            { return s }

// Handle implements [slog.Handler].
func (s *sayings) Handle(_ context.Context, r slog.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, r.Message)
	return nil
}

func (s *sayings) said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}
