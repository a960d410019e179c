package sipline

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// dialWithin is how long a connection may take to come up.
const dialWithin = 4 * time.Second

// closeWithin is how long the last messages may take when the line closes.
const closeWithin = 5 * time.Second

// settleFor is how long sipgo has for what was let in last, once nothing else
// is: who still has to be answered when the sockets are gone would be answered
// from one that sipgo opens itself.
const settleFor = 20 * time.Millisecond

// A socket is one way in and out.
type socket struct {
	network string
	addr    netip.AddrPort
	listens bool
	up      <-chan struct{} // closed when it is in service
	serve   func() error    // returns when the socket is closed, or dies
	close   func() error
	streams *streams // TCP and TLS
}

// bind opens what is listened on, and makes ready to connect by TCP and TLS.
func (l *Line) bind() error {
	for _, s := range l.conf.Listen {
		e, err := parseEndpoint(s)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		if err := l.listen(e); err != nil {
			return fmt.Errorf("listen on %s: %w", s, err)
		}
	}
	for _, network := range []string{"tcp", "tls"} {
		if l.socket(network, l.sockets[0].addr.Addr()) == nil {
			l.addStreams(network, nil, &net.TCPAddr{IP: l.sockets[0].addr.Addr().AsSlice(), Port: 1})
		}
	}
	return nil
}

func (l *Line) listen(e endpoint) error {
	ctx, stop := context.WithTimeout(context.Background(), dialWithin)
	defer stop()
	var lc net.ListenConfig
	if e.network == "udp" {
		conn, err := lc.ListenPacket(ctx, "udp", e.addr.String())
		if err != nil {
			return err
		}
		l.addPackets(conn)
		return nil
	}
	inner, err := lc.Listen(ctx, "tcp", e.addr.String())
	if err != nil {
		return err
	}
	s := l.addStreams(e.network, inner, inner.Addr())
	if e.network == "tls" {
		cert, err := l.conf.TLS.own()
		if err != nil {
			return fmt.Errorf("certificate: %w", err)
		}
		c := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
		s.wrap = func(conn net.Conn) net.Conn { return tls.Server(conn, c) }
	}
	return nil
}

// addPackets takes a packet socket into service.
func (l *Line) addPackets(conn net.PacketConn) {
	p := newPackets(conn, l.guard, l.log)
	l.sockets = append(l.sockets, &socket{
		network: "udp", addr: addrPort(conn.LocalAddr()), listens: true, up: p.up, close: p.close,
		serve: func() error { return p.serve(l.ua.TransportLayer().ServeUDP) },
	})
}

func (l *Line) addStreams(network string, inner net.Listener, addr net.Addr) *streams {
	s := newStreams(inner, addr, l.guard, l.log)
	tp := l.ua.TransportLayer()
	handle := tp.ServeTCP
	if network == "tls" {
		handle = tp.ServeTLS
	}
	l.sockets = append(l.sockets, &socket{
		network: network, addr: addrPort(addr), listens: inner != nil, up: s.up, streams: s, close: s.Close,
		serve: func() error {
			var w sync.WaitGroup
			var accepted error
			w.Go(func() { accepted = s.run() })
			err := handle(s)
			w.Wait()
			return errors.Join(err, accepted)
		},
	})
	return s
}

// socket returns the socket of a transport by which an address is reached: that
// of its family, if there is one.
func (l *Line) socket(network string, to netip.Addr) *socket {
	var other *socket
	for _, s := range l.sockets {
		switch {
		case s.network != network:
		case s.addr.Addr().Is4() == to.Is4():
			return s
		case other == nil:
			other = s
		}
	}
	return other
}

// clientTLS checks trunks against the authorities that are configured.
func (l *Line) clientTLS(name string) (*tls.Config, error) {
	roots, err := l.conf.TLS.authorities()
	if err != nil {
		return nil, fmt.Errorf("authorities: %w", err)
	}
	return &tls.Config{ServerName: strings.Trim(name, "[]"), MinVersion: tls.VersionTLS12, RootCAs: roots}, nil
}

// tlsClient speaks TLS on a connection of ours.
func tlsClient(conf *tls.Config) func(net.Conn) net.Conn {
	return func(c net.Conn) net.Conn { return tls.Client(c, conf) }
}

// Serve carries calls until ctx is done; then it ends those that are left. A
// listener that dies is an error: the service must not look alive when nobody
// can reach it.
func (l *Line) Serve(ctx context.Context) error {
	calls, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	l.handle(calls)
	died := make(chan error, len(l.sockets)+len(l.engines))
	var sockets, chores sync.WaitGroup
	for _, s := range l.sockets {
		sockets.Go(func() { died <- l.serveSocket(s) })
	}
	for _, e := range l.engines {
		sockets.Go(func() { died <- e.Run(calls) })
	}
	err := l.serving(ctx, died, &chores)
	chores.Wait()
	l.book.drain()
	l.ended.Do(func() { close(l.end) })
	for _, leg := range l.book.legs() {
		_ = leg.Hangup(ctx) // BYE while the sockets are still open
	}
	l.work.wait(closeWithin)
	l.guard.shut.Store(true)
	<-time.After(settleFor)
	stop()
	closing := l.Close()
	sockets.Wait()
	if err != nil {
		return errors.Join(err, closing)
	}
	return nil
}

