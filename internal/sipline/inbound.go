package sipline

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/ivr"
)

// answerWithin is how long the desk may think before a caller is sent away.
const answerWithin = 10 * time.Second

// An incoming is a call on its way in.
type incoming struct {
	line      *Line
	req       *sip.Request
	tx        sip.ServerTransaction
	trunk     *trunk
	stream    stream
	offer     bool // our 200 carries the offer: theirs had none
	body      []byte
	session   session
	talk      string
	cancelled chan struct{} // closed by a CANCEL
}

func (l *Line) incoming(r *sip.Request, tx sip.ServerTransaction) *incoming {
	return &incoming{line: l, req: r, tx: tx, talk: rand.Text(), cancelled: make(chan struct{})}
}

// onInvite takes a call in. It returns when the call is over.
func (l *Line) onInvite(ctx context.Context, r *sip.Request, tx sip.ServerTransaction) {
	in := l.incoming(r, tx)
	leave, no := in.admit()
	if no != nil {
		in.reject(no)
		tx.Terminate() // said once: repeating it would answer a flood tenfold
		return
	}
	defer leave()
	defer l.work.begin()()
	if no := in.negotiate(); no != nil {
		in.reject(no)
		return
	}
	defer func() { _ = in.stream.Close() }() // harmless after the call
	if !tx.OnCancel(func(*sip.Request) { close(in.cancelled) }) {
		return // cancelled already
	}
	turn, err := in.ask(ctx)
	if err != nil {
		l.log.Error("call not taken", "talk", in.talk, "err", err)
		in.reject(refused(err))
		return
	}
	leg, err := in.answer(leave)
	if err != nil {
		l.log.Info("call gone before it was answered", "talk", in.talk, "err", err)
		in.tell(ctx, turn)
		return
	}
	if err := l.holder.Hold(ctx, in.talk, turn, leg); err != nil {
		l.log.Error("call failed", "talk", in.talk, "err", err)
	}
}

// admit finds the trunk and takes a place on it.
func (in *incoming) admit() (leave func(), no *rejection) {
	src, err := netip.ParseAddrPort(in.req.Source())
	if err != nil {
		return nil, bad("Bad Source")
	}
	if in.trunk = in.line.trunkOf(src.Addr().Unmap()); in.trunk == nil {
		return nil, &rejection{403, "Forbidden", ""}
	}
	return in.enter(in.trunk.take)
}

// enter takes a place on the line, and one where the call comes from.
func (in *incoming) enter(take func() (end func(), ok bool)) (leave func(), no *rejection) {
	busy := &rejection{503, "Service Unavailable", "Retry-After: " + retryAfterBusy}
	out, ok := in.line.book.enter(in.req.CallID().Value())
	if !ok {
		return nil, busy
	}
	end, ok := take()
	if !ok {
		out()
		return nil, busy
	}
	return func() { out(); end() }, nil
}

// negotiate agrees on media and on the session timer.
func (in *incoming) negotiate() *rejection {
	var no *rejection
	if in.session, no = accept(in.req, in.line.conf.Session); no != nil {
		return no
	}
	src, err := netip.ParseAddrPort(in.req.Source())
	if err != nil {
		return bad("Bad Source")
	}
	s, err := in.line.open(src.Addr().Unmap())
	if err != nil {
		in.line.log.Error("no media for a call", "err", err)
		return &rejection{503, "Service Unavailable", "Retry-After: " + retryAfterBusy}
	}
	in.stream = s
	s.Trust(src.Addr().Unmap())
	offer := description(in.req)
	if offer == nil {
		in.offer, in.body = true, s.Offer()
		return nil
	}
	in.body, err = s.Answer(offer)
	if err != nil {
		_ = s.Close()
		return unacceptable(err)
	}
	return nil
}

// unacceptable says why a session description is not taken.
func unacceptable(err error) *rejection {
	if errors.Is(err, media.ErrSDP) {
		return bad("Bad Session Description")
	}
	return &rejection{488, "Not Acceptable Here", ""}
}

// refused says why the desk does not take a call.
func refused(err error) *rejection {
	if errors.Is(err, callback.ErrNotFound) {
		return &rejection{404, "Not Found", ""}
	}
	return &rejection{503, "Service Unavailable", "Retry-After: " + retryAfterBusy}
}

