package phone

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// ErrCancelled is the answer to a call whose caller gave up.
var ErrCancelled = errors.New("the caller gave up")

// An Incoming is a call that rings here. It is decided by Accept or Refuse;
// one that its handler leaves undecided is answered 480.
type Incoming struct {
	phone  *Phone
	invite *sip.Request
	tx     sip.ServerTransaction

	mu      sync.Mutex
	decided bool
	gone    chan struct{}
}

func (p *Phone) onInvite(req *sip.Request, tx sip.ServerTransaction) {
	if req.To() == nil || req.From() == nil || req.CallID() == nil || req.CSeq() == nil {
		p.respond(tx, req, sip.StatusBadRequest, "Bad Request")
		return
	}
	if req.To().Params.Has("tag") {
		p.onReinvite(req, tx)
		return
	}
	in := &Incoming{phone: p, invite: req.Clone(), tx: tx, gone: make(chan struct{})}
	in.invite.To().Params.Add("tag", sip.GenerateTagN(16))
	if !tx.OnCancel(func(*sip.Request) { in.cancelled() }) {
		return
	}
	if p.answer != nil {
		p.answer(p.ctx, in)
	} else {
		in.leave(sip.StatusBusyHere, "Busy Here")
	}
	in.leave(sip.StatusTemporarilyUnavailable, "Temporarily Unavailable")
}

// onReinvite answers an offer within a call: hold, resume, another codec.
func (p *Phone) onReinvite(req *sip.Request, tx sip.ServerTransaction) {
	var c *Call
	if !p.callOf(req, func(found *Call) { c = found }) {
		p.respond(tx, req, sip.StatusCallTransactionDoesNotExists, "Call/Transaction Does Not Exist")
		return
	}
	sdp, err := c.sound.renew(req.Body())
	if err != nil {
		p.respond(tx, req, sip.StatusNotAcceptableHere, "Not Acceptable Here")
		return
	}
	res := sip.NewSDPResponseFromRequest(req, sdp)
	res.AppendHeader(p.contact(req.Transport()))
	if err := tx.Respond(res); err != nil {
		p.log.Debug("re-INVITE not answered", "err", err)
	}
}

func (in *Incoming) cancelled() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.decided {
		in.decided = true
		close(in.gone)
	}
}

// From is the number, or the name, of the caller.
func (in *Incoming) From() string { return in.invite.From().Address.User }

// To is the number that was called.
func (in *Incoming) To() string { return in.invite.Recipient.User }

// ID is the Call-ID.
func (in *Incoming) ID() string { return in.invite.CallID().Value() }

// Gone is closed when the caller gives up.
func (in *Incoming) Gone() <-chan struct{} { return in.gone }

// Ring tells the caller that it rings.
func (in *Incoming) Ring() error {
	res := sip.NewResponseFromRequest(in.invite, sip.StatusRinging, "Ringing", nil)
	res.AppendHeader(in.phone.contact(in.invite.Transport()))
	return in.tx.Respond(res)
}

// Refuse answers with a SIP status: 486 is busy, 603 is declined.
func (in *Incoming) Refuse(code int, reason string) error {
	if !in.decide() {
		return ErrCancelled
	}
	return in.tx.Respond(sip.NewResponseFromRequest(in.invite, code, reason, nil))
}

func (in *Incoming) leave(code int, reason string) {
	if err := in.Refuse(code, reason); err != nil && !errors.Is(err, ErrCancelled) {
		in.phone.log.Debug("call not refused", "err", err)
	}
}

func (in *Incoming) decide() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	first := !in.decided
	in.decided = true
	return first
}

// Accept picks up, and returns when the caller has confirmed it.
func (in *Incoming) Accept(ctx context.Context) (*Call, error) {
	s, err := in.phone.newSound()
	if err != nil {
		return nil, err
	}
	c, err := in.pickUp(ctx, s)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("answer %s: %w", in.From(), err), s.stream.Close())
	}
	return c, nil
}

func (in *Incoming) pickUp(ctx context.Context, s *sound) (*Call, error) {
	sdp, err := s.answer(in.invite.Body())
	if err != nil {
		in.leave(sip.StatusNotAcceptableHere, "Not Acceptable Here")
		return nil, err
	}
	if !in.decide() {
		return nil, ErrCancelled
	}
	c := in.phone.newCall(answered(in.invite), s)
	c.late = len(in.invite.Body()) == 0
	res := sip.NewSDPResponseFromRequest(in.invite, sdp)
	res.AppendHeader(in.phone.contact(in.invite.Transport()))
	if err := in.until(ctx, c, res); err != nil {
		c.ended(ByUs)
		return nil, err
	}
	return c, nil
}

// until repeats the 200 until its ACK comes (RFC 3261, 13.3.1.4). Without one
// the call is hung up.
func (in *Incoming) until(ctx context.Context, c *Call, res *sip.Response) error {
	late := time.NewTimer(64 * sip.T1)
	defer late.Stop()
	for wait := sip.T1; ; wait = min(2*wait, sip.T2) {
		if err := in.tx.Respond(res); err != nil {
			return err
		}
		again := time.NewTimer(wait)
		select {
		case <-c.acked:
			again.Stop()
			return nil
		case <-c.done: // a BYE confirms it as well: it may overtake the ACK
			again.Stop()
			return nil
		case <-ctx.Done():
			return errors.Join(ctx.Err(), c.Hangup(context.WithoutCancel(ctx)))
		case <-late.C:
			return errors.Join(errors.New("the caller never confirmed"), c.Hangup(ctx))
		case <-again.C:
		}
	}
}
