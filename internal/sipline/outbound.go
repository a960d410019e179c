package sipline

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

const (
	silentFor    = 8 * time.Second  // no word from a trunk: the next one is tried
	silentLast   = 32 * time.Second // when there is no next one (RFC 3261, 17.1.1.2: timer B)
	ringDefault  = 60 * time.Second // when a call does not say how long it may ring
	maxRedirects = 3
	maxAsked     = 3 // a nonce may be stale, but not for ever
)

// Why a call was not sent.
var (
	errNoTrunk = errors.New("no trunk is configured")
	errTooLate = errors.New("the time to place this call is over")
	errAddr    = errors.New("neither a number nor a SIP URI")
	errRinging = errors.New("nobody answered in time")
)

// Ring implements [liveline.Line]: the trunks are tried one after the other
// until the called party's telephone could ring.
func (l *Line) Ring(ctx context.Context, c liveline.Call) (liveline.Leg, error) {
	c.Ref = cmp.Or(c.Ref, rand.Text())
	c.Ring = cmp.Or(c.Ring, ringDefault)
	hops, err := l.hops(c.Addr)
	if err != nil {
		return nil, unsent(err)
	}
	failed := unsent(errNoTrunk)
	for i, h := range hops {
		h.last = i == len(hops)-1
		leg, no := l.ringOn(ctx, h, c)
		if no == nil {
			return leg, nil
		}
		if no.Outcome != ivr.Unsent || failed.Outcome == ivr.Unsent {
			failed = no.NotTakenError // what left this machine counts
		}
		if !no.next {
			break
		}
	}
	return nil, failed
}

func unsent(err error) *liveline.NotTakenError {
	return &liveline.NotTakenError{Outcome: ivr.Unsent, Err: err}
}

// A failure says why a call was not taken, and whether another trunk may do
// better.
type failure struct {
	*liveline.NotTakenError
	next bool
}

func failed(o ivr.Outcome, err error) *failure {
	return &failure{NotTakenError: &liveline.NotTakenError{Outcome: o, Err: err}}
}

func elsewhere(o ivr.Outcome, err error) *failure {
	f := failed(o, err)
	f.next = true
	return f
}

// ringOn places the call by one way, at each of its addresses until one
// answers at all.
func (l *Line) ringOn(ctx context.Context, h hop, c liveline.Call) (*leg, *failure) {
	select {
	case <-l.up:
	default:
		return nil, failed(ivr.Unsent, errShutting)
	}
	addrs, err := h.place.addrs(ctx)
	if err != nil {
		return nil, elsewhere(ivr.Unsent, err)
	}
	no := elsewhere(ivr.Unsent, errNoTrunk)
	last := h.last
	for i, a := range addrs {
		var leg *leg
		h.last = last && i == len(addrs)-1
		s := site{network: h.place.target.network, addr: a, name: h.name}
		if leg, no = l.ringAt(ctx, h, s, c); no == nil || !no.next {
			return leg, no
		}
	}
	return nil, no
}

// ringAt takes all that a call needs, and places it.
func (l *Line) ringAt(ctx context.Context, h hop, s site, c liveline.Call) (*leg, *failure) {
	end := func() {}
	if h.trunk != nil {
		var err error
		if end, err = h.trunk.begin(); err != nil {
			return nil, elsewhere(ivr.Unsent, err)
		}
	}
	out, ok := l.book.enter(c.Ref)
	if !ok {
		end()
		return nil, failed(ivr.Unsent, errShutting)
	}
	bye := func() {}
	if h.trunk == nil {
		bye = l.guard.host(s.addr.Addr())
	}
	leave := sync.OnceFunc(func() { out(); end(); time.AfterFunc(64*sip.T1, bye) })
	stream, err := l.open(s.addr.Addr())
	if err != nil {
		leave()
		return nil, failed(ivr.Unsent, err)
	}
	stream.Trust(s.addr.Addr())
	o := &outgoing{line: l, hop: h, site: s, call: c, stream: stream, leave: leave, early: map[string]string{}}
	leg, no := o.place(ctx)
	if no != nil {
		leave()
		_ = stream.Close()
	}
	o.judge(no)
	return leg, no
}

// An outgoing is a call on its way out.
type outgoing struct {
	line   *Line
	hop    hop
	site   site
	call   liveline.Call
	stream stream
	leave  func()

	way     way
	from    string // our tag
	seq     uint32
	session time.Duration
	user    string // whom a redirection names; "" for the one that was called
	moves   int
	asked   int               // times that a password was asked for
	rang    bool              // a telephone has rung: no other trunk may let it ring again
	early   map[string]string // session descriptions that came before the answer, by the tag of who sent them
	rung    *rung             // the INVITE that is under way
}

