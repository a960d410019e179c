package media

import (
	"io"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// packetBytes is the longest packet that is read.
const packetBytes = 1500

// A Stream is the media of one call.
type Stream struct {
	engine *Engine
	pair   *pair
	slot   int // in the wheel
	keys   chan byte
	gone   chan struct{}

	mu      sync.Mutex
	closed  bool
	started bool
	began   time.Time

	session session // what was agreed upon
	source  source  // whose packets are taken
	target  target  // where ours go

	// Sending.
	round uint32 // of the wheel, seen last
	out   head
	idle  bool // nothing was sent in the last turn
	sound *sound
	press *press
	pkt   [headBytes + FrameBytes]byte

	// Receiving.
	reading sync.Mutex // taken before mu
	came    int        // packets, when it was read last
	looks   uint32     // how often it was read
	dry     bool       // the last look found all that there was
	emptied time.Time  // when all that had come was last passed on
	keypad  keypad
	ours    bool // the key that was seen last was meant for us, not for the far end of a bridge
	way     way
	strays  int
	ear     *ear // for keys as tones; nil when the peer has telephone-events
	tap     func(Codec, uint32, []byte)
	heard   time.Time
	pause   time.Duration // the longest in which nothing came, up to the last packet

	link    link
	music   *sound      // while the far end of a bridge has put us on hold; nil for silence
	holds   atomic.Bool // session.held, for the far end of a bridge
	reports reports
	stats   Stats
}

func newStream(e *Engine, p *pair) *Stream {
	s := &Stream{
		engine: e, pair: p, keys: make(chan byte, maxKeys), gone: make(chan struct{}),
		began: time.Now(), idle: true,
		out: head{seq: uint16(rand.Uint32()), ts: rand.Uint32(), ssrc: rand.Uint32()},
	}
	s.session = newSession()
	s.reports = newReports()
	return s
}

// Local returns the address that the peer is told to send to.
func (s *Stream) Local() netip.AddrPort {
	return netip.AddrPortFrom(s.engine.config.advertised(), uint16(s.pair.port))
}

// Trust names the address that the SIP messages of this call come from. Sound
// that comes from there is followed when the address in the SDP stays silent,
// as it does when the peer is behind NAT.
func (s *Stream) Trust(addr netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.source.trusted = addr.Unmap()
}

// Held reports whether the peer has put us on hold.
func (s *Stream) Held() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session.held
}

// Codec returns the codec agreed upon; sounds must be written in it.
func (s *Stream) Codec() Codec {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session.codec
}

// Start joins the wheel: from now on the stream listens and speaks.
func (s *Stream) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started || s.closed {
		return
	}
	s.started, s.began = true, time.Now()
	s.engine.wheel.join(s)
}

// Tap calls fn with all sound that comes from the peer, as it comes; nil ends
// it. The first sample of a payload stands at the time at of the peer's clock
// (RFC 3550, 5.1), which counts samples from anywhere. fn runs on the wheel: it
// must not wait, and must not keep the payload.
func (s *Stream) Tap(fn func(codec Codec, at uint32, payload []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tap = fn
}

// Silence returns how long nothing has come from the peer, counted from the
// start or the last agreement at the earliest. A peer that holds us may well
// be silent.
func (s *Stream) Silence() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.heard.After(s.began) {
		return time.Since(s.heard)
	}
	return time.Since(s.began)
}

// Pause returns the longest time in which nothing came from the peer and after
// which something came again, since it was asked last.
func (s *Stream) Pause() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	longest := s.pause
	s.pause = 0
	return longest
}

// arrives notes that something has come. The caller holds s.mu.
func (s *Stream) arrives(now time.Time) {
	since := s.heard
	if s.began.After(since) {
		since = s.began
	}
	s.pause = max(s.pause, now.Sub(since))
	s.heard = now
}

// Closed is closed together with the stream.
func (s *Stream) Closed() <-chan struct{} { return s.gone }

// Close ends the stream and puts its ports into quarantine. What has come by
// then goes to the tap first, however late the wheel is. It is harmless on a
// stream that is closed.
func (s *Stream) Close() error {
	s.Unbridge()
	s.hearOut()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.endSound(io.EOF)
	s.endPress(io.EOF)
	s.engine.wheel.leave(s)
	s.farewell()
	s.pair.rtp.close()
	s.pair.rtcp.close()
	s.engine.ports.rest(s.pair.port)
	close(s.gone)
	return nil
}

// serve is the stream's turn on the wheel, once in a frame's time.
func (s *Stream) serve(in *inbox, now time.Time, round uint32) {
	s.listen(in, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.speak(now, round)
	s.control(in, now)
}
