package sipline

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/emiago/sipgo/sip"
)

// onReinvite is the other side changing the call: hold, resume, another
// codec, another address, or a sign of life (RFC 3261, 14.2).
func (l *leg) onReinvite(r *sip.Request, tx sip.ServerTransaction) {
	res := l.agree(r, tx)
	if res == nil {
		return
	}
	e := l.expect(r.CSeq().SeqNo)
	l.line.respond(tx, res)
	l.await(tx, res, e, func(ack *sip.Request) {
		if description(r) == nil {
			_ = l.settled(ack) // the call goes on as before
		}
	})
}

// onUpdate is the same without an ACK (RFC 3311, 5.2).
func (l *leg) onUpdate(r *sip.Request, tx sip.ServerTransaction) {
	if res := l.agree(r, tx); res != nil {
		l.line.respond(tx, res)
	}
}

// agree changes the call as it is asked, and builds the answer; it is nil when
// the change was refused.
func (l *leg) agree(r *sip.Request, tx sip.ServerTransaction) *sip.Response {
	s, no := l.change(r)
	var body []byte
	switch offer := description(r); {
	case no != nil:
	case offer != nil:
		body, no = l.renegotiate(offer)
	case r.IsInvite():
		body = l.stream.Offer() // RFC 3261, 14.2: theirs has none
	}
	if no != nil {
		l.line.reject(r, tx, no)
		return nil
	}
	l.dialog.refresh(r.Contact())
	l.alive(s)
	res := l.line.okay(r, body, l.dialog.way)
	s.stamp(res)
	return res
}

// change says why the call cannot be changed now.
func (l *leg) change(r *sip.Request) (session, *rejection) {
	if !l.dialog.hear(r) {
		return session{}, &rejection{500, "Out Of Order", ""} // RFC 3261, 12.2.2
	}
	l.mu.Lock()
	asking := l.asking
	l.mu.Unlock()
	if asking {
		return session{}, &rejection{491, "Request Pending", ""} // RFC 3261, 14.2: glare
	}
	if l.unsettled() {
		// RFC 3261, 14.2: the last one is not finished.
		return session{}, &rejection{500, "Server Internal Error", "Retry-After: 3"}
	}
	return accept(r, l.line.conf.Session)
}

func (l *leg) renegotiate(offer []byte) ([]byte, *rejection) {
	body, err := l.stream.Answer(offer)
	if err != nil {
		return nil, unacceptable(err) // the call goes on as before
	}
	return body, nil
}

// refreshSession gives a sign of life, and takes its absence as the end
// (RFC 4028, 10).
func (l *leg) refreshSession() {
	if !l.setAsking(true) {
		return
	}
	defer l.setAsking(false)
	length := l.line.conf.Session
	for {
		res, err := l.sendRefresh(length)
		switch {
		case l.isGone():
			return
		case err != nil || res.StatusCode == 481 || res.StatusCode == 408:
			l.line.log.Warn("call lost", "talk", l.talk, "err", errors.Join(errNoSign, err))
			l.lose(errNoSign.Error())
			return
		case res.StatusCode == 491:
			l.setAsking(false)
			if !l.pause(glare()) || !l.setAsking(true) {
				return
			}
		case res.IsSuccess():
			l.alive(agreed(res, length))
			return
		case res.StatusCode == 422 && minSE(res) > length: // RFC 4028, 7.3
			length = minSE(res)
		default:
			return // refused, and the call stands
		}
	}
}

var errNoSign = errors.New("the refresh of the session was not answered")

// glare is how long the side that does not own the Call-ID waits, and longer
// than the other, so that they do not meet again (RFC 3261, 14.1).
func glare() time.Duration {
	return 2100*time.Millisecond + time.Duration(rand.IntN(190))*10*time.Millisecond
}

// pause waits, unless the call ends.
func (l *leg) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-l.gone:
		return false
	}
}

// setAsking takes or gives back the right to change the call.
func (l *leg) setAsking(on bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if on && (l.asking || len(l.acks) > 0) {
		return false
	}
	l.asking = on
	return true
}

// sendRefresh uses UPDATE where it is known: it changes nothing.
func (l *leg) sendRefresh(length time.Duration) (*sip.Response, error) {
	method := sip.INVITE
	if l.updates {
		method = sip.UPDATE
	}
	r := l.dialog.request(method)
	r.AppendHeader(sip.NewHeader("Supported", "timer"))
	r.AppendHeader(sip.NewHeader("Session-Expires", seconds(length)+";refresher=uac"))
	if method == sip.UPDATE {
		return l.ask(context.Background(), r)
	}
	r.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	r.SetBody(l.stream.Offer())
	return l.reinvite(r)
}

// reinvite sends an INVITE within the call, and acknowledges its answer as
// often as that comes.
func (l *leg) reinvite(r *sip.Request) (*sip.Response, error) {
	res, err := l.ask(context.Background(), r)
	if err != nil || !res.IsSuccess() {
		return res, err
	}
	if answer := description(res); answer != nil {
		if err := l.stream.Accept(answer); err != nil {
			l.line.log.Warn("refresh changed nothing", "talk", l.talk, "err", err)
		}
	}
	ack := l.dialog.ack(res.CSeq().SeqNo) // it may have been sent again, with a password
	if sent := l.line.rung.find(res); sent != nil {
		l.line.rung.chosen(sent, l.dialog.remoteTag(), ack)
	}
	return res, l.line.write(ack.Clone())
}

// write sends a request that has no transaction: the ACK of a 200.
func (l *Line) write(r *sip.Request) error { return l.ua.TransportLayer().WriteMsg(r) }
