package sipline

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// A way is how requests travel to somebody.
type way struct {
	site
	local sip.Addr // the packet socket; empty for connections
	host  string   // what we call ourselves
	port  int
}

// wayTo prepares the way to a site: connections are made here, so that sipgo
// never makes one that is not guarded.
func (l *Line) wayTo(ctx context.Context, s site) (way, error) {
	sock := l.socket(s.network, s.addr.Addr())
	if sock == nil {
		return way{}, fmt.Errorf("nothing is configured to send over %s", s.network)
	}
	w := way{site: s, host: l.host(sock)}
	if sock.listens {
		w.port = int(sock.addr.Port())
	}
	if s.network == "udp" {
		w.local = sip.Addr{IP: sock.addr.Addr().AsSlice(), Port: int(sock.addr.Port())}
		return w, nil
	}
	return w, l.connect(ctx, sock.streams, s)
}

// host is what others call us.
func (l *Line) host(s *socket) string {
	if public, err := l.conf.public(); err == nil && public.IsValid() && public.Is4() == s.addr.Addr().Is4() {
		return public.String()
	}
	return s.addr.Addr().String()
}

// connect makes sure that a connection to the site is there, and that it is
// made once.
func (l *Line) connect(ctx context.Context, s *streams, to site) error {
	for {
		if c, err := l.ua.TransportLayer().GetConnection(to.network, to.addr.String()); err == nil {
			_, err := c.TryClose() // gives back the reference, not the connection
			return err
		}
		done, first := s.dialing(to.addr)
		if !first {
			select {
			case <-done:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		err := l.makeConnection(ctx, s, to)
		s.dialled(to.addr)
		return err
	}
}

// reconnect makes sure that a request within a call can travel. A connection
// that came in cannot be made again by calling its port: the Contact names the
// one that is listened on (RFC 3261, 12.2.1.1). It is believed as long as it
// is at the same address.
func (l *Line) reconnect(ctx context.Context, w way, r *sip.Request) error {
	if w.network == "udp" {
		return nil
	}
	s := l.socket(w.network, w.addr.Addr()).streams
	w.name = cmp.Or(w.name, r.Recipient.Host)
	err := l.connect(ctx, s, w.site)
	ip, no := netip.ParseAddr(strings.Trim(r.Recipient.Host, "[]"))
	if err == nil || no != nil || ip.Unmap() != w.addr.Addr() {
		return err
	}
	port := defaultPort(target{network: w.network, port: r.Recipient.Port})
	w.addr = netip.AddrPortFrom(w.addr.Addr(), port)
	r.SetDestination(w.addr.String())
	return l.connect(ctx, s, w.site)
}

func (l *Line) makeConnection(ctx context.Context, s *streams, to site) error {
	if to.network == "tcp" {
		return s.connect(ctx, to.addr, func(c net.Conn) net.Conn { return c })
	}
	conf, err := l.clientTLS(to.name)
	if err != nil {
		return err
	}
	return s.connect(ctx, to.addr, tlsClient(conf))
}

// stamp puts on a request how it travels (RFC 3261, 8.1.1.7).
func (w way) stamp(r *sip.Request) {
	via := &sip.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: strings.ToUpper(w.network),
		Host: bracketed(w.host), Port: w.port, Params: sip.NewParams(),
	}
	via.Params.Add("branch", sip.GenerateBranchN(24))
	via.Params.Add("rport", "") // RFC 3581, 3
	r.RemoveHeader("Via")
	r.PrependHeader(via)
	w.aim(r)
}

// aim says where a request goes, without asking the DNS again.
func (w way) aim(r *sip.Request) {
	r.SetTransport(strings.ToUpper(w.network))
	r.SetDestination(w.addr.String())
	r.Laddr = w.local
}

// contact is where we can be reached within a dialog.
func (w way) contact() *sip.ContactHeader {
	u := sip.Uri{Scheme: "sip", User: "holdless", Host: bracketed(w.host), Port: w.port}
	if w.network != "udp" {
		u.UriParams = sip.NewParams()
		u.UriParams.Add("transport", w.network)
	}
	return &sip.ContactHeader{Address: u}
}

func bracketed(host string) string {
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is6() {
		return "[" + host + "]"
	}
	return host
}

// A dialog is what two sides have in common about a call (RFC 3261, 12),
// whichever of them began it.
type dialog struct {
	callID string
	local  sip.FromHeader
	remote sip.ToHeader
	way    way
	trunk  *trunk // whom it is with; nil for who is no trunk
	home   site   // the trunk's own address; empty when its signalling comes from elsewhere

	mu     sync.Mutex
	target sip.Uri
	routes []string // values of Route, in order
	cseq   uint32   // of our last request
	heard  uint32   // of their last request
}

// accepted is the dialog of an INVITE that we answer (RFC 3261, 12.1.1).
func accepted(r *sip.Request, tag string, w way) *dialog {
	remote, local := r.From().AsTo(), r.To().AsFrom()
	local.Params.Add("tag", tag)
	d := &dialog{callID: r.CallID().Value(), local: local, remote: remote, way: w, heard: r.CSeq().SeqNo}
	d.target = remote.Address
	d.refresh(r.Contact())
	for _, h := range r.GetHeaders("Record-Route") {
		d.routes = append(d.routes, h.Value())
	}
	return d
}

// established is the dialog of an INVITE of ours that was answered
// (RFC 3261, 12.1.2).
func established(invite *sip.Request, res *sip.Response, w way) *dialog {
	d := &dialog{
		callID: invite.CallID().Value(), local: *invite.From(), remote: *res.To(), way: w,
		cseq: invite.CSeq().SeqNo, target: invite.Recipient,
	}
	d.refresh(res.Contact())
	for _, h := range slices.Backward(res.GetHeaders("Record-Route")) {
		d.routes = append(d.routes, h.Value())
	}
	return d
}

// with says whom the dialog is with.
func (d *dialog) with(t *trunk, home site) *dialog {
	d.trunk, d.home = t, home
	return d
}

func (d *dialog) id() dialogID {
	tag, _ := d.local.Params.Get("tag")
	return dialogID{d.callID, tag}
}

func (d *dialog) remoteTag() string {
	tag, _ := d.remote.Params.Get("tag")
	return tag
}

// refresh takes the remote target from a Contact (RFC 3261, 12.2.1.2).
func (d *dialog) refresh(c *sip.ContactHeader) {
	if c == nil || c.Address.Wildcard || c.Address.Host == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.target = *c.Address.Clone()
	d.target.Headers = nil // nothing from a URI becomes a header field
}

// hear reports whether a request comes in its turn (RFC 3261, 12.2.2).
func (d *dialog) hear(r *sip.Request) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.CSeq().SeqNo < d.heard {
		return false
	}
	d.heard = r.CSeq().SeqNo
	return true
}

