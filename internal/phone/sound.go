package phone

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/holdless/holdless/internal/media"
)

// heardMost is how much of a call is kept, in bytes: half an hour.
const heardMost = 30 * 60 * 8000

// sound is the media of one call.
type sound struct {
	stream *media.Stream

	mu    sync.Mutex
	heard []byte
	read  int           // how much of it Words has told
	more  chan struct{} // is closed, and made anew, when more is heard
}

func (p *Phone) newSound() (*sound, error) {
	stream, err := p.media.Open()
	if err != nil {
		return nil, err
	}
	s := &sound{stream: stream, more: make(chan struct{})}
	stream.Tap(s.hear)
	return s, nil
}

// hear keeps what comes in. It runs on the clock of the media.
func (s *sound) hear(_ media.Codec, _ uint32, payload []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.heard)+len(payload) > heardMost {
		return
	}
	s.heard = append(s.heard, payload...)
	close(s.more)
	s.more = make(chan struct{})
}

// answer takes the caller's offer and writes our answer; to a caller who
// offers nothing yet we make the offer (RFC 3264, 5).
func (s *sound) answer(offer []byte) ([]byte, error) {
	defer s.stream.Start()
	if len(offer) == 0 {
		return s.stream.Offer(), nil
	}
	return s.stream.Answer(offer)
}

func (s *sound) connect(answer []byte) error {
	if err := s.stream.Accept(answer); err != nil {
		return err
	}
	s.stream.Start()
	return nil
}

func (s *sound) renew(offer []byte) ([]byte, error) {
	if len(offer) == 0 {
		return s.stream.Offer(), nil
	}
	return s.stream.Answer(offer)
}

// Press presses keys, one after the other (RFC 4733).
func (c *Call) Press(ctx context.Context, keys string) error {
	if err := c.sound.stream.SendKeys(ctx, keys); err != nil {
		return fmt.Errorf("press %s: %w", keys, err)
	}
	return nil
}

// Say plays sound, 8,000 bytes a second in the codec of the call, and returns
// when it has been sent. Keys that come in meanwhile do not end it.
func (c *Call) Say(ctx context.Context, sound []byte) error {
	if err := c.sound.stream.Speak(ctx, sound); err != nil {
		return fmt.Errorf("say: %w", err)
	}
	return nil
}

// Key waits for a key that the other end presses; [io.EOF] once the call is over.
func (c *Call) Key(ctx context.Context) (byte, error) { return c.sound.stream.Key(ctx) }

// Held reports whether the other end has put the call on hold.
func (c *Call) Held() bool { return c.sound.stream.Held() }

// Heard is all sound that has come in so far, in the codec of the call.
func (c *Call) Heard() []byte {
	c.sound.mu.Lock()
	defer c.sound.mu.Unlock()
	return bytes.Clone(c.sound.heard)
}

// Words is what was heard and not yet told, when a sound is its own words.
func (c *Call) Words() string {
	s := c.sound
	s.mu.Lock()
	defer s.mu.Unlock()
	heard := s.heard[s.read:]
	s.read = len(s.heard)
	silence := s.stream.Codec().Silence()
	parts := strings.FieldsFunc(strings.ToValidUTF8(mapSilence(heard, silence), " "), func(r rune) bool {
		return r < ' ' || r == '\ufffd'
	})
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// mapSilence turns silence into a character that is no word.
func mapSilence(heard []byte, silence byte) string {
	return string(bytes.ReplaceAll(heard, []byte{silence}, []byte{0}))
}

// Hear waits until ready says that enough was heard.
func (c *Call) Hear(ctx context.Context, ready func(heard []byte) bool) error {
	for {
		c.sound.mu.Lock()
		ok, more := ready(c.sound.heard), c.sound.more
		c.sound.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-more:
		case <-c.done:
			return io.EOF
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Ulaw turns sound of the call's codec into mu-law.
func (c *Call) Ulaw(sound []byte) []byte {
	codec, out := c.sound.stream.Codec(), make([]byte, len(sound))
	for i, b := range sound {
		if out[i] = b; codec != media.PCMU {
			out[i] = media.PCMU.Encode(codec.Decode(b))
		}
	}
	return out
}
