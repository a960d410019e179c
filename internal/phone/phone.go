// Package phone is a telephone of our own, on SIP and RTP: it calls, answers,
// presses keys and hears, in the demo, in tests and for "holdless phone".
package phone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/internal/media"
)

// Config is what a telephone needs to know.
type Config struct {
	Listen string                           // host:port for SIP over UDP; port 0 picks a free one
	TCP    bool                             // calls are also taken over TCP, at the same port
	User   string                           // the name in our own address; "phone" when empty
	Answer func(context.Context, *Incoming) // takes a call that comes in; nil is always busy
	Ports  [2]int                           // first and last UDP port for sound; zero for 30000-59999
	Log    *slog.Logger                     // nil for silence
}

// A Phone is one telephone. It holds any number of calls.
type Phone struct {
	answer func(context.Context, *Incoming)
	log    *slog.Logger
	user   string
	addr   *net.UDPAddr

	media  *media.Engine
	ua     *sipgo.UserAgent
	client *sipgo.Client
	conn   net.PacketConn
	stream net.Listener    // nil without TCP
	ctx    context.Context // ends when the telephone is closed
	stop   context.CancelFunc
	run    sync.WaitGroup

	mu    sync.Mutex
	calls map[string]*Call // by Call-ID and our tag
}

// Open connects a telephone. Close it when it is not needed any more.
func Open(cfg Config) (*Phone, error) {
	p := &Phone{answer: cfg.Answer, log: cfg.Log, user: cfg.User, calls: map[string]*Call{}}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.user == "" {
		p.user = "phone"
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	if err := p.open(cfg); err != nil {
		p.stop()
		p.run.Wait()
		return nil, fmt.Errorf("open phone on %s: %w", cfg.Listen, err)
	}
	return p, nil
}

func (p *Phone) open(cfg Config) error {
	if err := p.listen(cfg); err != nil {
		return err
	}
	err := p.openMedia(cfg.Ports)
	if err == nil {
		err = p.serve()
	}
	if err != nil {
		return errors.Join(err, p.shut())
	}
	return nil
}

func (p *Phone) openMedia(ports [2]int) error {
	if ports == [2]int{} {
		ports = [2]int{30000, 59999}
	}
	ip := p.addr.AddrPort().Addr().Unmap()
	engine, err := media.New(media.Config{IP: ip, MinPort: ports[0], MaxPort: ports[1]}, p.log)
	if err != nil {
		return err
	}
	p.media = engine
	p.run.Go(func() {
		if err := engine.Run(p.ctx); err != nil && p.ctx.Err() == nil {
			p.log.Error("sound of the phone stopped", "err", err)
		}
	})
	return nil
}

func (p *Phone) serve() (err error) {
	// The layers below complain of much that is harmless.
	below := slog.New(slog.DiscardHandler)
	if p.ua, err = sipgo.NewUA(
		sipgo.WithUserAgent("holdless-phone"),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(below)),
		sipgo.WithUserAgentTransactionLayerOptions(
			sip.WithTransactionLayerLogger(below),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}), // of calls given up
		),
	); err != nil {
		return err
	}
	if p.client, err = sipgo.NewClient(p.ua,
		sipgo.WithClientLogger(below),
		sipgo.WithClientAddr(p.Addr()),
		sipgo.WithClientConnectionAddr(p.Addr()), // we call from where we are called
	); err != nil {
		return err
	}
	srv, err := sipgo.NewServer(p.ua, sipgo.WithServerLogger(below))
	if err != nil {
		return err
	}
	p.handle(srv)
	p.listening(srv)
	return nil
}

func (p *Phone) handle(srv *sipgo.Server) {
	srv.OnInvite(p.guarded(p.onInvite))
	srv.OnAck(p.guarded(func(req *sip.Request, _ sip.ServerTransaction) {
		p.callOf(req, func(c *Call) { c.onAck(req.Body()) })
	}))
	srv.OnBye(p.guarded(p.inDialog(func(c *Call) { c.ended(ByThem) })))
	srv.OnInfo(p.guarded(p.inDialog(func(*Call) {})))
	srv.OnNotify(p.guarded(func(req *sip.Request, tx sip.ServerTransaction) {
		p.inDialog(func(c *Call) { c.onNotify(req.Body()) })(req, tx)
	}))
	srv.OnUpdate(p.guarded(p.inDialog(func(*Call) {})))
	srv.OnOptions(p.guarded(func(req *sip.Request, tx sip.ServerTransaction) { p.respond(tx, req, sip.StatusOK, "OK") }))
}

