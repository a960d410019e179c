package media

import (
	"encoding/binary"
	"strings"
)

// keyNames lists the keys by their event codes (RFC 4733, table 3).
const keyNames = "0123456789*#ABCD"

// eventBytes is the length of a telephone-event (RFC 4733, 2.3).
const eventBytes = 4

// An event is the state of one key in one packet.
type event struct {
	code byte
	end  bool
	dur  uint16
}

func parseEvent(b []byte) (event, bool) {
	if len(b) < eventBytes || int(b[0]) >= len(keyNames) {
		return event{}, false
	}
	return event{code: b[0], end: b[1]&0x80 != 0, dur: binary.BigEndian.Uint16(b[2:])}, true
}

func (e event) write(b []byte) {
	b[0], b[1] = e.code, 10 // the volume is -10 dBm0
	if e.end {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], e.dur)
}

// A keypad turns the many packets of a key into one press: the first that is
// seen of it counts, be it the start, an update or the end.
type keypad struct {
	seen bool
	ssrc uint32
	seq  uint16
	ts   uint32
	last event
}

// hear returns the key when a packet is the first one of a press.
func (k *keypad) hear(p *packet) (byte, bool) {
	e, ok := parseEvent(p.payload)
	if !ok {
		return 0, false
	}
	if k.seen && p.ssrc == k.ssrc && !newer(p.seq, k.seq) {
		return 0, false // late or twice
	}
	fresh := !k.seen || p.ssrc != k.ssrc
	if !fresh && k.stale(p) {
		return 0, false
	}
	fresh = fresh || !k.goesOn(p, e)
	*k = keypad{seen: true, ssrc: p.ssrc, seq: p.seq, ts: p.ts, last: e}
	return keyNames[e.code], fresh
}

// reach is how many packets a late one may be behind the newest: 20 s.
const reach = 1000

// pass notes a packet that has come. Of two numbers that lie half of all numbers
// apart nobody can tell which is newer: a key that is pressed eleven minutes
// after the last one would be taken for a late packet.
func (k *keypad) pass(p *packet) {
	if k.seen && p.ssrc == k.ssrc && newer(p.seq-reach, k.seq) {
		k.seq = p.seq - reach
	}
}

// staleSpan is how far back a timestamp is one of an earlier press: 10 s.
const staleSpan = 10 * 8000

// stale reports whether a packet belongs to a press before the last one.
func (k *keypad) stale(p *packet) bool {
	back := int32(k.ts - p.ts)
	return back > 0 && back < staleSpan
}

// goesOn reports whether a packet belongs to the press before it.
func (k *keypad) goesOn(p *packet, e event) bool {
	if e.code != k.last.code {
		return false
	}
	gap := p.ts - k.ts
	if gap == 0 {
		// Some senders write one timestamp for ever: then a new press is
		// known by its duration, which starts again from nothing.
		return e.dur >= k.last.dur && (e.end || !k.last.end)
	}
	// A press cannot begin before the last one is over. So this is a sender
	// that advances the timestamp in every packet, or the next segment of a
	// long press (RFC 4733, 2.5.1.3).
	if gap <= uint32(max(k.last.dur, FrameBytes)) {
		return true
	}
	return gap == 0xffff && !k.last.end
}

// validKeys reports whether all of keys can be pressed.
func validKeys(keys string) bool {
	return strings.Trim(keys, keyNames) == ""
}
