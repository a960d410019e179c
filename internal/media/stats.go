package media

import "time"

// Stats counts what a stream has sent and received.
type Stats struct {
	Sent      uint64        // packets sent
	Received  uint64        // packets taken from the peer
	Foreign   uint64        // packets from elsewhere, ignored
	Malformed uint64        // packets that are not RTP, or of no agreed kind
	Lost      int64         // packets of the peer that never came (RFC 3550, A.3)
	Jitter    time.Duration // of the peer's packets (RFC 3550, A.8)
	FarLost   int64         // what the peer reports of our packets
	FarJitter time.Duration // likewise
	RoundTrip time.Duration // RFC 3550, 6.4.1
	KeysLost  uint64        // keys that found the queue full
}

// Stats returns the counts so far.
func (s *Stream) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	r := &s.reports
	st.Lost, st.Jitter = r.lost(), units(r.jitter>>4)
	st.FarLost, st.FarJitter, st.RoundTrip = r.farLost, units(r.farJitter), r.roundTrip
	return st
}

// units turns a count of samples into time.
func units(n uint32) time.Duration { return time.Duration(n) * time.Second / 8000 }
