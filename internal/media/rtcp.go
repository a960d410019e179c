package media

import (
	"encoding/binary"
	"time"
)

// RTCP packet types (RFC 3550, 12.1).
const (
	senderReport   = 200
	receiverReport = 201
	description    = 202
	goodbye        = 203
)

// reportBytes is the length of one report block (RFC 3550, 6.4.1).
const reportBytes = 24

// readEvery is how often a stream looks for reports of the peer.
const readEvery = time.Second

// control reads and sends reports. The caller holds s.mu.
func (s *Stream) control(in *inbox, now time.Time) {
	r := &s.reports
	if now.Sub(r.read) >= readEvery {
		r.read = now
		s.readReports(in, now)
	}
	if r.due.IsZero() {
		r.due = r.next(now)
	}
	if now.Before(r.due) {
		return
	}
	r.due = r.next(now)
	s.sendReport(now, false)
}

// readReports takes reports from the peer's host only. They change figures, are
// a sign of life of who says nothing (RFC 3550, 6.2: a gateway that leaves
// silence out may send nothing else for minutes), and are never answered.
func (s *Stream) readReports(in *inbox, now time.Time) {
	n := in.read(s.pair.rtcp, batch)
	for i := range n {
		b, from := in.packet(i)
		if from.Addr() != s.source.from().Addr() {
			s.stats.Foreign++
			continue
		}
		if !s.reports.take(b, s.out.ssrc, now) {
			s.stats.Malformed++
			continue
		}
		if !parting(b) {
			s.arrives(now)
		}
	}
}

// take reads a compound packet (RFC 3550, 6.1) and reports whether it is one.
func (r *reports) take(b []byte, ours uint32, now time.Time) bool {
	for len(b) > 0 {
		if len(b) < 8 || b[0]>>6 != 2 {
			return false
		}
		n := 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1)
		if n > len(b) || n < 8 {
			return false
		}
		r.takeOne(b[:n], ours, now)
		b = b[n:]
	}
	return true
}

func (r *reports) takeOne(b []byte, ours uint32, now time.Time) {
	blocks := b[8:]
	switch b[1] {
	case receiverReport:
	case senderReport:
		if len(b) < 28 {
			return
		}
		r.senderReport, r.senderAt = binary.BigEndian.Uint32(b[10:]), now
		blocks = b[28:]
	default:
		return
	}
	for range b[0] & 31 {
		if len(blocks) < reportBytes {
			return
		}
		if binary.BigEndian.Uint32(blocks) == ours {
			r.takeBlock(blocks, now)
		}
		blocks = blocks[reportBytes:]
	}
}

// parting reports whether a compound packet, which is one, says goodbye.
func parting(b []byte) bool {
	for len(b) > 0 {
		if b[1] == goodbye {
			return true
		}
		b = b[4*(int(binary.BigEndian.Uint16(b[2:]))+1):]
	}
	return false
}

// takeBlock reads what the peer says of our packets.
func (r *reports) takeBlock(b []byte, now time.Time) {
	r.farLost = int64(int32(binary.BigEndian.Uint32(b[4:])<<8) >> 8)
	r.farJitter = binary.BigEndian.Uint32(b[12:])
	last, delay := binary.BigEndian.Uint32(b[16:]), binary.BigEndian.Uint32(b[20:])
	if last == 0 {
		return
	}
	// RFC 3550, 6.4.1: in units of 1/65536 s.
	if trip := int32(middle(now) - last - delay); trip >= 0 {
		r.roundTrip = time.Duration(trip) * time.Second >> 16
	}
}

// ntpEpoch is the second of 1970 in NTP time (RFC 3550, 4).
const ntpEpoch = 2208988800

func ntp(t time.Time) (sec, frac uint32) {
	return uint32(t.Unix() + ntpEpoch), uint32(uint64(t.Nanosecond()) << 32 / 1e9)
}

// middle is the middle of an NTP timestamp (RFC 3550, 4).
func middle(t time.Time) uint32 {
	sec, frac := ntp(t)
	return sec<<16 | frac>>16
}

// sendReport sends a report with our name, and a goodbye at the end. The
// caller holds s.mu.
func (s *Stream) sendReport(now time.Time, bye bool) {
	if !s.session.remote.IsValid() || s.session.off {
		return
	}
	var buf [128]byte
	b := s.reports.write(buf[:0], s.out.ssrc, now)
	if bye {
		b = append(b, 0x81, goodbye, 0, 1)
		b = binary.BigEndian.AppendUint32(b, s.out.ssrc)
	}
	to := newTarget(s.controlAddr())
	s.pair.rtcp.send(b, &to)
}

// farewell is sent when the stream closes, if anything was sent before
// (RFC 3550, 6.6).
func (s *Stream) farewell() {
	if s.reports.packets > 0 {
		s.sendReport(time.Now(), true)
	}
}

// write appends a compound packet: a report and our name (RFC 3550, 6.1).
func (r *reports) write(b []byte, ssrc uint32, now time.Time) []byte {
	kind, words, count := byte(receiverReport), uint16(1), byte(0)
	if r.packets > 0 {
		kind, words = senderReport, 6
	}
	if r.known {
		words, count = words+reportBytes/4, 1
	}
	b = append(b, 0x80|count, kind)
	b = binary.BigEndian.AppendUint16(b, words)
	b = binary.BigEndian.AppendUint32(b, ssrc)
	if kind == senderReport {
		b = r.writeSender(b, now)
	}
	if r.known {
		b = r.writeBlock(b, now)
	}
	return r.writeName(b, ssrc)
}

func (r *reports) writeSender(b []byte, now time.Time) []byte {
	sec, frac := ntp(now)
	b = binary.BigEndian.AppendUint32(b, sec)
	b = binary.BigEndian.AppendUint32(b, frac)
	b = binary.BigEndian.AppendUint32(b, r.ts+uint32(now.Sub(r.tsAt)*8/time.Millisecond))
	b = binary.BigEndian.AppendUint32(b, r.packets)
	return binary.BigEndian.AppendUint32(b, r.octets)
}

func (r *reports) writeBlock(b []byte, now time.Time) []byte {
	b = binary.BigEndian.AppendUint32(b, r.ssrc)
	lost := uint32(min(r.lost(), 0x7fffff))
	b = binary.BigEndian.AppendUint32(b, uint32(r.fraction())<<24|lost)
	b = binary.BigEndian.AppendUint32(b, r.highest)
	b = binary.BigEndian.AppendUint32(b, r.jitter>>4)
	if r.senderAt.IsZero() {
		return append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	b = binary.BigEndian.AppendUint32(b, r.senderReport)
	return binary.BigEndian.AppendUint32(b, uint32(now.Sub(r.senderAt)<<16/time.Second))
}

// writeName appends a description with our CNAME (RFC 3550, 6.5).
func (r *reports) writeName(b []byte, ssrc uint32) []byte {
	item := 2 + len(r.name)
	pad := 4 - item%4 // at least one byte ends the list
	b = append(b, 0x81, description)
	b = binary.BigEndian.AppendUint16(b, uint16(1+(item+pad)/4))
	b = binary.BigEndian.AppendUint32(b, ssrc)
	b = append(append(b, 1, byte(len(r.name))), r.name...)
	return append(b, make([]byte, pad)...)
}
