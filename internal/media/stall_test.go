package media

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// stalled is a stream that is not read, on a machine that has no time for it,
// and the peer who speaks meanwhile.
func stalled(t *testing.T) (*Stream, *peer) {
	t.Helper()
	s := still(t, Config{})
	far := newPeer(t)
	far.dial(s, "0 101")
	return s, far
}

// TestKeysAfterAStall speaks and presses keys for eight seconds in which nothing
// is read. Then every key is there, once, and the same key twice is two keys.
func TestKeysAfterAStall(t *testing.T) {
	t.Parallel()
	s, far := stalled(t)
	const pressed = "1123#05012*0A"
	for i := range pressed {
		for range 24 {
			far.sound(0x21)
		}
		far.press(byte(strings.IndexByte(keyNames, pressed[i])))
	}
	const packets = uint64(len(pressed) * 30)
	in, began := newInbox(), time.Now()
	for round := uint32(1); s.Stats().Received < packets && time.Since(began) < patience; round++ {
		s.serve(in, time.Now(), round)
	}
	got := ""
	for s.Pending() {
		got += string(key(t, s))
	}
	if got != pressed {
		t.Errorf("got keys %q, want %q", got, pressed)
	}
	if st := s.Stats(); st.Received != packets || st.KeysLost > 0 {
		t.Errorf("read %+v", st)
	}
}

// TestKeyInTimeReadLate: a key that came in time counts, although the time was
// over before anybody had read it.
func TestKeyInTimeReadLate(t *testing.T) {
	t.Parallel()
	s, far := stalled(t)
	for range 60 { // more than are read at once
		far.sound(0x21)
	}
	far.press(7)
	ctx, stop := context.WithDeadline(t.Context(), time.Now())
	defer stop()
	<-ctx.Done()
	got := make(chan byte, 1)
	go func() {
		k, err := s.Key(ctx)
		if err != nil {
			t.Error(err)
		}
		got <- k
	}()
	in := newInbox()
	for round := uint32(1); ; round++ {
		select {
		case k := <-got:
			if k != '7' {
				t.Errorf("got key %q", k)
			}
			return
		case <-time.After(Frame):
			s.serve(in, time.Now(), round)
		}
	}
}

// TestNoKeyInTime: when everything was read and no key was in it, or so much
// comes that there is no end of it, nobody has pressed a key.
func TestNoKeyInTime(t *testing.T) {
	t.Parallel()
	for name, flooded := range map[string]bool{"read": false, "flooded": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, far := stalled(t)
			ctx, stop := context.WithDeadline(t.Context(), time.Now())
			defer stop()
			<-ctx.Done()
			over := make(chan error, 1)
			go func() {
				_, err := s.Key(ctx)
				over <- err
			}()
			in := newInbox()
			for round := uint32(1); ; round++ {
				select {
				case err := <-over:
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("got %v", err)
					}
					return
				case <-time.After(Frame / 4):
				}
				for range 40 {
					if flooded {
						far.sound(0x21)
					}
				}
				s.serve(in, time.Now(), round)
			}
		})
	}
}

// TestKeyAfterALongTime presses a key after eleven minutes of sound, and after
// twenty: half of all sequence numbers have gone by, and all but a few.
func TestKeyAfterALongTime(t *testing.T) {
	t.Parallel()
	for _, between := range []int{32_000, 32_767, 32_768, 40_000, 65_000, 65_536, 100_000} {
		s := newStream(&Engine{config: Config{IP: loopback}}, &pair{})
		seq, ts := uint16(65_000), uint32(1000)
		sends := func(kind itemKind, payload []byte) {
			read := []item{{packet: packet{payload: payload, seq: seq, ts: ts, ssrc: 1}, kind: kind}}
			s.hear(&read[0], time.Unix(0, 0))
			s.attend(read, time.Unix(0, 0))
			seq++
		}
		press := func() {
			for i := range 6 {
				b := make([]byte, eventBytes)
				event{code: 2, dur: uint16(160 * min(i+1, 4)), end: i >= 3}.write(b)
				sends(keyEvent, b)
			}
			ts += 8 * FrameBytes
		}
		press()
		frame := make([]byte, FrameBytes)
		for range between {
			sends(audio, frame)
			ts += FrameBytes
		}
		press()
		if len(s.keys) != 2 {
			t.Errorf("%d packets later: %d keys, want 2", between, len(s.keys))
		}
	}
}
