package sipline

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// packets is a packet socket that hands over only what the guard lets pass.
// It lives until it is closed: what the guard drops never reaches sipgo, and
// errors of single reads are no reason to stop hearing everybody. Even when it
// has died sipgo is not told before the line closes: it would open a socket of
// its own, unguarded, for what it has yet to answer.
type packets struct {
	net.PacketConn
	guard *guard
	log   *slog.Logger
	once  sync.Once
	up    chan struct{} // closed when sipgo reads: only then can calls leave by it
	died  chan error    // takes one value
	shut  chan struct{} // closed by close
	ended sync.Once
	run   sync.WaitGroup
}

func newPackets(conn net.PacketConn, g *guard, log *slog.Logger) *packets {
	return &packets{
		PacketConn: conn, guard: g, log: log,
		up: make(chan struct{}), died: make(chan error, 1), shut: make(chan struct{}),
	}
}

// serve returns when the socket has died, or is closed.
func (p *packets) serve(handle func(net.PacketConn) error) error {
	ended := make(chan error, 1)
	p.run.Go(func() { ended <- handle(p) })
	select {
	case err := <-p.died:
		return err
	case err := <-ended:
		return err
	}
}

// close gives the socket back.
func (p *packets) close() error {
	p.ended.Do(func() { close(p.shut) })
	err := p.Close()
	p.run.Wait()
	return err
}

// die tells that nothing can be read any more.
func (p *packets) die(err error) error {
	err = fmt.Errorf("read packets: %w", err)
	select {
	case p.died <- err:
	default: // told already
	}
	<-p.shut
	return err
}

// ReadFrom returns the next message that may enter.
func (p *packets) ReadFrom(b []byte) (int, net.Addr, error) {
	p.once.Do(func() { close(p.up) })
	for failed := 0; ; {
		n, addr, err := p.PacketConn.ReadFrom(b)
		if err != nil {
			if failed++; errors.Is(err, net.ErrClosed) || failed > retryReads {
				return 0, nil, p.die(err)
			}
			p.log.Warn("packet not read", "err", err)
			<-time.After(retryFirst)
			continue
		}
		failed = 0
		src := addrPort(addr)
		v := p.guard.judge(src, b[:n])
		if v.pass {
			return n, addr, nil
		}
		if len(v.answer) > 0 {
			// Lost answers are asked for again; there is nobody to tell.
			_, _ = p.WriteTo(v.answer, net.UDPAddrFromAddrPort(v.to))
		}
	}
}

// addrPort returns the address of a peer; IPv4 is always plain.
func addrPort(a net.Addr) netip.AddrPort {
	var ap netip.AddrPort
	switch a := a.(type) {
	case *net.UDPAddr:
		ap = a.AddrPort()
	case *net.TCPAddr:
		ap = a.AddrPort()
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
