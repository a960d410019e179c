package media

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// A key is sent as five frames of it going on, three ends, and a pause.
const (
	pressFrames = 5
	endPackets  = 3 // RFC 4733, 2.5.1.4: the end is sent three times
	pauseFrames = 4
	keyFrames   = pressFrames + endPackets + pauseFrames
)

// A press is keys on their way to the peer.
type press struct {
	keys  string
	frame int    // of the first of the keys
	ts    uint32 // when it was pressed
	done  chan error
}

// SendKeys presses keys towards the peer and returns when all are sent: as
// RFC 4733 events, or as tones when the peer has none. io.EOF means that the
// stream closed.
func (s *Stream) SendKeys(ctx context.Context, keys string) error {
	if !validKeys(keys) {
		return fmt.Errorf("send keys %q: want only %s", keys, keyNames)
	}
	if keys == "" {
		return nil
	}
	p := &press{keys: keys, done: make(chan error, 1)}
	tones, err := s.beginPress(p)
	if err != nil {
		return err
	}
	if tones != nil {
		return s.utter(ctx, tones)
	}
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
		s.cancelPress(p)
		return ctx.Err()
	}
}

func (s *Stream) beginPress(p *press) (*sound, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, io.EOF
	}
	if s.session.hasEvents {
		s.endPress(ErrStopped)
		s.press = p
		return nil, nil
	}
	return &sound{clips: [][]byte{tones(p.keys, s.session.codec)}, deaf: true}, nil
}

// pressOn presses a key after those that are on their way, without anybody
// waiting for it: as an event, or as a tone when the peer has none.
func (s *Stream) pressOn(key byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case s.press != nil:
		s.press.keys += string(key)
	case s.session.hasEvents:
		s.press = &press{keys: string(key), done: make(chan error, 1)}
	default:
		codec := s.session.codec
		s.endSound(ErrStopped)
		s.sound = &sound{clips: [][]byte{tones(string(key), codec)}, codec: codec, deaf: true, done: make(chan error, 1)}
	}
}

func (s *Stream) cancelPress(p *press) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.press == p {
		s.press = nil
	}
}

// endPress ends the sending of keys. The caller holds s.mu.
func (s *Stream) endPress(err error) {
	if s.press == nil {
		return
	}
	s.press.done <- err
	s.press = nil
}

// sendKey sends this turn's packet of the key that is pressed.
func (s *Stream) sendKey(now time.Time) {
	p := s.press
	if p.frame == 0 {
		p.ts = s.out.ts
	}
	if p.frame < pressFrames+endPackets {
		s.sendEvent(p, now)
	} else {
		s.sendSilence(now)
	}
	if p.frame++; p.frame < keyFrames {
		return
	}
	p.keys, p.frame = p.keys[1:], 0
	if p.keys == "" {
		s.endPress(nil)
	}
}

func (s *Stream) sendEvent(p *press, now time.Time) {
	e := event{
		code: byte(strings.IndexByte(keyNames, p.keys[0])),
		dur:  uint16(min(p.frame+1, pressFrames) * FrameBytes),
		end:  p.frame >= pressFrames,
	}
	h := s.out
	// RFC 4733, 2.5.1.2: all packets of an event bear the timestamp of its
	// beginning, and the first one the marker.
	h.kind, h.ts, h.marker = s.session.eventType, p.ts, p.frame == 0
	e.write(s.pkt[headBytes:])
	s.send(s.pkt[:headBytes+eventBytes], h, now)
}