// ask lets the desk decide what the caller hears first.
func (in *incoming) ask(ctx context.Context) (first ivr.Turn, err error) {
	ctx, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	from, withheld := caller(in.req, in.trunk.conf.TrustIdentity)
	call := callback.Inbound{Talk: in.talk, Line: "sip", From: from, To: dialled(in.req), Withheld: withheld}
	liveline.Aside(func() { first, err = in.line.desk.Answer(ctx, call) })
	return first, err
}

// tell reports a caller who hung up before hearing anything.
func (in *incoming) tell(ctx context.Context, t ivr.Turn) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), answerWithin)
	defer stop()
	if _, err := in.line.desk.Next(ctx, in.talk, t.No, ivr.Event{Kind: ivr.Gone}); err != nil {
		in.line.log.Error("event not stored", "talk", in.talk, "err", err)
	}
}

// errCancelled means that the caller hung up while it rang.
var errCancelled = errors.New("the caller hung up first")

// answer sends the 200 and starts the media with it: who waits for the ACK
// starts late.
func (in *incoming) answer(leave func()) (*leg, error) {
	w, err := in.way()
	if err != nil {
		return nil, err
	}
	res := in.line.okay(in.req, in.body, w)
	tag, _ := res.To().Params.Get("tag")
	in.session.stamp(res)
	leg := in.line.newLeg(accepted(in.req, tag, w).with(in.trunk, in.trunk.home(w.site)), in.stream, leave)
	leg.talk, leg.session, leg.updates = in.talk, in.session, allows(in.req, sip.UPDATE)
	leg.begin()
	expected := leg.expect(in.req.CSeq().SeqNo)
	if err := in.tx.Respond(res); err != nil || in.isCancelled() {
		leg.over()
		leg.came(expected)
		in.line.book.drop(leg)
		return nil, errors.Join(errCancelled, err)
	}
	in.stream.Start()
	in.line.work.Go(func() {
		leg.await(in.tx, res, expected, func(ack *sip.Request) {
			if in.offer && leg.settled(ack) != nil {
				_ = leg.Hangup(context.Background()) // nobody can be heard
			}
		})
	})
	return leg, nil
}

func (in *incoming) isCancelled() bool {
	select {
	case <-in.cancelled:
		return true
	default:
		return false
	}
}

// way is the way back to where the request came from.
func (in *incoming) way() (way, error) { return in.line.wayBack(in.req) }

func (l *Line) wayBack(r *sip.Request) (way, error) {
	src, err := netip.ParseAddrPort(r.Source())
	if err != nil {
		return way{}, fmt.Errorf("source %q: %w", cut(r.Source()), err)
	}
	s := site{network: strings.ToLower(r.Transport()), addr: netip.AddrPortFrom(src.Addr().Unmap(), src.Port())}
	sock := l.socket(s.network, s.addr.Addr())
	if sock == nil {
		return way{}, fmt.Errorf("nothing is configured to send over %s", cut(s.network))
	}
	w := way{site: s, host: l.host(sock), port: int(sock.addr.Port())}
	if s.network == "udp" {
		w.local = sip.Addr{IP: sock.addr.Addr().AsSlice(), Port: int(sock.addr.Port())}
	}
	return w, nil
}

// okay builds a 200 with a session description.
func (l *Line) okay(r *sip.Request, body []byte, w way) *sip.Response {
	res := sip.NewResponseFromRequest(r, 200, "OK", body)
	res.AppendHeader(w.contact())
	res.AppendHeader(sip.NewHeader("Allow", allowValue()))
	res.AppendHeader(sip.NewHeader("Supported", supported))
	if len(body) > 0 {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	return res
}

// reject sends a caller away. sipgo repeats the answer until it is acknowledged.
func (in *incoming) reject(no *rejection) { in.line.reject(in.req, in.tx, no) }

func (l *Line) reject(r *sip.Request, tx sip.ServerTransaction, no *rejection) {
	res := sip.NewResponseFromRequest(r, no.code, no.reason, nil)
	if name, value, ok := strings.Cut(no.header, ": "); ok {
		res.AppendHeader(sip.NewHeader(name, value))
	}
	l.respond(tx, res)
}

// allows reports whether the other side takes a method.
func allows(m interface{ GetHeaders(string) []sip.Header }, method sip.RequestMethod) bool {
	for _, h := range m.GetHeaders("Allow") {
		for name := range strings.SplitSeq(h.Value(), ",") {
			if strings.EqualFold(strings.TrimSpace(name), string(method)) {
				return true
			}
		}
	}
	return false
}