// guarded keeps what goes wrong with a request within it: below, nobody would.
func (p *Phone) guarded(h sipgo.RequestHandler) sipgo.RequestHandler {
	return func(req *sip.Request, tx sip.ServerTransaction) {
		defer func() {
			if cause := recover(); cause != nil {
				p.log.Error("request panicked", "err", cause, "stack", string(debug.Stack()))
				p.respond(tx, req, sip.StatusInternalServerError, "Server Internal Error")
			}
		}()
		h(req, tx)
	}
}

// inDialog answers a request within a call, and refuses one without.
func (p *Phone) inDialog(do func(*Call)) sipgo.RequestHandler {
	return func(req *sip.Request, tx sip.ServerTransaction) {
		if !p.callOf(req, do) {
			// RFC 3261, 12.2.2: no such dialog.
			p.respond(tx, req, sip.StatusCallTransactionDoesNotExists, "Call/Transaction Does Not Exist")
			return
		}
		p.respond(tx, req, sip.StatusOK, "OK")
	}
}

func (p *Phone) respond(tx sip.ServerTransaction, req *sip.Request, code int, reason string) {
	if err := tx.Respond(sip.NewResponseFromRequest(req, code, reason, nil)); err != nil {
		p.log.Debug("answer not sent", "err", err)
	}
}

// callOf does something with the call that a request belongs to.
func (p *Phone) callOf(req *sip.Request, do func(*Call)) bool {
	key := keyOf(req)
	p.mu.Lock()
	c := p.calls[key]
	p.mu.Unlock()
	if c == nil {
		return false
	}
	do(c)
	return true
}

func (p *Phone) keep(c *Call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[c.dialog.key()] = c
}

func (p *Phone) forget(c *Call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.calls, c.dialog.key())
}

// Addr is where the telephone listens, host:port.
func (p *Phone) Addr() string { return p.addr.String() }

// URI is the address at which the telephone is called.
func (p *Phone) URI() string { return "sip:" + p.user + "@" + p.Addr() }

// Close hangs up all calls and disconnects the telephone.
func (p *Phone) Close() error {
	p.mu.Lock()
	open := make([]*Call, 0, len(p.calls))
	for _, c := range p.calls {
		open = append(open, c)
	}
	p.mu.Unlock()
	var all sync.WaitGroup
	for _, c := range open {
		all.Go(func() {
			ctx, stop := context.WithTimeout(p.ctx, hangupWait)
			defer stop()
			if err := c.Hangup(ctx); err != nil {
				p.log.Debug("hang-up not confirmed", "err", err)
			}
		})
	}
	all.Wait()
	p.stop()
	err := errors.Join(p.ua.Close(), p.shut())
	p.run.Wait()
	return err
}

// uri reads an address: a SIP URI, or a number at our own host.
func (p *Phone) uri(addr string) (sip.Uri, error) {
	var u sip.Uri
	if !strings.HasPrefix(addr, "sip:") && !strings.HasPrefix(addr, "sips:") {
		return p.at(addr), nil
	}
	if err := sip.ParseUri(addr, &u); err != nil {
		return u, fmt.Errorf("read address %q: %w", addr, err)
	}
	return u, nil
}

// contact is where we can be reached within a call, by the way it came.
func (p *Phone) contact(transport string) *sip.ContactHeader {
	u := p.at(p.user)
	if strings.EqualFold(transport, "tcp") {
		u.UriParams.Add("transport", "tcp")
	}
	return &sip.ContactHeader{Address: u}
}

// at is the address of a user at our own host.
func (p *Phone) at(user string) sip.Uri {
	host := p.addr.IP.String()
	if p.addr.IP.To4() == nil {
		host = "[" + host + "]" // RFC 3261, 25.1: IPv6reference
	}
	return sip.Uri{Scheme: "sip", User: user, Host: host, Port: p.addr.Port}
}
