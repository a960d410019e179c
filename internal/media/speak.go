package media

import (
	"time"
)

// speak sends the packet of this turn, if there is one.
func (s *Stream) speak(now time.Time, round uint32) {
	s.advance(round)
	if !s.session.maySpeak() {
		s.idle = true
		return
	}
	switch {
	case s.press != nil && s.session.hasEvents:
		s.sendKey(now)
	case s.say(now):
	case s.link.busy(now):
		s.idle = true
	case s.playMusic(now):
	case s.engine.config.Mute:
		s.idle = true
	default:
		s.sendSilence(now)
	}
}

// advance moves our timestamp on by the time that has passed on the wheel,
// whether or not anything was sent (RFC 3550, 5.1).
func (s *Stream) advance(round uint32) {
	if passed := round - s.round; s.round != 0 {
		s.out.ts += passed * FrameBytes
	}
	s.round = round
}

func (s *Stream) sendSilence(now time.Time) {
	frame, silence := s.pkt[headBytes:], s.session.codec.Silence()
	for i := range frame {
		frame[i] = silence
	}
	s.sendFrame(now)
}

// sendFrame sends the sound that is in s.pkt.
func (s *Stream) sendFrame(now time.Time) {
	h := s.out
	h.kind = s.session.audioType
	h.marker = s.idle // RFC 3551, 4.1: the first packet after a pause
	s.send(s.pkt[:], h, now)
}

// send writes the header before a payload and sends the packet. Our sequence
// number counts on.
func (s *Stream) send(b []byte, h head, now time.Time) {
	h.write(b)
	s.out.seq++
	s.idle = false
	s.link.broken = true
	s.dispatch(b, now)
}

func (s *Stream) dispatch(b []byte, now time.Time) {
	if s.pair.rtp.send(b, &s.target) {
		s.stats.Sent++
		s.reports.sent(b, now)
	}
}
