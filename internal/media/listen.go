package media

import (
	"net/netip"
	"time"
)

// maxReads bounds how many batches of one stream are read in one turn, so
// that a flood on one call costs the others nothing.
const maxReads = 4

// lookForMore is after how many turns a stream looks for more than one packet.
const lookForMore = 4

// An item is a packet that is passed on once the stream is unlocked.
type item struct {
	packet packet
	codec  Codec
	kind   itemKind
	key    byte // that was pressed with this packet; 0 for none
	way    way  // in which it was
}

type itemKind byte

const (
	nothing itemKind = iota
	audio
	keyEvent
)

// listen reads what has come. What goes further, to the tap and to the far
// end of a bridge, goes there without the lock: no goroutine ever holds the
// locks of two streams.
func (s *Stream) listen(in *inbox, now time.Time) {
	s.reading.Lock() // what came first is passed on first, whoever reads
	defer s.reading.Unlock()
	for range maxReads {
		n, tap, far := s.receive(in, now)
		for i := range n {
			s.pass(&in.items[i], tap, far, now)
		}
		s.attend(in.items[:n], now)
		if n < batch {
			return
		}
	}
}

// attend takes the keys that were read. What was said before them has been
// passed on by now: whoever takes it down may stop at a key.
func (s *Stream) attend(read []item, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range read {
		if it := &read[i]; it.key != 0 {
			s.pressed(it.key, it.way)
		}
	}
	if s.dry {
		s.emptied = now
	}
}

func (s *Stream) pass(i *item, tap func(Codec, uint32, []byte), far *Stream, now time.Time) {
	if i.kind == nothing {
		return
	}
	if tap != nil && i.kind == audio {
		tap(i.codec, i.packet.ts, i.packet.payload)
	}
	if far != nil {
		far.relay(i, s, now)
	}
}

func (s *Stream) receive(in *inbox, now time.Time) (int, func(Codec, uint32, []byte), *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, nil, nil
	}
	n := s.read(in)
	for i := range n {
		in.items[i] = s.take(in, i, now)
	}
	return n, s.tap, s.link.far
}

// read takes what has come. From a peer in good order that is one packet a
// turn, and a key may come beside it: no more are looked for than two; but now
// and then they are, lest one that came early keeps all others waiting.
func (s *Stream) read(in *inbox) int {
	most := batch
	if s.came <= 1 && s.link.far == nil && s.round%lookForMore != 0 {
		most = 2
	}
	s.came = in.read(s.pair.rtp, most)
	s.looks++
	s.dry = s.came < most
	return s.came
}

// take judges one packet.
func (s *Stream) take(in *inbox, i int, now time.Time) (it item) {
	raw, from := in.packet(i)
	p, ok := parse(raw)
	if !ok {
		s.stats.Malformed++
		return it
	}
	kind, codec := s.session.kindOf(p.kind)
	if kind == nothing {
		s.stats.Malformed++
		s.breathe(from, now)
		return it
	}
	settled := s.source.settled
	if !s.source.admit(from, &p) {
		s.stats.Foreign++
		return it
	}
	if s.source.settled != settled {
		s.target = newTarget(s.source.settled)
	}
	it = item{packet: p, kind: kind, codec: codec}
	s.hear(&it, now)
	return it
}

// breathe takes a packet of a kind that was not agreed on, such as comfort
// noise, as a sign of life only: who listens from the first moment on may send
// nothing else.
func (s *Stream) breathe(from netip.AddrPort, now time.Time) {
	if from == s.source.from() {
		s.arrives(now)
	}
}

func (s *Stream) hear(it *item, now time.Time) {
	s.arrives(now)
	s.stats.Received++
	s.reports.count(&it.packet, it.kind, now)
	s.keypad.pass(&it.packet)
	switch {
	case it.kind == keyEvent:
		if key, ok := s.keypad.hear(&it.packet); ok {
			s.ours = s.link.far == nil
			it.key, it.way = key, byEvent
		}
		if s.ours {
			it.kind = nothing // it goes no further
		}
	case s.ear != nil:
		for _, b := range it.packet.payload {
			key, ok := s.ear.hear(it.codec.Decode(b))
			if ok && it.key != 0 {
				s.pressed(it.key, byTone) // a long packet with two of them
			}
			if ok {
				it.key, it.way = key, byTone
			}
		}
	}
}

// hearOut takes what the peer said last and nobody has read yet, for whoever
// takes it down.
func (s *Stream) hearOut() {
	s.mu.Lock()
	tapped := s.tap != nil
	s.mu.Unlock()
	if !tapped {
		return
	}
	in, now := newInbox(), time.Now()
	for first := s.turns(); s.behind(now, first); {
		s.listen(in, now)
	}
}
