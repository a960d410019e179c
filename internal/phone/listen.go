package phone

import (
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// tries is how often a port is looked for that is free over UDP and TCP.
const tries = 20

// listen opens the sockets. A port that nobody has named is another one each time.
func (p *Phone) listen(cfg Config) error {
	for n := 1; ; n++ {
		err := p.listenOnce(cfg)
		_, port, _ := net.SplitHostPort(cfg.Listen)
		if err == nil || port != "0" || n == tries {
			return err
		}
	}
}

func (p *Phone) listenOnce(cfg Config) error {
	var lc net.ListenConfig
	conn, err := lc.ListenPacket(p.ctx, "udp", cfg.Listen)
	if err != nil {
		return err
	}
	p.conn, p.addr = conn, conn.LocalAddr().(*net.UDPAddr)
	if !cfg.TCP {
		return nil
	}
	if p.stream, err = lc.Listen(p.ctx, "tcp", p.Addr()); err != nil {
		return errors.Join(err, conn.Close())
	}
	return nil
}

// shut closes the sockets. It is harmless the second time.
func (p *Phone) shut() error {
	err := p.conn.Close()
	if p.stream != nil {
		err = errors.Join(err, p.stream.Close())
	}
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// listening has requests handled until the sockets close.
func (p *Phone) listening(srv *sipgo.Server) {
	conn := &awaited{PacketConn: p.conn, up: make(chan struct{})}
	p.serving(func() error { return srv.ServeUDP(conn) })
	if p.stream != nil {
		p.serving(func() error { return srv.ServeTCP(p.stream) })
	}
	<-conn.up
}

func (p *Phone) serving(serve func() error) {
	p.run.Go(func() {
		if err := serve(); err != nil && p.ctx.Err() == nil {
			p.log.Error("phone stopped listening", "err", err)
		}
	})
}

// awaited is a socket that tells when it is first read: only then does the
// layer below know that calls can leave by it. What cannot be read as a message
// goes no further: the layer below would panic over some of it.
type awaited struct {
	net.PacketConn
	once sync.Once
	up   chan struct{}
}

// ReadFrom implements [net.PacketConn].
func (a *awaited) ReadFrom(b []byte) (int, net.Addr, error) {
	a.once.Do(func() { close(a.up) })
	for {
		n, addr, err := a.PacketConn.ReadFrom(b)
		if err != nil || legible(b[:n]) == nil {
			return n, addr, err
		}
	}
}

// errPart means that a message has not all that every message has.
var errPart = errors.New("header fields are missing")

// legible says what is wrong with a message (RFC 3261, 8.1.1).
func legible(b []byte) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v", errPart, cause)
		}
	}()
	msg, err := sip.ParseMessage(b)
	if err != nil {
		return err
	}
	if msg.Via() == nil || msg.From() == nil || msg.To() == nil || msg.CallID() == nil || msg.CSeq() == nil {
		return errPart
	}
	return nil
}
