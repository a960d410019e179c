package sipline

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Answers to an INVITE keep coming after its transaction has done its work:
// repeated ones, a second 200 from a fork, a 200 that crosses our CANCEL, the
// first word of a trunk that was given up. sipgo either sleeps over them with
// a lock in hand or drops them; here each gets what it needs, so that no
// telephone rings on and nobody talks to a line that is gone.

// A rung is an INVITE that was sent not long ago.
type rung struct {
	invite *sip.Request
	way    way
	trunk  *trunk // nil for who is no trunk

	mu        sync.Mutex
	heard     bool         // a provisional answer came: CANCEL may be sent
	abandoned bool         // nobody waits for an answer any more
	cancelled bool         // CANCEL was sent
	tag       string       // whose 200 was taken
	ack       *sip.Request // and how it was acknowledged
	forks     map[string]*sip.Request
}

// rungs has them by the branch of their Via.
type rungs struct {
	mu sync.Mutex
	by map[string]*rung
}

func newRung(invite *sip.Request, w way) *rung {
	return &rung{invite: invite, way: w, forks: map[string]*sip.Request{}}
}

func newRungs() rungs { return rungs{by: map[string]*rung{}} }

func branch(m interface{ Via() *sip.ViaHeader }) string {
	if v := m.Via(); v != nil {
		b, _ := v.Params.Get("branch")
		return b
	}
	return ""
}

func (s *rungs) add(r *rung) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[branch(r.invite)] = r
}

func (s *rungs) find(m *sip.Response) *rung {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[branch(m)]
}

// early reports whether a call that we place has not been answered yet.
func (s *rungs) early(callID, tag string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.by {
		ours, _ := r.invite.From().Params.Get("tag")
		if r.invite.CallID().Value() == callID && ours == tag {
			return true
		}
	}
	return false
}

// forget drops one once no answer can come any more (RFC 3261, 13.2.2.4).
func (s *rungs) forget(r *rung) {
	time.AfterFunc(64*sip.T1, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.by, branch(r.invite))
	})
}

// chosen notes whose answer was taken.
func (s *rungs) chosen(r *rung, tag string, ack *sip.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tag, r.ack = tag, ack
}

// sent is an INVITE under way.
type sent struct {
	*sip.ClientTx
	rung *rung
	line *Line
}

// send sends an INVITE.
func (l *Line) send(ctx context.Context, invite *sip.Request, w way, t *trunk) (*sent, error) {
	r := newRung(invite, w)
	r.trunk = t
	l.rung.add(r)
	tx, err := l.ua.TransactionLayer().Request(ctx, invite)
	if err != nil {
		l.rung.forget(r)
		return nil, fmt.Errorf("send INVITE: %w", err)
	}
	return &sent{tx, r, l}, nil
}

// end lets go of the transaction: from now on answers are strays. Once more
// changes nothing.
func (s *sent) end() {
	s.Terminate()
	s.line.rung.forget(s.rung)
}

func (s *sent) provisional() {
	s.rung.mu.Lock()
	defer s.rung.mu.Unlock()
	s.rung.heard = true
}

// abandon lets go first, and then says so: an answer that crosses the CANCEL is a
// stray, and not one that sipgo keeps for nobody.
func (s *sent) abandon() {
	s.end()
	s.line.abandon(s.rung)
}

// abandon says that nobody waits for an answer any more.
func (l *Line) abandon(r *rung) {
	r.mu.Lock()
	r.abandoned = true
	// RFC 3261, 9.1: not before a provisional answer, which may come late.
	now := r.heard && !r.cancelled
	r.cancelled = r.cancelled || now
	r.mu.Unlock()
	if now {
		l.cancel(r)
	}
}

// cancel stops the ringing.
func (l *Line) cancel(r *rung) {
	l.dismiss(r, func(ctx context.Context) (*sip.Response, error) { return l.ask(ctx, r.copy(sip.CANCEL, r.invite.To())) })
}

// dismiss sends what ends a call that nobody waits for.
func (l *Line) dismiss(r *rung, ask func(context.Context) (*sip.Response, error)) {
	l.work.Go(func() {
		if _, err := ask(context.Background()); err != nil {
			l.log.Warn("call perhaps not ended", "addr", r.way.addr.String(), "err", err)
		}
	})
}

// copy builds a request that belongs to the INVITE's own transaction: a CANCEL
// (RFC 3261, 9.1), or the ACK of a refusal (17.1.1.3).
func (r *rung) copy(method sip.RequestMethod, to *sip.ToHeader) *sip.Request {
	req := sip.NewRequest(method, *r.invite.Recipient.Clone())
	maxForwards := sip.MaxForwardsHeader(70)
	req.AppendHeader(r.invite.Via().Clone())
	req.AppendHeader(&maxForwards)
	req.AppendHeader(sip.HeaderClone(r.invite.From()))
	req.AppendHeader(sip.HeaderClone(to))
	req.AppendHeader(sip.HeaderClone(r.invite.CallID()))
	req.AppendHeader(&sip.CSeqHeader{SeqNo: r.invite.CSeq().SeqNo, MethodName: method})
	req.SetBody(nil)
	r.way.aim(req)
	return req
}

// stray takes the answers that belong to no transaction.
func (l *Line) stray(res *sip.Response) {
	defer func() {
		if p := recover(); p != nil {
			l.guard.counts.panics.Add(1)
			l.log.Error("answer panicked", "err", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	r := l.rung.find(res)
	if r == nil || res.CSeq() == nil || res.CSeq().MethodName != sip.INVITE || res.To() == nil {
		return
	}
	switch {
	case res.IsProvisional():
		l.strayProvisional(r)
	case res.IsSuccess():
		l.strayAnswer(r, res)
	default:
		l.writeLate(r.copy(sip.ACK, res.To()))
	}
}

func (l *Line) strayProvisional(r *rung) {
	r.mu.Lock()
	r.heard = true
	now := r.abandoned && !r.cancelled
	r.cancelled = r.cancelled || now
	r.mu.Unlock()
	if now {
		l.cancel(r)
	}
}

// strayAnswer acknowledges every 200 (RFC 3261, 13.2.2.4), and hangs up where
// it is not the one that was taken.
func (l *Line) strayAnswer(r *rung, res *sip.Response) {
	tag, _ := res.To().Params.Get("tag")
	r.mu.Lock()
	ack, fork := r.ack, false
	if ack == nil || tag != r.tag {
		ack = r.forks[tag]
		fork = ack == nil
	}
	var d *dialog
	if fork {
		d = established(r.invite, res, r.way).with(r.trunk, r.way.site)
		ack = d.ack(r.invite.CSeq().SeqNo)
		r.forks[tag] = ack
	}
	r.mu.Unlock()
	l.writeLate(ack.Clone())
	if !fork {
		return
	}
	l.log.Info("late answer hung up", "addr", r.way.addr.String())
	l.dismiss(r, func(ctx context.Context) (*sip.Response, error) { return l.askWithin(ctx, d, d.request(sip.BYE)) })
}

func (l *Line) writeLate(r *sip.Request) {
	if err := l.write(r); err != nil {
		l.log.Debug("acknowledgement not sent", "err", err)
	}
}
