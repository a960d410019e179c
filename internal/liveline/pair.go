package liveline

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
)

// Agents put people through by a deed at the desk as well as with their
// telephones. What they ask for there goes to the conversation which they are in,
// and that does what it does for a telephone.

// A Roll knows which talks agents are in. The desk is one.
type Roll interface {
	// Speaks returns the talk that keeps an agent in a call: his own, or the one
	// with the person. It is [callback.ErrNoCall] when there is none.
	Speaks(ctx context.Context, agent string) (talk string, err error)
	// Owns reports whether it is his own.
	Owns(ctx context.Context, agent, talk string) (bool, error)
}

var _ Roll = (*callback.Desk)(nil)

// A deed is what an agent asks for at the desk.
type deed int

const (
	putsThrough deed = iota
	speaksFirst
	joins
	takesBack
)

// deeds are those that an errand can ask for.
var deeds = map[callback.ErrandDeed]deed{
	callback.PutThrough: putsThrough, callback.SpeakFirst: speaksFirst, callback.JoinBoth: joins, callback.TakeBack: takesBack,
}

// An order asks for a deed. It is an error, as the wish of a telephone is: with it
// two are parted.
type order struct {
	deed  deed
	keeps string     // the talk that kept him in the call when he asked; "" for the one that does now
	talk  string     // the agent's own
	to    string     // whom he names
	done  chan error // takes one value: nil when it is tried
}

func newOrder(d deed, to string) *order { return &order{deed: d, to: to, done: make(chan error, 1)} }

func (o *order) Error() string { return "an agent asks for something at the desk" }

// answer tells the agent; what he is told first counts.
func (o *order) answer(no error) {
	select {
	case o.done <- no:
	default:
	}
}

// A pair is two who speak with each other.
type pair struct {
	near, far string // their talks; "" when none is held
	orders    chan *order
	over      chan struct{} // closed when they have parted
}

// pairs are all of a line, by both talks.
type pairs struct {
	mu sync.Mutex
	by map[string]*pair
}

func (p *pairs) of(talk string) *pair {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.by[talk]
}

// none reports whether nobody speaks with anybody.
func (p *pairs) none() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.by) == 0
}

func (p *pairs) join(near, far string) *pair {
	one := &pair{near: near, orders: make(chan *order), over: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by == nil {
		p.by = map[string]*pair{}
	}
	p.enter(one, near)
	p.turn(one, far)
	return one
}

// turnTo makes another the far side of a pair.
func (p *pairs) turnTo(one *pair, far string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn(one, far)
}

func (p *pairs) turn(one *pair, far string) {
	p.leave(one, one.far)
	one.far = far
	p.enter(one, far)
}

// enter makes a pair found by a talk, if there is one: nobody is looked for
// without.
func (p *pairs) enter(one *pair, talk string) {
	if talk != "" {
		p.by[talk] = one
	}
}

func (p *pairs) part(one *pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave(one, one.near)
	p.leave(one, one.far)
	close(one.over)
}

// leave takes a talk out of a pair, unless it is in the next one by now.
func (p *pairs) leave(one *pair, talk string) {
	if p.by[talk] == one {
		delete(p.by, talk)
	}
}

// talks are those of both sides.
func (p *pairs) talks(one *pair) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return []string{one.near, one.far}
}

// PutThrough has the person whom an agent speaks with put through to somebody, at
// once or after the agent has spoken with that one. It returns when that is tried.
// A call that is not one of this line is [callback.ErrOtherLine].
func (h *Holder) PutThrough(ctx context.Context, s callback.SendOn) error {
	if s.Consult {
		return h.order(ctx, s.Agent, newOrder(speaksFirst, s.To))
	}
	return h.order(ctx, s.Agent, newOrder(putsThrough, s.To))
}

// Join leaves a person with whom an agent has spoken with first.
func (h *Holder) Join(ctx context.Context, agent string) error {
	return h.order(ctx, agent, newOrder(joins, ""))
}

// TakeBack brings a person back to the agent who wanted to put him through.
func (h *Holder) TakeBack(ctx context.Context, agent string) error {
	return h.order(ctx, agent, newOrder(takesBack, ""))
}

// heardWithin is how long an agent may have to wait until his conversation hears
// him: two are parted for a moment while something that was asked before is refused.
const heardWithin = 5 * time.Second

func (h *Holder) order(ctx context.Context, agent string, o *order) error {
	p, err := h.pairOf(ctx, agent, o)
	if err != nil {
		return err
	}
	late := time.NewTimer(heardWithin)
	defer late.Stop()
	select {
	case p.orders <- o:
	case <-p.over:
		return callback.ErrNoCall
	case <-late.C:
		return callback.ErrNoCall
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case no := <-o.done:
		return no
	case <-p.over:
		o.answer(callback.ErrNoCall) // unless it is answered
		return <-o.done
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pairOf finds with whom an agent speaks, and which side is his.
func (h *Holder) pairOf(ctx context.Context, agent string, o *order) (*pair, error) {
	roll, ok := h.Desk.(Roll)
	if !ok {
		return nil, callback.ErrOtherLine
	}
	talk, err := roll.Speaks(ctx, agent)
	if err != nil {
		return nil, err
	}
	if o.keeps != "" && o.keeps != talk {
		return nil, callback.ErrNoCall // he is in another call by now
	}
	p := h.pairs.of(talk)
	if p == nil {
		return nil, callback.ErrOtherLine
	}
	for _, own := range h.pairs.talks(p) {
		is, err := roll.Owns(ctx, agent, own)
		if err != nil {
			return nil, err
		}
		if is {
			o.talk = own
			return p, nil
		}
	}
	return nil, callback.ErrNoCall
}

// together passes sound between two until one leaves, or asks for something: with
// his telephone ([TransferError]), or at the desk ([order]).
func (c *conversation) together(ctx context.Context, p *pair, near, far Leg) error {
	joined, part := context.WithCancel(ctx)
	defer part()
	heard := make(chan *order, 1)
	c.far.Go(func() {
		defer close(heard)
		select {
		case o := <-p.orders:
			heard <- o
			part()
		case <-joined.Done():
		}
	})
	err := near.Bridge(joined, far)
	part()
	o := <-heard
	switch {
	case o == nil:
		return err
	case ctx.Err() != nil || !errors.Is(err, context.Canceled): // one has left just now
		o.answer(callback.ErrNoCall)
		return err
	}
	return o
}
