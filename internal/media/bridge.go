package media

import "time"

// lull is how long a bridge may be silent before we fill the gap with
// silence, so that the path stays open.
const lull = 200 * time.Millisecond

// A link is one stream's half of a bridge. Packets of the far end leave with
// our source number, and with sequence numbers and timestamps shifted so that
// they go on from ours.
type link struct {
	far    *Stream
	last   time.Time // when something was passed on
	known  bool      // ssrc and ts are of the far end
	ssrc   uint32
	broken bool // something else was sent since: shift seq anew
	seq    uint16
	ts     uint32
}

// busy reports whether the far end is speaking.
func (l *link) busy(now time.Time) bool {
	return l.far != nil && now.Sub(l.last) < lull
}

// Bridge passes sound and keys between two streams until Unbridge or Close.
// Packets go as they came when both ends have the same codec. A sound that is
// played on a bridged stream is heard instead of the far end. A key that was
// pressed before, as the one that takes a call, is not passed on, however long
// it is held: it was an answer to us.
func (s *Stream) Bridge(far *Stream) {
	if s == far {
		return
	}
	s.Unbridge()
	far.Unbridge()
	s.join(far)
	far.join(s)
}

func (s *Stream) join(far *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.link = link{far: far, last: time.Now()}
	s.engine.wheel.listenOften(s, true)
}

// musicAfter is how long nothing has to come from a far end that holds us until
// the peer hears our music: a telephone may play its own (RFC 3264, 8.4), but one
// that says "inactive" never does, and many that say "sendonly" do not either.
const musicAfter = 500 * time.Millisecond

// Music is what the peer hears, over and over, while the far end of a bridge has
// put us on hold and sends nothing itself: a sound in the codec of the stream, or
// nothing.
func (s *Stream) Music(clip []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.music = nil; len(clip) > 0 {
		s.music = &sound{clips: [][]byte{clip}, codec: s.session.codec, again: true}
	}
}

// playMusic sends the next frame of it, and reports whether there was one.
func (s *Stream) playMusic(now time.Time) bool {
	if s.music == nil || s.link.far == nil || !s.link.far.holds.Load() || now.Sub(s.link.last) < musicAfter {
		return false
	}
	s.music.frame(s.pkt[headBytes:], s.session.codec)
	s.sendFrame(now)
	return true
}

// Unbridge parts the stream from the one it is bridged with.
func (s *Stream) Unbridge() {
	if far := s.part(nil); far != nil {
		far.part(s)
	}
}

// part ends this half of the bridge, if it is with far or far is nil.
func (s *Stream) part(far *Stream) *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.link.far
	if was == nil || (far != nil && was != far) {
		return nil
	}
	s.link = link{}
	s.engine.wheel.listenOften(s, false)
	return was
}

// relay sends a packet that another stream has received, if that is the far
// end of the bridge. The header is written over the old one, right before the
// payload. A key becomes a tone for a peer without telephone-events.
func (s *Stream) relay(it *item, from *Stream, now time.Time) {
	if !s.relayed(it, from, now) && it.key != 0 {
		s.pressOn(it.key)
	}
}

// relayed reports false when the peer has no name for such packets.
func (s *Stream) relayed(it *item, from *Stream, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.link.far != from || s.sound != nil || s.press != nil || !s.session.maySpeak() {
		return true
	}
	kind, ok := s.session.typeOf(it.kind)
	if !ok {
		return false
	}
	if it.kind == audio {
		transcode(it.packet.payload, it.codec, s.session.codec)
	}
	h := s.shifted(&it.packet)
	h.kind = kind
	b := it.packet.raw[it.packet.head-headBytes : it.packet.head+len(it.packet.payload)]
	h.write(b)
	s.idle, s.link.last = false, now
	s.dispatch(b, now)
	return true
}

// shifted returns the header that continues our own numbering.
func (s *Stream) shifted(p *packet) head {
	l := &s.link
	if !l.known || l.ssrc != p.ssrc {
		l.known, l.ssrc, l.broken = true, p.ssrc, true
		l.ts = s.out.ts - p.ts
	}
	if l.broken {
		// The timestamp keeps its shift: a key that is going on would
		// otherwise become another one.
		l.broken, l.seq = false, s.out.seq-p.seq
	}
	h := head{marker: p.marker, ssrc: s.out.ssrc, seq: p.seq + l.seq, ts: p.ts + l.ts}
	if !newer(s.out.seq, h.seq) {
		s.out.seq = h.seq + 1
	}
	// Our own clock goes on behind the last timestamp that was passed on.
	if int32(h.ts-s.out.ts) > 0 {
		s.out.ts = h.ts
	}
	return h
}
