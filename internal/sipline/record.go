package sipline

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"sync"
	"time"

	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/audio"
)

// A tape takes down what comes from a telephone, as mu-law. What was lost on the
// way, or was never sent as nobody spoke, is silence of the same length.
type tape struct {
	mu     sync.Mutex
	ulaw   []byte
	most   int
	spoken bool // somebody has said something
	quiet  int  // samples since
	begun  bool
	next   uint32 // the sample that comes next, by the clock of the telephone
	hole   [2]int // where the last silence of ours is, in ulaw
}

// loud is the least level of a packet with speech in it: -50 dBov.
const loud = 104.0

// jump is the longest silence that a clock tells of. One that goes further is
// another clock.
const jump = 10 * audio.Rate

// take is called on the wheel with each packet.
func (t *tape) take(codec media.Codec, at uint32, payload []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	place := t.place(at, len(payload))
	var power float64
	for i, b := range payload {
		s := codec.Decode(b)
		power += float64(s) * float64(s)
		switch i += place; {
		case i < len(t.ulaw):
			t.ulaw[i] = audio.ULaw(s)
		case i < t.most:
			t.ulaw = append(t.ulaw, audio.ULaw(s))
		}
	}
	t.quiet += len(payload)
	if math.Sqrt(power/float64(max(1, len(payload)))) >= loud {
		t.spoken, t.quiet = true, 0
	}
}

// place finds where on the tape a packet belongs: at its end, after the silence
// that its time tells of, or in that silence when it comes late. RFC 3550, 5.1:
// the clock begins anywhere, and goes on while nothing is sent.
func (t *tape) place(at uint32, samples int) int {
	end, gap := len(t.ulaw), int(int32(at-t.next)) //nolint:gosec // the clock goes round
	known := t.begun && -jump < gap && gap < jump
	if known && gap < 0 {
		if late := end + gap; t.hole[0] <= late && late+samples <= t.hole[1] {
			return late
		}
		return end // it came twice, or its clock stands still
	}
	if known && gap > 0 {
		for range min(gap, t.most-end) {
			t.ulaw = append(t.ulaw, audio.ULaw(0))
		}
		t.quiet += gap
		t.hole = [2]int{end, len(t.ulaw)}
	}
	t.begun, t.next = true, at+uint32(samples) //nolint:gosec // a packet is short
	return len(t.ulaw)
}

// over reports whether the tape is full, or nothing was said for a while.
func (t *tape) over(pause time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.ulaw) >= t.most || time.Duration(t.quiet)*time.Second/audio.Rate >= pause
}

// keyTail is cut off when a key has ended what was said: its tone is in it.
const keyTail = audio.Rate * 120 / 1000

// end returns what was said, without the silence after it; nothing when nobody
// has spoken.
func (t *tape) end(byKey bool) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.spoken {
		return nil
	}
	n := len(t.ulaw)
	if byKey {
		n = max(0, n-keyTail)
	}
	return bytes.Clone(t.ulaw[:n]) // what comes late may still be written
}

// tapeTick is how often we look whether somebody has stopped speaking.
const tapeTick = 200 * time.Millisecond

// Record implements [liveline.Leg].
func (l *leg) Record(ctx context.Context, r ivr.Record) (string, error) {
	most := int(r.Max.Seconds() * audio.Rate)
	t := &tape{most: most, ulaw: make([]byte, 0, min(most, 60*audio.Rate))}
	l.stream.Tap(t.take) // who speaks into the beep is heard, too
	defer l.stream.Tap(nil)
	if err := l.beep(ctx); err != nil {
		return "", err
	}
	byKey, err := l.roll(ctx, t, r)
	if errors.Is(err, io.EOF) {
		_ = l.stream.Close() // which takes what he said last, and cannot fail
	}
	l.stream.Flush()
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	said := t.end(byKey)
	if len(said) == 0 {
		return "", err
	}
	take, bad := l.line.voice.Take(audio.WAV(said))
	return take, errors.Join(bad, err) // who hangs up has said it all the same
}

// beep says that it is time to speak. Keys that were pressed before are
// forgotten: they answered what was said before.
func (l *leg) beep(ctx context.Context) error {
	l.stream.Flush()
	err := l.stream.Play(ctx, l.sound(l.line.voice.Beep()))
	if l.isGone() {
		return io.EOF
	}
	if errors.Is(err, media.ErrKey) || errors.Is(err, media.ErrStopped) {
		return nil
	}
	return err
}

// roll waits for the end of what is said: the key, a pause, or a full tape. When
// a telephone sends nothing at all while nobody speaks, the time tells.
func (l *leg) roll(ctx context.Context, t *tape, r ivr.Record) (byKey bool, err error) {
	last := time.Now().Add(r.Max + r.Pause)
	for time.Now().Before(last) {
		k, err := l.key(ctx, tapeTick)
		switch {
		case err == nil && string(k) == r.Finish:
			return true, nil
		case err != nil && (!errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil):
			return false, err
		case t.over(r.Pause), l.stream.Silence() >= r.Pause:
			return false, nil
		}
	}
	return false, nil
}
