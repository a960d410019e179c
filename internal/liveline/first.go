package liveline

import (
	"context"
	"errors"
	"slices"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// asks reads what one of two who speak with each other asks for; nothing when it
// cannot be done now, and he has been told.
func (c *conversation) asks(err error, p *pair, far Leg) (t *TransferError, asked bool) {
	o, ordered := errors.AsType[*order](err)
	switch {
	case !ordered:
		return errors.AsType[*TransferError](err)
	case !slices.Contains(c.holder.pairs.talks(p), o.talk): // he was put through for meanwhile
		o.answer(callback.ErrNoCall)
		return nil, true
	case o.deed == joins || o.deed == takesBack: // nobody waits
		o.answer(unfit(o.deed))
		return nil, true
	}
	return c.wish(o, p, far), true
}

// wish is what an agent asks for at the desk as his telephone would have asked.
func (c *conversation) wish(o *order, p *pair, far Leg) *TransferError {
	t := &TransferError{By: far, To: o.to, Answer: o.answer, News: func(int) {}, desk: p, first: o.deed == speaksFirst}
	if o.talk == c.talk {
		t.By = c.leg
	}
	return t
}

// errTakenBack means that an agent would rather keep whom he wanted to put through.
var errTakenBack = &NotTakenError{Outcome: ivr.Unanswered, Err: errors.New("taken back")}

// byDesk reaches the third party for an agent who has asked at the desk: while it
// rings he may take the person back, and may be the first who speaks with that one.
// With an error there may be a party who has to be let go.
func (c *conversation) byDesk(ctx context.Context, stays Leg, h callback.Handover, t *TransferError) (party, error) {
	ringing, giveUp := context.WithCancel(ctx)
	defer giveUp()
	heard := make(chan struct{})
	back := false
	c.far.Go(func() {
		defer close(heard)
		if back = t.hear(ringing.Done()); back {
			giveUp()
		}
	})
	t.By.Wait(true)
	third, err := c.reachThird(ctx, ringing, stays, h, t)
	t.By.Wait(false)
	giveUp()
	<-heard
	switch {
	case back:
		return third, errTakenBack
	case err != nil || !t.first || gone(t.By):
		return third, err
	}
	return third, c.speakFirst(ctx, stays, third, t)
}

// hear takes what an agent asks for while somebody is rung, until that is over. It
// reports true when he takes the person back.
func (t *TransferError) hear(over <-chan struct{}) bool {
	for {
		select {
		case o := <-t.desk.orders:
			switch {
			case o.deed == takesBack:
				o.answer(nil)
				return true
			case o.deed == joins && t.first:
				t.first = false
				o.answer(nil)
			default:
				o.answer(unfit(o.deed))
			}
		case <-over:
			return false
		}
	}
}

// unfit says why a deed is not done now.
func unfit(d deed) error {
	if d == joins || d == takesBack {
		return callback.ErrNoCall
	}
	return callback.ErrForbidden
}

// speakFirst joins an agent with whom he wants to put a person through to, who
// hears music. An error means that the person is his again.
func (c *conversation) speakFirst(ctx context.Context, stays Leg, third party, t *TransferError) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	c.far.Go(func() {
		select {
		case <-stays.Gone():
			stop()
		case <-ctx.Done():
		}
	})
	for {
		err := c.together(ctx, t.desk, t.By, third.leg)
		o, ordered := errors.AsType[*order](err)
		asked, asks := errors.AsType[*TransferError](err)
		switch {
		case asks:
			asked.Answer(errNobodyPutsThrough)
		case ordered && o.deed == joins:
			o.answer(nil)
			return nil
		case ordered && o.deed == takesBack:
			o.answer(nil)
			return errTakenBack
		case ordered:
			o.answer(unfit(o.deed))
		case ctx.Err() == nil && gone(t.By) && !gone(third.leg):
			return nil // he has hung up, and so they are together
		default:
			return errTakenBack
		}
	}
}