// judge tells the trunk's breaker how it did.
func (o *outgoing) judge(no *failure) {
	switch {
	case o.hop.trunk == nil || no != nil && no.Outcome == ivr.Unsent && !no.next:
	case no != nil && no.next:
		o.hop.trunk.failed()
	default:
		o.hop.trunk.worked()
	}
}

// place sends the INVITE and sees it through, whatever is asked on the way.
func (o *outgoing) place(ctx context.Context) (*leg, *failure) {
	var err error
	if o.way, err = o.line.wayTo(ctx, o.site); err != nil {
		return nil, elsewhere(ivr.Unsent, err)
	}
	o.from, o.seq, o.session = rand.Text(), 1, o.line.conf.Session
	invite := o.invite()
	ringing := time.NewTimer(o.call.Ring)
	defer ringing.Stop()
	for {
		if no := o.mayLeave(); no != nil {
			return nil, no
		}
		tx, err := o.line.send(ctx, invite, o.way, o.hop.trunk)
		if err != nil {
			return nil, elsewhere(ivr.Carrier, err)
		}
		o.rung = tx.rung
		if o.call.Begun != nil {
			o.call.Begun()
		}
		res, no := o.wait(ctx, tx, ringing.C)
		if no != nil {
			return nil, no
		}
		if res.IsSuccess() {
			return o.answered(invite, res)
		}
		if invite, no = o.again(invite, res); no != nil {
			return nil, no
		}
	}
}

// mayLeave is asked at the last moment: the number, and the time.
func (o *outgoing) mayLeave() *failure {
	addr := o.call.Addr
	if o.user != "" {
		addr = o.user
	}
	if err := o.line.check(addr); err != nil {
		return failed(ivr.Unsent, err)
	}
	if b := o.call.Before; !b.IsZero() && !o.line.now().Before(b) {
		return failed(ivr.Unsent, errTooLate)
	}
	return nil
}

// wait returns the final answer. However many provisional ones come, only
// time ends it; and whenever it ends without an answer, the other side hears
// that nobody waits any more.
func (o *outgoing) wait(ctx context.Context, tx *sent, ringing <-chan time.Time) (*sip.Response, *failure) {
	defer tx.end()
	patience := silentFor
	if o.hop.last {
		patience = silentLast
	}
	silent := time.NewTimer(patience)
	defer silent.Stop()
	for {
		select {
		case res := <-tx.Responses():
			silent.Stop()
			if !res.IsProvisional() {
				return res, nil
			}
			tx.provisional()
			if res.StatusCode == 180 && !o.rang {
				o.rings()
			}
			o.foretold(res)
		case <-tx.Done():
			no := elsewhere(ivr.Carrier, errors.Join(errSilent, tx.Err()))
			no.next = !o.rang
			return nil, no
		case <-silent.C:
			tx.abandon()
			return nil, elsewhere(ivr.Carrier, errSilent)
		case <-ringing:
			tx.abandon()
			return nil, failed(ivr.Unanswered, errRinging)
		case <-ctx.Done():
			tx.abandon()
			return nil, failed(ivr.Unanswered, ctx.Err())
		}
	}
}

// maxForked is how many telephones of a fork are listened to.
const maxForked = 16

// foretold keeps a session description that comes before the answer: what is
// heard until then is not for us. Each telephone of a fork has its own
// (RFC 3261, 13.2.2.4).
func (o *outgoing) foretold(res *sip.Response) {
	if said := description(res); said != nil && len(o.early) < maxForked {
		tag, _ := res.To().Params.Get("tag")
		o.early[tag] = string(said)
	}
}

// rings notes that the telephone rings.
func (o *outgoing) rings() {
	o.rang = true
	if o.call.Ringing != nil {
		o.call.Ringing()
	}
}

// answered acknowledges the answer and opens the media. The call is in the
// book before that: a BYE may follow at once.
func (o *outgoing) answered(invite *sip.Request, res *sip.Response) (*leg, *failure) {
	d := established(invite, res, o.way).with(o.hop.trunk, o.site)
	leg := o.line.newLeg(d, o.stream, o.leave)
	leg.talk, leg.updates, leg.session = o.call.Ref, allows(res, sip.UPDATE), agreed(res, o.session)
	leg.begin()
	ack := d.ack(invite.CSeq().SeqNo)
	o.line.rung.chosen(o.rung, d.remoteTag(), ack)
	if err := o.line.write(ack.Clone()); err != nil {
		leg.over()
		o.line.book.drop(leg)
		return nil, failed(ivr.Carrier, err)
	}
	said := cmp.Or(string(description(res)), o.early[d.remoteTag()])
	if err := o.stream.Accept([]byte(said)); err != nil {
		_ = leg.Hangup(context.Background()) // RFC 3261, 13.2.2.4: answered, and of no use
		return nil, failed(ivr.Carrier, err)
	}
	o.stream.Start()
	return leg, nil
}
