package media

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
)

// maxKeys is how many keys wait to be read; further ones are dropped.
const maxKeys = 32

// A way is how keys reach us. Peers may send one press in several ways.
type way byte

const (
	noWay way = iota
	byEvent
	byInfo
	byTone
)

// strays is how many presses must come another way, and none the old one,
// before the stream follows: the peer has become another telephone.
const strays = 3

// Key waits for the next key: one of 0-9 * # A B C D. Keys pressed before the
// stream closed are still returned, then io.EOF. Keys that have come before the
// deadline of ctx are returned too, when the wheel was late to read them: that
// nobody has pressed a key is said only when everything was read.
func (s *Stream) Key(ctx context.Context) (byte, error) {
	select {
	case key := <-s.keys:
		return key, nil
	default:
	}
	select {
	case key := <-s.keys:
		return key, nil
	case <-s.gone:
		return s.lastKey(io.EOF)
	case <-ctx.Done():
		if due, ok := ctx.Deadline(); ok && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			s.catchUp(due)
		}
		return s.lastKey(ctx.Err())
	}
}

// lastKey returns a key that waits, or else why none is waited for.
func (s *Stream) lastKey(none error) (byte, error) {
	select {
	case key := <-s.keys:
		return key, nil
	default:
		return 0, none
	}
}

// mostBehind is how many turns a stream may take to read what its socket can
// keep. One that is flooded never has read everything.
const mostBehind = 32

// catchUp waits until all has been read that had come by an instant, or a key
// has.
func (s *Stream) catchUp(due time.Time) {
	look := time.NewTicker(Frame / 2)
	defer look.Stop()
	for first := s.turns(); s.behind(due, first); {
		select {
		case <-look.C:
		case <-s.gone:
		}
	}
}

func (s *Stream) turns() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looks
}

func (s *Stream) behind(due time.Time, first uint32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started && !s.closed && !s.Pending() && s.emptied.Before(due) && s.looks-first < mostBehind
}

// Pending reports whether a key waits to be read.
func (s *Stream) Pending() bool { return len(s.keys) > 0 }

// Flush forgets the keys that wait to be read.
func (s *Stream) Flush() {
	for s.Pending() {
		select {
		case <-s.keys:
		default:
		}
	}
}

// Inject hands in a key that came by SIP INFO. It counts once, even when the
// peer sends it in the media as well. The far end of a bridge gets it too.
func (s *Stream) Inject(key byte) {
	if strings.IndexByte(keyNames, key) < 0 {
		return
	}
	s.mu.Lock()
	counts, far := s.pressed(key, byInfo), s.link.far
	s.mu.Unlock()
	if counts && far != nil {
		far.pressOn(key)
	}
}

// pressed takes a key and ends what is being said. It reports whether the key
// counts. The caller holds s.mu.
func (s *Stream) pressed(key byte, by way) bool {
	if !s.follows(by) {
		return false
	}
	select {
	case s.keys <- key:
	default:
		s.stats.KeysLost++
	}
	if s.sound != nil && !s.sound.deaf {
		s.endSound(ErrKey)
	}
	return true
}

// follows reports whether keys that come this way count. The first way seen
// is kept to, so a press that comes two ways counts once.
func (s *Stream) follows(by way) bool {
	if s.closed {
		return false
	}
	if s.way == noWay || s.way == by {
		s.way, s.strays = by, 0
		return true
	}
	if s.strays++; s.strays < strays {
		return false
	}
	s.way, s.strays = by, 0
	return true
}
