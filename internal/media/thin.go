package media

import (
	"context"
	"log/slog"
	"net/netip"
	"time"
)

type ports struct{}

func newPorts(int, int) *ports                { return nil }
func (p *ports) open(netip.Addr) (any, error) { return nil, ErrNoPorts }

type wheel struct{}

func newWheel(*slog.Logger) *wheel             { return nil }
func (w *wheel) run(ctx context.Context) error { <-ctx.Done(); return nil }

// A Stream is the media of one call.
type Stream struct{}

func newStream(*Engine, any) *Stream { return &Stream{} }

// Stats counts what a stream has sent and received.
type Stats struct {
	Sent      uint64        // packets sent
	Received  uint64        // packets taken from the peer
	Foreign   uint64        // packets from elsewhere, ignored
	Malformed uint64        // packets that are not RTP or RTCP
	Lost      int64         // packets of the peer that never came (RFC 3550, A.3)
	Jitter    time.Duration // RFC 3550, A.8
	FarLost   int64         // what the peer reports of our packets
	FarJitter time.Duration // likewise
	RoundTrip time.Duration // RFC 3550, 6.4.1
	KeysLost  uint64        // keys that found the queue full
}

// Local returns the address that the peer is told to send to.
func (s *Stream) Local() netip.AddrPort { return netip.AddrPort{} }

// Trust names the address that the SIP messages of this call come from. Sound
// that comes from there is followed when the address in the SDP stays silent,
// as it does when the peer is behind NAT.
func (s *Stream) Trust(netip.Addr) {}

// Offer writes our session description: for an INVITE, a re-INVITE, or the
// 200 to an INVITE that had none.
func (s *Stream) Offer() []byte { return nil }

// Answer takes the peer's offer and writes the answer. When it returns an
// error, the stream goes on as before.
func (s *Stream) Answer(offer []byte) ([]byte, error) { return nil, ErrSDP }

// Accept takes the peer's answer to our offer.
func (s *Stream) Accept(answer []byte) error { return ErrSDP }

// Held reports whether the peer has put us on hold.
func (s *Stream) Held() bool { return false }

// Codec returns the codec agreed upon; sounds must be written in it.
func (s *Stream) Codec() Codec { return PCMU }

// Start joins the wheel: from now on the stream listens and speaks.
func (s *Stream) Start() {}

// Play says sounds one after the other and returns when all was said; with
// ErrKey at once when a key is pressed or still waits to be read; with
// ErrStopped after Stop or another sound; with io.EOF when the stream closes.
func (s *Stream) Play(ctx context.Context, sounds ...[]byte) error { return nil }

// Loop says a sound over and over until Stop or Play.
func (s *Stream) Loop(sound []byte) {}

// Stop ends what is being said.
func (s *Stream) Stop() {}

// Key waits for the next key: one of 0-9 * # A B C D. Keys pressed before the
// stream closed are still returned, then io.EOF.
func (s *Stream) Key(ctx context.Context) (byte, error) { return 0, nil }

// Pending reports whether a key waits to be read.
func (s *Stream) Pending() bool { return false }

// Flush forgets the keys that wait to be read.
func (s *Stream) Flush() {}

// Inject hands in a key that came by SIP INFO. It counts once, even when the
// peer sends it in the media as well.
func (s *Stream) Inject(key byte) {}

// SendKeys presses keys towards the peer and returns when all are sent.
func (s *Stream) SendKeys(ctx context.Context, keys string) error { return nil }

// Bridge passes sound and keys between two streams until Unbridge or Close.
func (s *Stream) Bridge(far *Stream) {}

// Unbridge parts the stream from the one it is bridged with.
func (s *Stream) Unbridge() {}

// Tap calls fn with all sound that comes from the peer. fn runs on the wheel:
// it must not wait, and must not keep the payload.
func (s *Stream) Tap(fn func(codec Codec, payload []byte)) {}

// Silence returns how long nothing has come from the peer.
func (s *Stream) Silence() time.Duration { return 0 }

// Stats returns the counts so far.
func (s *Stream) Stats() Stats { return Stats{} }

// Closed is closed together with the stream.
func (s *Stream) Closed() <-chan struct{} { return nil }

// Close ends the stream and puts its ports into quarantine. It is harmless on
// a stream that is closed.
func (s *Stream) Close() error { return nil }
