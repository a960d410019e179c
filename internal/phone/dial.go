package phone

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// RefusedError reports that a call was not answered.
type RefusedError struct {
	Code   int // the SIP status
	Reason string
}

func (e *RefusedError) Error() string { return fmt.Sprintf("not answered: %d %s", e.Code, e.Reason) }

// Call rings to, a SIP URI, which may name a call to take the place of (RFC 3891), and returns when the call is answered. From is
// the number to show, or a SIP URI. A call that nobody takes is a [*RefusedError];
// when ctx ends first the call is cancelled.
func (p *Phone) Call(ctx context.Context, to, from string) (*Call, error) {
	s, err := p.newSound()
	if err != nil {
		return nil, err
	}
	c, err := p.ring(ctx, to, from, s)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("call %s: %w", to, err), s.stream.Close())
	}
	return c, nil
}

func (p *Phone) ring(ctx context.Context, to, from string, s *sound) (*Call, error) {
	invite, err := p.invite(to, from, s.stream.Offer())
	if err != nil {
		return nil, err
	}
	tx, err := p.client.TransactionRequest(context.WithoutCancel(ctx), invite, outside)
	if err != nil {
		return nil, err
	}
	res, err := p.final(ctx, invite, tx)
	if err != nil {
		return nil, err
	}
	if !res.IsSuccess() {
		return nil, &RefusedError{Code: res.StatusCode, Reason: res.Reason}
	}
	c := p.newCall(called(invite, res), s)
	if err := c.confirm(tx, invite.CSeq().SeqNo); err != nil {
		return nil, err
	}
	if err := s.connect(res.Body()); err != nil {
		return nil, fmt.Errorf("agree on sound: %w", err)
	}
	return c, nil
}

func (p *Phone) invite(to, from string, offer []byte) (*sip.Request, error) {
	target, err := p.uri(to)
	if err != nil {
		return nil, err
	}
	who, err := p.uri(from)
	if err != nil {
		return nil, err
	}
	fields := target.Headers
	target.Headers = nil
	req := sip.NewRequest(sip.INVITE, target)
	if call, ok := fields.Get("Replaces"); ok { // RFC 3261, 19.1.5: of what a URI names, no more than this
		call, err = url.PathUnescape(call)
		if err != nil {
			return nil, fmt.Errorf("read Replaces: %w", err)
		}
		req.AppendHeader(sip.NewHeader("Replaces", call))
	}
	sender := &sip.FromHeader{Address: who}
	sender.Params.Add("tag", sip.GenerateTagN(16))
	req.AppendHeader(sender)
	req.AppendHeader(p.contact(req.Transport()))
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(offer)
	return req, nil
}

// final waits for the answer that settles an INVITE. Any number of
// provisional answers may come first; time limits them, not their count.
func (p *Phone) final(ctx context.Context, invite *sip.Request, tx sip.ClientTransaction) (*sip.Response, error) {
	rang := false
	look, stop := context.WithCancel(ctx)
	defer stop()
	quiet := time.NewTimer(quietFor)
	defer quiet.Stop()
	var nobody <-chan error
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
			rang, nobody = true, nil
		case <-quiet.C:
			if !rang && strings.EqualFold(invite.Transport(), "udp") {
				nobody = p.knock(look, invite)
			}
		case err := <-nobody:
			tx.Terminate()
			return nil, err
		case <-tx.Done():
			return nil, fmt.Errorf("no answer came: %w", tx.Err())
		case <-ctx.Done():
			p.run.Go(func() { p.abandon(invite, tx, rang) })
			return nil, ctx.Err()
		}
	}
}

// abandon cancels a call that rings. RFC 3261, 9.1: CANCEL may not be sent
// before a provisional answer came; a 200 that crosses it is hung up.
func (p *Phone) abandon(invite *sip.Request, tx sip.ClientTransaction, rang bool) {
	defer tx.Terminate()
	for {
		if rang {
			rang = false
			if _, err := p.client.Do(p.ctx, cancelOf(invite), asIs); err != nil {
				p.log.Debug("call not cancelled", "err", err)
			}
		}
		select {
		case res := <-tx.Responses():
			if res.IsSuccess() {
				p.hangUpLate(invite, res)
			}
			if !res.IsProvisional() {
				return
			}
			rang = true
		case <-tx.Done():
			return
		case <-p.ctx.Done():
			return
		}
	}
}

func (p *Phone) hangUpLate(invite *sip.Request, res *sip.Response) {
	d := called(invite, res)
	if err := p.client.WriteRequest(d.ack(invite.CSeq().SeqNo), addVia); err != nil {
		p.log.Debug("late answer not confirmed", "err", err)
	}
	ctx, stop := context.WithTimeout(p.ctx, hangupWait)
	defer stop()
	if _, err := p.client.Do(ctx, d.request(sip.BYE), addVia); err != nil {
		p.log.Debug("late answer not hung up", "err", err)
	}
}

func cancelOf(invite *sip.Request) *sip.Request {
	req := sip.NewRequest(sip.CANCEL, invite.Recipient)
	// RFC 3261, 9.1: all of these are equal to those of the INVITE.
	req.AppendHeader(sip.HeaderClone(invite.Via()))
	req.AppendHeader(sip.HeaderClone(invite.From()))
	req.AppendHeader(sip.HeaderClone(invite.To()))
	req.AppendHeader(sip.HeaderClone(invite.CallID()))
	req.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.CANCEL})
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	req.SetTransport(invite.Transport())
	req.SetBody(nil)
	return req
}

// confirm sends ACK, again for every 200 that is repeated (RFC 3261, 13.2.2.4).
func (c *Call) confirm(tx sip.ClientTransaction, seq uint32) error {
	ack := c.dialog.ack(seq)
	if err := addVia(c.phone.client, ack); err != nil {
		return err
	}
	tx.OnRetransmission(func(*sip.Response) {
		if err := c.phone.client.WriteRequest(ack.Clone(), asIs); err != nil {
			c.phone.log.Debug("call not confirmed again", "err", err)
		}
	})
	return c.phone.client.WriteRequest(ack.Clone(), asIs)
}

// outside completes a request outside of any call. A connection leaves from any
// port: the one that we are called at has a listener.
func outside(c *sipgo.Client, req *sip.Request) error {
	if err := sipgo.ClientRequestBuild(c, req); err != nil {
		return err
	}
	if !strings.EqualFold(req.Transport(), "udp") {
		req.Laddr.Port = 0
	}
	return nil
}

func addVia(c *sipgo.Client, req *sip.Request) error {
	if req.Via() != nil {
		return nil
	}
	return sipgo.ClientRequestAddVia(c, req)
}

func asIs(*sipgo.Client, *sip.Request) error { return nil }