// request begins a request within the dialog (RFC 3261, 12.2.1.1). It goes to
// where the other side's signalling comes from, which is right behind NAT and
// for trunks; whoever recorded a route finds it in the Route fields.
func (d *dialog) request(method sip.RequestMethod) *sip.Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cseq++
	return d.build(method, d.cseq)
}

// next is the number of a request of ours that is sent again as a new one.
func (d *dialog) next() uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cseq++
	return d.cseq
}

// ack begins the ACK of an answer to an INVITE with this number.
func (d *dialog) ack(seq uint32) *sip.Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.build(sip.ACK, seq)
}

func (d *dialog) build(method sip.RequestMethod, seq uint32) *sip.Request {
	r := sip.NewRequest(method, *d.target.Clone())
	for _, route := range d.routes {
		r.AppendHeader(sip.NewHeader("Route", route))
	}
	maxForwards, callID := sip.MaxForwardsHeader(70), sip.CallIDHeader(d.callID)
	r.AppendHeader(&maxForwards)
	r.AppendHeader(sip.HeaderClone(&d.local))
	r.AppendHeader(sip.HeaderClone(&d.remote))
	r.AppendHeader(&callID)
	r.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	if method != sip.BYE {
		r.AppendHeader(d.way.contact())
	}
	r.SetBody(nil)
	d.way.stamp(r)
	return r
}
