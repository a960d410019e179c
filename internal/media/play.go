package media

import (
	"context"
	"io"
	"time"
)

// A sound is what a stream is saying: frames that were encoded beforehand.
type sound struct {
	clips [][]byte
	codec Codec
	off   int
	again bool       // over and over
	deaf  bool       // keys do not end it
	done  chan error // takes one value, nil when all was said
}

// frame writes the next frame and reports whether there was one. Every clip
// begins in a frame of its own.
func (so *sound) frame(to []byte, codec Codec) bool {
	for so.off >= len(so.clips[0]) {
		so.off = 0
		if !so.again {
			so.clips = so.clips[1:]
		}
		if len(so.clips) == 0 {
			return false
		}
	}
	n := copy(to, so.clips[0][so.off:])
	so.off += n
	for i := n; i < len(to); i++ {
		to[i] = so.codec.Silence()
	}
	transcode(to, so.codec, codec)
	return true
}

// Play says sounds one after the other and returns when all was said; with
// ErrKey at once when a key is pressed or still waits to be read; with
// ErrStopped after Stop or another sound; with io.EOF when the stream closes.
// While the peer has us on hold, the sound waits.
func (s *Stream) Play(ctx context.Context, sounds ...[]byte) error {
	return s.utter(ctx, &sound{clips: audible(sounds)})
}

// Speak is Play for somebody who is not interrupted by keys.
func (s *Stream) Speak(ctx context.Context, sounds ...[]byte) error {
	return s.utter(ctx, &sound{clips: audible(sounds), deaf: true})
}

func (s *Stream) utter(ctx context.Context, so *sound) error {
	so.done = make(chan error, 1)
	silent := len(so.clips) == 0 // the clips belong to the wheel once it has begun
	if err := s.begin(so); err != nil || silent {
		return err
	}
	select {
	case err := <-so.done:
		return err
	case <-ctx.Done():
		s.abandon(so)
		return ctx.Err()
	}
}

// audible copies the list of sounds, without empty ones.
func audible(sounds [][]byte) [][]byte {
	var all [][]byte
	for _, b := range sounds {
		if len(b) > 0 {
			all = append(all, b)
		}
	}
	return all
}

// begin makes a sound the one that is said.
func (s *Stream) begin(so *sound) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return io.EOF
	}
	if !so.deaf && s.Pending() {
		return ErrKey
	}
	s.endSound(ErrStopped)
	so.codec = s.session.codec
	if len(so.clips) > 0 {
		s.sound = so
	}
	return nil
}

func (s *Stream) abandon(so *sound) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sound == so {
		s.sound = nil
	}
}

// endSound ends what is being said. The caller holds s.mu.
func (s *Stream) endSound(err error) {
	if s.sound == nil {
		return
	}
	s.sound.done <- err
	s.sound = nil
}

// say sends the next frame of the sound, and reports whether there was one.
func (s *Stream) say(now time.Time) bool {
	if s.sound == nil {
		return false
	}
	if !s.sound.frame(s.pkt[headBytes:], s.session.codec) {
		s.endSound(nil)
		return false
	}
	s.sendFrame(now)
	return true
}

// Loop says a sound over and over until Stop or Play. Keys do not end it.
func (s *Stream) Loop(clip []byte) {
	so := &sound{clips: audible([][]byte{clip}), again: true, deaf: true, done: make(chan error, 1)}
	// A closed stream says nothing, which is as good as a stopped one.
	_ = s.begin(so)
}

// Stop ends what is being said.
func (s *Stream) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endSound(ErrStopped)
}
