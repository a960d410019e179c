package liveline

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/holdless/holdless/ivr"
)

// connect brings this person together with another.
func (c *conversation) connect(ctx context.Context, w ivr.Connect) (ivr.Event, error) {
	if w.To == ivr.Waiting {
		return c.join(ctx)
	}
	if w.Transfer {
		err := c.refer(ctx, w.Addr)
		if err == nil {
			return ivr.Event{Kind: ivr.Spoke}, nil
		}
		// Where a transfer is refused, both calls are carried by us.
		c.holder.Log.Info("call not handed over", "line", c.holder.Name, "talk", c.talk, "err", err)
	}
	return c.reach(ctx, w)
}

// refer has the telephone of this person call another place by itself.
func (c *conversation) refer(ctx context.Context, addr string) error {
	if err := c.leg.Confirm(ctx); err != nil {
		return err
	}
	return c.holder.Line.Refer(ctx, c.leg, addr)
}

// join takes the call: this person speaks with the one who waits.
func (c *conversation) join(ctx context.Context) (ivr.Event, error) {
	if c.meet == nil {
		return ivr.Event{}, errors.New("nobody waits for this party")
	}
	c.unhear()
	if !c.meet.accept(ctx, c.leg) {
		return ivr.Event{}, io.EOF
	}
	return ivr.Event{Kind: ivr.Spoke}, nil
}

// rings reports whether the turn has somebody rung at once. What there is to
// say is said meanwhile then: a call must leave soon after its intent was
// stored, however much is said (package callback: fence).
func (c *conversation) rings() bool {
	w := c.turn.Connect
	return w != nil && w.To != ivr.Waiting && !w.Transfer
}

// meanwhile says what there is to say while another party is rung, then turns
// on the sound of waiting, and hears whether the person would rather not wait:
// then it calls leave. Said is closed when the words are over; hush ends all of
// it.
func (c *conversation) meanwhile(ctx context.Context, leave func()) (said <-chan struct{}, hush func()) {
	ctx, stop := context.WithCancel(ctx)
	spoken, done := make(chan struct{}), make(chan struct{})
	c.far.Go(func() {
		defer close(done)
		if c.sayThenWait(ctx, spoken) && c.offer(ctx) {
			leave()
		}
	})
	return spoken, func() {
		stop()
		<-done
		c.leg.Wait(false)
	}
}

// sayThenWait reports whether the person waits.
func (c *conversation) sayThenWait(ctx context.Context, spoken chan<- struct{}) bool {
	defer close(spoken)
	defer c.survive()
	if c.rings() && len(c.turn.Say) > 0 {
		if err := c.leg.Play(ctx, c.turn.Lang, c.turn.Say); err != nil {
			return false // this person has left, or the two are joined
		}
	}
	c.leg.Wait(true)
	return true
}

// reach rings somebody, while this person hears the sound of waiting, and
// joins the two calls once the other takes it.
func (c *conversation) reach(ctx context.Context, w ivr.Connect) (ivr.Event, error) {
	ringing, leave := context.WithCancel(ctx)
	defer leave()
	c.chosen = &choice{}
	said, hush := c.meanwhile(ringing, leave)
	c.hush = sync.OnceFunc(hush)
	defer c.hush()
	far, err := c.ringFor(ringing, c.leg, w, nil)
	switch {
	case err != nil && c.chosen.another():
		return ivr.Event{Kind: ivr.Heard, Text: w.Offer.Key}, c.left()
	case err != nil:
		<-said
		return missed(err), c.left()
	case w.Talk != "":
		return c.introduce(ctx, ringing, w, far)
	}
	p := alone(ctx, far)
	if !c.chosen.wait() {
		p.desert()
		return ivr.Event{Kind: ivr.Heard, Text: w.Offer.Key}, c.left()
	}
	return c.bridge(ctx, p)
}

// place places a call and gives it up when the person who waits leaves. Nobody is
// rung for somebody who may not be there.
func (c *conversation) place(ctx context.Context, waits Leg, ring func(context.Context) (Leg, error)) (Leg, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	c.far.Go(func() {
		select {
		case <-waits.Gone():
			stop()
		case <-ctx.Done():
		}
	})
	if err := waits.Confirm(ctx); err != nil {
		return nil, err
	}
	return ring(ctx)
}

// left returns [io.EOF] once this person has hung up.
func (c *conversation) left() error {
	if gone(c.leg) {
		return io.EOF
	}
	return nil
}

// missed says why nobody took a call.
func missed(err error) ivr.Event {
	outcome := ivr.Unanswered
	if no, ok := errors.AsType[*NotTakenError](err); ok {
		outcome = no.Outcome
	}
	return ivr.Event{Kind: ivr.NoAnswer, Text: string(outcome)}
}

