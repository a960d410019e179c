//go:build !portable

package media

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batch is how many packets are read from a socket by one system call.
const batch = 8

// receiveBuffer bounds what the kernel keeps of a flood, in bytes. It counts much
// more for a packet than there is in it: this is ten seconds of a call, and all
// that the kernel allows by default.
const receiveBuffer = 208 << 10

// expedited is the mark of voice, DSCP EF (RFC 3246).
const expedited = 0xb8

// A socket is a UDP socket that never blocks. The runtime's poller does not
// know it: otherwise every packet would wake a thread for nothing, since the
// wheel looks at all sockets in its own time.
type socket struct{ fd int }

func listen(addr netip.AddrPort) (*socket, error) {
	family := unix.AF_INET
	if addr.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	// Without these two calls go through all the same.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer)
	mark(fd, family)
	if err := unix.Bind(fd, sockaddr(addr)); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return &socket{fd}, nil
}

func mark(fd, family int) {
	if family == unix.AF_INET6 {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, expedited)
		return
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TOS, expedited)
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is6() {
		return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
	}
	return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
}

func (s *socket) close() { _ = unix.Close(s.fd) }

// A target is an address in the form the kernel wants, written once and not
// for every packet.
type target struct {
	raw [unix.SizeofSockaddrInet6]byte
	n   uintptr
}

func newTarget(a netip.AddrPort) (t target) {
	if !a.IsValid() {
		return t
	}
	binary.BigEndian.PutUint16(t.raw[2:], a.Port())
	if a.Addr().Is6() {
		binary.NativeEndian.PutUint16(t.raw[:], unix.AF_INET6)
		ip := a.Addr().As16()
		copy(t.raw[8:], ip[:])
		t.n = unix.SizeofSockaddrInet6
		return t
	}
	binary.NativeEndian.PutUint16(t.raw[:], unix.AF_INET)
	ip := a.Addr().As4()
	copy(t.raw[4:], ip[:])
	t.n = unix.SizeofSockaddrInet4
	return t
}

func readSockaddr(raw *[unix.SizeofSockaddrInet6]byte) netip.AddrPort {
	port := binary.BigEndian.Uint16(raw[2:])
	if binary.NativeEndian.Uint16(raw[:]) == unix.AF_INET6 {
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(raw[8:24])).Unmap(), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(raw[4:8])), port)
}

// send sends one packet. A packet that the kernel does not take is lost, as
// it might be anywhere on its way.
func (s *socket) send(b []byte, to *target) bool {
	if to.n == 0 || len(b) == 0 {
		return false
	}
	_, _, e := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd),
		uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL,
		uintptr(unsafe.Pointer(&to.raw[0])), to.n)
	return e == 0
}

type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
}

// An inbox is where packets are read to, a few at a time. There is one for
// all streams.
type inbox struct {
	msgs  [batch]mmsghdr
	iovs  [batch]unix.Iovec
	names [batch][unix.SizeofSockaddrInet6]byte
	bufs  [batch][packetBytes]byte
	items [batch]item // what they are
}

func newInbox() *inbox {
	in := &inbox{}
	for i := range in.msgs {
		in.iovs[i].Base = &in.bufs[i][0]
		in.iovs[i].SetLen(packetBytes)
		in.msgs[i].hdr.Iov = &in.iovs[i]
		in.msgs[i].hdr.SetIovlen(1)
		in.msgs[i].hdr.Name = &in.names[i][0]
	}
	return in
}

// read takes what has come to a socket, without waiting, and returns how many
// packets that are. It looks for a few at most: it costs the kernel less to
// take one, or just as many as there are, than to look for more.
func (in *inbox) read(s *socket, most int) int {
	if most == 1 {
		return in.readOne(s)
	}
	for i := range most {
		in.msgs[i].hdr.Namelen = unix.SizeofSockaddrInet6
	}
	n, _, e := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(s.fd),
		uintptr(unsafe.Pointer(&in.msgs[0])), uintptr(most), unix.MSG_DONTWAIT, 0, 0)
	if e != 0 {
		return 0
	}
	return int(n)
}

func (in *inbox) readOne(s *socket) int {
	size := uint32(unix.SizeofSockaddrInet6)
	n, _, e := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.fd),
		uintptr(unsafe.Pointer(&in.bufs[0][0])), packetBytes, unix.MSG_DONTWAIT,
		uintptr(unsafe.Pointer(&in.names[0][0])), uintptr(unsafe.Pointer(&size)))
	if e != 0 {
		return 0
	}
	in.msgs[0].n = uint32(n)
	return 1
}

// packet returns the i-th packet read and where it came from.
func (in *inbox) packet(i int) ([]byte, netip.AddrPort) {
	return in.bufs[i][:min(in.msgs[i].n, packetBytes)], readSockaddr(&in.names[i])
}
