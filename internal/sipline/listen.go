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
