package liveline

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A Mover is a desk that moves talks on by itself, when it is the turn of who
// stands in line.
type Mover interface {
	// Moved returns a channel that is closed when a talk was moved on beyond a
	// turn.
	Moved(talk string, turn int) (moved <-chan struct{}, stop func())
}

var _ Mover = (*callback.Desk)(nil)

// moved is closed when the desk has called this person up.
func (c *conversation) moved() (<-chan struct{}, func()) {
	if m, ok := c.holder.Desk.(Mover); ok {
		return m.Moved(c.talk, c.turn.No)
	}
	return nil, func() {}
}

// standInLine says where in line the person stands, and plays music until it is
// his turn, or he presses a key. Words and music end in the moment in which the
// desk calls him up.
func (c *conversation) standInLine(ctx context.Context, l ivr.Listen) (ivr.Event, error) {
	moved, stop := c.moved()
	defer stop()
	ctx, hush := context.WithCancel(ctx)
	defer hush()
	c.far.Go(func() {
		select {
		case <-moved:
			hush()
		case <-ctx.Done():
		}
	})
	e, err := c.music(ctx, l)
	select {
	case <-moved:
		return ivr.Event{Kind: ivr.Free}, c.left()
	default:
		return e, err
	}
}

func (c *conversation) music(ctx context.Context, l ivr.Listen) (ivr.Event, error) {
	for {
		if err := c.leg.Play(ctx, c.turn.Lang, c.turn.Say); err != nil {
			return ivr.Event{}, err
		}
		c.leg.Wait(true)
		e, err := c.listen(ctx, l)
		c.leg.Wait(false)
		if !errors.Is(err, ErrUnheard) {
			return e, err
		}
	}
}

const (
	// offerAfter is how long somebody is rung before the person who waits hears
	// what else he can do: who is answered at once need not hear it.
	offerAfter = 5 * time.Second
	// offerEvery is how often he hears it then.
	offerEvery = time.Minute
)

// offer tells a person who waits what a key does meanwhile, and reports whether
// he has pressed it. The key is heard from the first moment on.
func (c *conversation) offer(ctx context.Context) bool {
	defer c.survive()
	w := c.turn.Connect
	if w == nil || w.Offer == nil {
		return false
	}
	for wait := offerAfter; ; {
		key, err := c.leg.Keys(ctx, ivr.Listen{Max: 1, Wait: wait})
		switch {
		case err != nil && !errors.Is(err, ErrUnheard):
			return false
		case key == w.Offer.Key:
			return c.chosen.leave()
		case key != "":
			continue
		}
		wait = offerEvery
		if err := c.leg.Play(ctx, c.turn.Lang, []ivr.Prompt{*w.Offer}); err != nil {
			return false
		}
		c.leg.Wait(true)
	}
}

// A choice between waiting for who is rung and something else is made once,
// whichever comes first: somebody takes the call, or a key is pressed.
type choice struct{ made atomic.Int32 }

const (
	toWait  = 1
	toLeave = 2
)

// wait takes the call, and reports whether that was still to be chosen.
func (c *choice) wait() bool { return c.made.CompareAndSwap(0, toWait) }

// leave gives the call up, and reports the same.
func (c *choice) leave() bool { return c.made.CompareAndSwap(0, toLeave) }

// another reports whether something else was chosen.
func (c *choice) another() bool { return c.made.Load() == toLeave }