// introduce holds the far party's own talk until it takes the call, leaves,
// or the near party is gone, or would rather not wait.
func (c *conversation) introduce(ctx, ringing context.Context, w ivr.Connect, far Leg) (ivr.Event, error) {
	m := newMeeting()
	farCtx, stop := context.WithCancel(ctx)
	c.far.Go(func() {
		defer stop()
		m.finish(c.holder.receive(farCtx, w.Talk, far, m))
	})
	select {
	case <-m.accepted:
		if c.chosen.wait() {
			return c.bridge(ctx, party{leg: far, talk: w.Talk, part: m.part, desert: m.desert})
		}
	case <-m.finished:
		return ivr.Event{Kind: ivr.NoAnswer, Text: string(m.outcome)}, c.left()
	case <-c.leg.Gone():
	case <-ringing.Done():
	}
	m.desert()
	stop()
	if c.chosen.another() && c.left() == nil {
		return ivr.Event{Kind: ivr.Heard, Text: w.Offer.Key}, nil
	}
	return ivr.Event{}, io.EOF
}

// bridge joins two calls until one of the two leaves. That they spoke is
// what counts; who hung up first shows in the next turn. On the way one of them
// may have the other put through to somebody else.
func (c *conversation) bridge(ctx context.Context, far party) (ivr.Event, error) {
	defer func() { far.part() }()
	c.hush()
	c.unhear()
	p := c.holder.pairs.join(c.talk, far.talk)
	defer c.holder.pairs.part(p)
	for {
		err := c.together(ctx, p, c.leg, far.leg)
		t, asked := c.asks(err, p, far.leg)
		switch {
		case asked && t == nil:
		case !asked && (err == nil || errors.Is(err, io.EOF)):
			return ivr.Event{Kind: ivr.Spoke}, nil
		case !asked:
			return ivr.Event{}, err
		case t.By == c.leg:
			if over, err := c.byNear(ctx, t, &far); over {
				return ivr.Event{Kind: ivr.Spoke}, err
			}
		default:
			if over, e := c.byFar(ctx, t, &far); over {
				return e, nil
			}
			c.holder.pairs.turnTo(p, far.talk)
		}
	}
}

// receive holds the talk of somebody who was rung, and says how it went.
func (h *Holder) receive(ctx context.Context, talk string, leg Leg, m *meeting) ivr.Outcome {
	c := &conversation{holder: h, talk: talk, leg: leg, meet: m}
	first, err := tell(ctx, h.Desk, talk, 0, ivr.Event{Kind: ivr.Begin})
	if err != nil {
		h.Log.Error("talk could not begin", "talk", talk, "err", err)
		c.apologise(ctx)
		_ = leg.Hangup(context.WithoutCancel(ctx))
		return ivr.Carrier
	}
	c.turn = first
	c.overhear()
	if err := c.hold(ctx); err != nil {
		h.Log.Error("talk failed", "talk", talk, "err", err)
	}
	return c.verdict()
}

// verdict says why this party did not take the call.
func (c *conversation) verdict() ivr.Outcome {
	switch {
	case c.noted != "":
		return c.noted
	case c.keyed:
		return ivr.Unanswered
	}
	return ivr.Machine // answered, and no person pressed a key
}

// A meeting is where a party that was rung finds the one who waits for it.
type meeting struct {
	accepted chan struct{} // the far party takes the call
	parted   chan struct{} // the two have spoken
	left     chan struct{} // the near party did not wait
	finished chan struct{} // the far party's talk is over
	outcome  ivr.Outcome   // set before finished

	accept1, part1, desert1 sync.Once
}

func newMeeting() *meeting {
	return &meeting{
		accepted: make(chan struct{}), parted: make(chan struct{}),
		left: make(chan struct{}), finished: make(chan struct{}),
	}
}

// accept reports whether the two met; it returns when they have parted.
func (m *meeting) accept(ctx context.Context, far Leg) bool {
	if m.deserted() {
		return false
	}
	m.accept1.Do(func() { close(m.accepted) })
	select {
	case <-m.parted:
		return true
	case <-m.left:
		return false
	case <-far.Gone():
		// The near side notices as well: it is joined to this leg.
		select {
		case <-m.parted:
			return true
		case <-m.left:
			return false
		}
	case <-ctx.Done():
		return false
	}
}

func (m *meeting) part()   { m.part1.Do(func() { close(m.parted) }) }
func (m *meeting) desert() { m.desert1.Do(func() { close(m.left) }) }

func (m *meeting) finish(o ivr.Outcome) {
	m.outcome = o
	close(m.finished)
}

func (m *meeting) deserted() bool {
	select {
	case <-m.left:
		return true
	default:
		return false
	}
}
