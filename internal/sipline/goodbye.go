package sipline

import (
	"context"

	"github.com/emiago/sipgo/sip"
)

// over ends the call on our side. It reports whether it was still up.
func (l *leg) over() (was bool) {
	l.once.Do(func() {
		was = true
		close(l.gone)
		l.unwatch()
		if err := l.stream.Close(); err != nil {
			l.line.log.Debug("media not closed", "talk", l.talk, "err", err)
		}
		l.leave()
	})
	return was
}

// Hangup implements [liveline.Leg]. The BYE is sent until it is answered,
// without letting anybody wait for that.
func (l *leg) Hangup(ctx context.Context) error {
	l.linger(ctx)
	if !l.over() {
		return nil
	}
	l.line.work.Go(func() {
		defer l.line.book.drop(l)
		// RFC 3261, 15: not before the ACK, or the other side may not know the
		// call yet.
		if e := l.pending(); e != nil {
			<-e.over
		}
		l.lastNews()
		if l.hasLeft() {
			return
		}
		if _, err := l.ask(context.Background(), l.goodbye()); err != nil {
			l.line.log.Debug("goodbye not answered", "talk", l.talk, "err", err)
		}
	})
	return nil
}

func (l *leg) goodbye() *sip.Request {
	bye := l.dialog.request(sip.BYE)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.why != "" {
		bye.AppendHeader(sip.NewHeader("Reason", l.why))
	}
	return bye
}

// onBye is the other side hanging up.
func (l *leg) onBye(r *sip.Request, tx sip.ServerTransaction) {
	l.line.book.drop(l)
	l.line.respond(tx, sip.NewResponseFromRequest(r, 200, "OK", nil))
	l.bye.Do(func() { close(l.left) })
	l.over()
}

func (l *leg) hasLeft() bool {
	select {
	case <-l.left:
		return true
	default:
		return false
	}
}
