package sipline

import (
	"context"
	"io"
	"time"

	"github.com/emiago/sipgo/sip"
)

// An expected is an answer of ours that waits for its ACK.
type expected struct {
	seq  uint32
	ack  chan *sip.Request
	over chan struct{} // closed when nobody waits any more
}

// expect makes ready for the ACK of an answer.
func (l *leg) expect(seq uint32) *expected {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := &expected{seq: seq, ack: make(chan *sip.Request, 1), over: make(chan struct{})}
	l.acks[seq] = e
	return e
}

// onAck is the acknowledgement of a 200.
func (l *leg) onAck(r *sip.Request) {
	l.mu.Lock()
	e := l.acks[r.CSeq().SeqNo]
	l.mu.Unlock()
	if e == nil {
		return
	}
	select {
	case e.ack <- r:
	default: // it came twice
	}
}

// came ends the waiting for an ACK.
func (l *leg) came(e *expected) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.acks, e.seq)
	close(e.over)
}

// pending returns an answer of ours that waits for its ACK, if there is one.
func (l *leg) pending() *expected {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.acks {
		return e
	}
	return nil
}

// Confirm implements [liveline.Leg]: who has not acknowledged the answer may be
// nobody at all (RFC 3261, 13.3.1.4), and no telephone rings for nobody.
func (l *leg) Confirm(ctx context.Context) error {
	for e := l.pending(); e != nil; e = l.pending() {
		select {
		case <-e.over:
		case <-l.gone:
		case <-ctx.Done():
			return ctx.Err()
		}
		if l.isGone() {
			return io.EOF
		}
	}
	return nil
}

// unsettled reports whether an answer still waits for its ACK. One that has
// been overtaken on its way gets a moment: messages are handled side by side.
func (l *leg) unsettled() bool {
	e := l.pending()
	if e == nil {
		return false
	}
	late := time.NewTimer(sip.T1)
	defer late.Stop()
	select {
	case <-e.over:
		return l.pending() != nil
	case <-late.C:
		return true
	}
}

// await repeats a 200 until it is acknowledged (RFC 3261, 13.3.1.4), and hangs
// up when it never is: sipgo would leave the other side with a dead call. What
// the ACK brings is settled before anybody hears that it came.
func (l *leg) await(tx sip.ServerTransaction, res *sip.Response, e *expected, settle func(ack *sip.Request)) {
	defer l.came(e)
	repeat, give := sip.T1, time.NewTimer(64*sip.T1)
	defer give.Stop()
	again := time.NewTimer(repeat)
	defer again.Stop()
	for {
		select {
		case r := <-e.ack:
			settle(r)
			return
		case r := <-tx.Acks(): // with the branch of the INVITE, as some do
			settle(r)
			return
		case <-again.C:
			repeat = min(2*repeat, sip.T2)
			again.Reset(repeat)
			l.line.respond(tx, res)
		case <-l.left:
			return
		case <-l.line.end:
			return
		case <-give.C:
			l.line.log.Warn("answer never acknowledged", "talk", l.talk)
			_ = l.Hangup(context.Background())
			return
		}
	}
}

// settled takes the answer to our offer out of the ACK, where it has to be
// (RFC 3264, 4; RFC 3261, 13.2.1). Without one nothing changes.
func (l *leg) settled(ack *sip.Request) error {
	err := l.stream.Accept(description(ack))
	if err != nil {
		l.line.log.Warn("late answer not acceptable", "talk", l.talk, "err", err)
	}
	return err
}
