//go:build !portable

package media

import (
	"testing"
	"time"
)

// TestSoundGoesBeforeItsKey: when the wheel is late and reads the end of a
// sentence together with the key behind it, whoever takes the sentence down has
// it whole before he hears of the key, which makes him stop.
func TestSoundGoesBeforeItsKey(t *testing.T) {
	t.Parallel()
	for _, before := range []int{1, 7, 8, 20} { // a few are read at once
		s, far := stalled(t)
		heard, early := 0, 0
		s.Tap(func(Codec, uint32, []byte) {
			heard++
			if s.Pending() {
				early++
			}
		})
		for range before {
			far.sound(0x21)
		}
		far.press(11)
		in := newInbox()
		for round := uint32(1); !s.Pending() && round < mostBehind; round++ {
			s.serve(in, time.Now(), round)
		}
		if got := key(t, s); got != '#' {
			t.Errorf("got key %q", got)
		}
		if heard != before || early > 0 {
			t.Errorf("%d of %d frames were heard, %d of them behind the key", heard, before, early)
		}
	}
}

// TestToneGoesBeforeItsKey is the same for keys that are tones.
func TestToneGoesBeforeItsKey(t *testing.T) {
	t.Parallel()
	s, far := still(t, Config{}), newPeer(t)
	if _, err := s.Answer(far.offer("0", "")); err != nil {
		t.Fatal(err)
	}
	far.to = s.Local()
	heard, early := 0, 0
	s.Tap(func(Codec, uint32, []byte) {
		heard++
		if s.Pending() {
			early++
		}
	})
	tone, until, e := tones("#", PCMU), 0, newEar()
	for at := 0; at+FrameBytes <= len(tone); at += FrameBytes {
		far.packet(0, far.head.ts, tone[at:][:FrameBytes])
		far.head.ts += FrameBytes
		for _, b := range tone[at:][:FrameBytes] {
			if _, ok := e.hear(PCMU.Decode(b)); ok {
				until = at/FrameBytes + 1
			}
		}
	}
	in := newInbox()
	for range maxReads {
		s.listen(in, time.Now())
	}
	if got := key(t, s); got != '#' || heard != len(tone)/FrameBytes || early > heard-until {
		t.Errorf("got key %q, which ends in frame %d; %d frames were heard, %d of them behind it", got, until, heard, early)
	}
}

// TestCloseHearsOut: what the peer has said before he hung up is heard, although
// nobody has read it by then.
func TestCloseHearsOut(t *testing.T) {
	t.Parallel()
	const said = 100
	s, far := stalled(t)
	heard := 0
	s.Tap(func(Codec, uint32, []byte) { heard++ })
	for range said {
		far.sound(0x21)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if heard != said {
		t.Errorf("%d of %d frames were heard", heard, said)
	}
}
