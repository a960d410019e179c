//go:build !linux || portable

package media

import (
	"net"
	"net/netip"
)

// batch is how many packets are read from a socket in one go.
const batch = 8

// backlog is how many packets are ready for the wheel.
const backlog = 64

// receiveBuffer bounds what the kernel keeps behind them, in bytes.
const receiveBuffer = 208 << 10

// A socket is a UDP socket with a reader of its own, which has the next few
// packets ready for the wheel. It is correct everywhere; on Linux there is a
// faster one.
type socket struct {
	conn *net.UDPConn
	in   chan datagram
	quit chan struct{}
	done chan struct{}
}

type datagram struct {
	from netip.AddrPort
	n    int
	buf  [packetBytes]byte
}

func listen(addr netip.AddrPort) (*socket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	// Without it calls go through all the same.
	_ = conn.SetReadBuffer(receiveBuffer)
	s := &socket{conn: conn, in: make(chan datagram, backlog), quit: make(chan struct{}), done: make(chan struct{})}
	go s.receive()
	return s, nil
}

func (s *socket) receive() {
	defer close(s.done)
	var d datagram
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(d.buf[:])
		if err != nil {
			return
		}
		d.n, d.from = n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		select {
		case s.in <- d:
		case <-s.quit:
			return
		}
	}
}

func (s *socket) close() {
	_ = s.conn.Close()
	close(s.quit)
	<-s.done
}

type target struct{ addr netip.AddrPort }

func newTarget(a netip.AddrPort) target { return target{a} }

// send sends one packet. A packet that is not taken is lost, as it might be
// anywhere on its way.
func (s *socket) send(b []byte, to *target) bool {
	if !to.addr.IsValid() {
		return false
	}
	_, err := s.conn.WriteToUDPAddrPort(b, to.addr)
	return err == nil
}

// An inbox is where packets are read to, a few at a time. There is one for
// all streams.
type inbox struct {
	all   [batch]datagram
	items [batch]item // what they are
}

func newInbox() *inbox { return &inbox{} }

// read takes what has come to a socket, without waiting, and returns how many
// packets that are. It looks for a few at most.
func (in *inbox) read(s *socket, most int) int {
	for i := range most {
		select {
		case in.all[i] = <-s.in:
		default:
			return i
		}
	}
	return most
}

// packet returns the i-th packet read and where it came from.
func (in *inbox) packet(i int) ([]byte, netip.AddrPort) {
	return in.all[i].buf[:in.all[i].n], in.all[i].from
}
