package media

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// reportEvery is the mean time between two reports (RFC 3550, 6.2).
const reportEvery = 5 * time.Second

// maxJump is the gap of sequence numbers above which the peer has begun to
// count anew (RFC 3550, A.1).
const maxJump = 3000

// reports keeps what RTCP tells and is told.
type reports struct {
	name string // ours, random so that it tells nothing (RFC 7022)
	due  time.Time
	read time.Time

	// Of our packets.
	packets, octets uint32
	ts              uint32
	tsAt            time.Time

	// Of the peer's packets (RFC 3550, A.3 and A.8).
	known    bool
	ssrc     uint32
	base     uint32
	highest  uint32 // with the cycles in its upper half
	received uint32
	before   int64 // lost under earlier numbering
	expected uint32
	had      uint32
	transit  uint32
	timed    bool
	jitter   uint32 // scaled by 16

	// From the peer's reports.
	senderReport uint32 // the middle of its time of sending
	senderAt     time.Time
	farLost      int64
	farJitter    uint32
	roundTrip    time.Duration
}

func newReports() reports {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	name := make([]byte, 16)
	for i := range name {
		name[i] = letters[rand.IntN(len(letters))]
	}
	return reports{name: string(name)}
}

// sent counts a packet of ours.
func (r *reports) sent(b []byte, now time.Time) {
	r.packets++
	r.octets += uint32(len(b) - headBytes)
	r.ts, r.tsAt = binary.BigEndian.Uint32(b[4:]), now
}

// count takes note of a packet of the peer.
func (r *reports) count(p *packet, kind itemKind, now time.Time) {
	if !r.known || p.ssrc != r.ssrc || r.jumped(p.seq) {
		r.restart(p)
	}
	if newer(p.seq, uint16(r.highest)) {
		r.highest += uint32(p.seq - uint16(r.highest))
	}
	r.received++
	// All packets of a key bear one timestamp, so they say nothing of jitter.
	if kind == audio {
		r.time(p.ts, now)
	}
}

func (r *reports) jumped(seq uint16) bool {
	gap := int16(seq - uint16(r.highest))
	return gap > maxJump || gap < -maxJump
}

func (r *reports) restart(p *packet) {
	r.before = r.lost()
	r.known, r.timed, r.ssrc = true, false, p.ssrc
	r.base, r.highest = uint32(p.seq), uint32(p.seq)
	r.received, r.expected, r.had = 0, 0, 0
}

// time updates the jitter (RFC 3550, A.8).
func (r *reports) time(ts uint32, now time.Time) {
	transit := uint32(now.UnixMicro()/125) - ts
	if r.timed {
		d := int32(transit - r.transit)
		r.jitter += uint32(max(d, -d)) - (r.jitter+8)>>4
	}
	r.transit, r.timed = transit, true
}

// lost returns how many packets of the peer never came (RFC 3550, A.3).
func (r *reports) lost() int64 {
	if !r.known {
		return r.before
	}
	return r.before + max(int64(r.highest)-int64(r.base)+1-int64(r.received), 0)
}

// fraction returns the share of packets lost since it was called last, in
// parts of 256 (RFC 3550, A.3).
func (r *reports) fraction() byte {
	expected := r.highest - r.base + 1
	missed := int64(expected-r.expected) - int64(r.received-r.had)
	interval := int64(expected - r.expected)
	r.expected, r.had = expected, r.received
	if interval <= 0 || missed <= 0 {
		return 0
	}
	return byte(min(missed<<8/interval, 255))
}

// next returns when the next report is due: at a random moment, so that
// reports of many calls do not come together (RFC 3550, 6.3.1).
func (r *reports) next(now time.Time) time.Time {
	return now.Add(reportEvery/2 + rand.N(reportEvery))
}
