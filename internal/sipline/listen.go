package sipline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// The limits of listeners.
const (
	maxStreams       = 256 // TCP and TLS connections, all sources together
	maxStreamsSource = 16
	streamIdle       = 5 * time.Minute  // between messages
	streamMessage    = 10 * time.Second // within a message, and for a TLS handshake
	retryFirst       = 5 * time.Millisecond
	retryMost        = time.Second
	retryReads       = 100 // in a row, before a socket is given up
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

// streams is a listener for connections, those that come in and those that
// we make: both are handed to sipgo by Accept, and both are guarded. It lives
// until it is closed; that a socket cannot accept just now is waited out.
type streams struct {
	inner net.Listener // nil when we only make connections
	addr  net.Addr
	guard *guard
	log   *slog.Logger
	wrap  func(net.Conn) net.Conn // TLS

	in     chan *made
	closed chan struct{}
	once   sync.Once
	up     chan struct{} // closed when sipgo accepts
	first  sync.Once
	last   *made // handed over by Accept; sipgo knows it when it comes back

	mu    sync.Mutex
	count int
	by    map[netip.Addr]int
	calls map[netip.AddrPort]chan struct{} // connections being made
}

// A made connection is on its way to sipgo.
type made struct {
	conn net.Conn
	done chan struct{}
}

func newStreams(inner net.Listener, addr net.Addr, g *guard, log *slog.Logger) *streams {
	return &streams{
		inner: inner, addr: addr, guard: g, log: log, wrap: func(c net.Conn) net.Conn { return c },
		in: make(chan *made), closed: make(chan struct{}), up: make(chan struct{}), by: map[netip.Addr]int{}, calls: map[netip.AddrPort]chan struct{}{},
	}
}

// run accepts connections until the listener is closed.
func (s *streams) run() error {
	if s.inner == nil {
		<-s.closed
		return nil
	}
	wait := retryFirst
	for {
		conn, err := s.inner.Accept()
		switch {
		case s.isClosed():
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("accept: %w", err)
		case err != nil:
			// Out of file descriptors, most likely: others will be closed.
			s.log.Warn("connection not accepted", "err", err)
			<-time.After(wait)
			wait = min(2*wait, retryMost)
			continue
		}
		wait = retryFirst
		s.take(conn)
	}
}

// take lets a connection in, or closes it without a word.
func (s *streams) take(conn net.Conn) {
	src := addrPort(conn.RemoteAddr()).Addr()
	if _, known := s.guard.knows(src); !known {
		s.guard.counts.denied.Add(1)
		_ = conn.Close()
		return
	}
	free, ok := s.reserve(src)
	if !ok {
		s.guard.counts.flooded.Add(1)
		_ = conn.Close()
		return
	}
	f := s.framed(s.wrap(conn), free)
	f.wait = streamMessage // whoever connects has something to say
	s.hand(&made{conn: f, done: make(chan struct{})})
}

// hand gives a connection to sipgo.
func (s *streams) hand(m *made) bool {
	select {
	case s.in <- m:
		return true
	case <-s.closed:
		_ = m.conn.Close()
		return false
	}
}

// reserve counts a connection, if there is room for one more.
func (s *streams) reserve(src netip.Addr) (free func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count >= maxStreams || s.by[src] >= maxStreamsSource {
		return nil, false
	}
	s.count++
	s.by[src]++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.count--
		if s.by[src]--; s.by[src] == 0 {
			delete(s.by, src)
		}
	}), true
}

// dialing reports whether the caller is the first who connects to an address;
// the others wait until the channel is closed.
func (s *streams) dialing(to netip.AddrPort) (done <-chan struct{}, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.calls[to]; c != nil {
		return c, false
	}
	s.calls[to] = make(chan struct{})
	return s.calls[to], true
}

func (s *streams) dialled(to netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.calls[to])
	delete(s.calls, to)
}

// connect makes a connection and returns when sipgo knows it.
func (s *streams) connect(ctx context.Context, to netip.AddrPort, wrap func(net.Conn) net.Conn) error {
	d := net.Dialer{Timeout: dialWithin}
	conn, err := d.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return fmt.Errorf("connect to %s: %w", to, err)
	}
	m := &made{conn: s.framed(wrap(conn), func() {}), done: make(chan struct{})}
	if !s.hand(m) {
		return net.ErrClosed
	}
	select {
	case <-m.done:
		return nil
	case <-s.closed:
		return net.ErrClosed
	}
}

// Accept implements [net.Listener] for sipgo, which calls it from one
// goroutine and has stored the last connection when it calls again.
func (s *streams) Accept() (net.Conn, error) {
	s.first.Do(func() { close(s.up) })
	if s.last != nil {
		close(s.last.done)
	}
	select {
	case s.last = <-s.in:
		return s.last.conn, nil
	case <-s.closed:
		s.last = nil
		return nil, net.ErrClosed
	}
}

// Addr implements [net.Listener].
func (s *streams) Addr() net.Addr { return s.addr }

// Close implements [net.Listener].
func (s *streams) Close() error {
	s.once.Do(func() { close(s.closed) })
	if s.inner == nil {
		return nil
	}
	return s.inner.Close()
}

func (s *streams) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}