// serving returns when the line is to end, or has lost a socket.
func (l *Line) serving(ctx context.Context, died <-chan error, chores *sync.WaitGroup) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for _, s := range l.sockets {
		select {
		case <-s.up:
		case err := <-died:
			return fmt.Errorf("sip listener died: %w", err)
		}
	}
	l.chores(ctx, chores)
	l.upped.Do(func() { close(l.up) })
	select {
	case <-ctx.Done():
		return nil
	case err := <-died:
		return fmt.Errorf("sip listener died: %w", err)
	}
}

// serveSocket returns an error even when sipgo has none: it ends silently.
func (l *Line) serveSocket(s *socket) error {
	err := s.serve()
	return fmt.Errorf("%s %s: %w", s.network, s.addr, errors.Join(errEnded, err))
}

var errEnded = errors.New("nobody listens any more")

// Close gives the sockets back. It ends Serve.
func (l *Line) Close() error {
	var errs []error
	for _, s := range l.sockets {
		if err := s.close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, l.ua.Close())...)
}

// handle wires the methods. Each handler is a call's own goroutine.
func (l *Line) handle(ctx context.Context) {
	l.server.OnInvite(l.guarded(func(r *sip.Request, tx sip.ServerTransaction) { l.invited(ctx, r, tx) }))
	l.server.OnAck(l.guarded(func(r *sip.Request, _ sip.ServerTransaction) {
		if leg := l.book.find(r); leg != nil {
			leg.onAck(r)
		}
	}))
	l.server.OnBye(l.within((*leg).onBye))
	l.server.OnUpdate(l.within((*leg).onUpdate))
	l.server.OnInfo(l.within((*leg).onInfo))
	l.server.OnNotify(l.within((*leg).onNotify))
	l.server.OnRefer(l.within((*leg).onRefer))
	l.server.OnCancel(l.guarded(func(r *sip.Request, tx sip.ServerTransaction) {
		// sipgo has matched what can be matched (RFC 3261, 9.2).
		l.respond(tx, sip.NewResponseFromRequest(r, 481, "Call/Transaction Does Not Exist", nil))
	}))
	l.server.OnOptions(l.guarded(l.onOptions))
	l.server.OnNoRoute(l.guarded(func(r *sip.Request, tx sip.ServerTransaction) {
		res := sip.NewResponseFromRequest(r, 405, "Method Not Allowed", nil)
		res.AppendHeader(sip.NewHeader("Allow", allowValue()))
		l.respond(tx, res)
	}))
}

// invited tells a new call from a change to one that there is.
func (l *Line) invited(ctx context.Context, r *sip.Request, tx sip.ServerTransaction) {
	switch {
	case r.To().Params.Has("tag"):
		l.within((*leg).onReinvite)(r, tx)
	case l.book.has(r.CallID().Value()):
		l.reject(r, tx, &rejection{482, "Loop Detected", ""}) // RFC 3261, 8.2.2.2: it came by two ways
	case r.GetHeader("Replaces") != nil:
		l.onReplaces(r, tx)
	default:
		l.onInvite(ctx, r, tx)
	}
}

// within serves a request of a call that there is.
func (l *Line) within(serve func(*leg, *sip.Request, sip.ServerTransaction)) sipgo.RequestHandler {
	return l.guarded(func(r *sip.Request, tx sip.ServerTransaction) {
		leg := l.book.find(r)
		if leg == nil {
			l.respond(tx, sip.NewResponseFromRequest(r, 481, "Call/Transaction Does Not Exist", nil))
			return
		}
		serve(leg, r, tx)
	})
}

// guarded keeps a panic within the request that caused it: sipgo recovers
// from none, and one packet would end the process.
func (l *Line) guarded(h sipgo.RequestHandler) sipgo.RequestHandler {
	return func(r *sip.Request, tx sip.ServerTransaction) {
		defer func() {
			if p := recover(); p != nil {
				l.guard.counts.panics.Add(1)
				l.log.Error("request panicked", "err", fmt.Sprint(p), "stack", string(debug.Stack()))
				l.respond(tx, sip.NewResponseFromRequest(r, 500, "Server Internal Error", nil))
			}
		}()
		h(r, tx)
	}
}

// respond sends an answer; the other side asks again if it is lost.
func (l *Line) respond(tx sip.ServerTransaction, res *sip.Response) {
	if err := tx.Respond(res); err != nil {
		l.log.Debug("answer not sent", "err", err)
	}
}
