package liveline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/holdless/holdless/ivr"
)

// storeWithin is how long the desk may take to store an event. A caller hears
// nothing meanwhile, so it is short.
const storeWithin = 10 * time.Second

// apology is said when a talk cannot go on: an error, or the other party is
// lost.
var apology = []ivr.Prompt{{Name: "sorry"}, {Name: "goodbye"}}

// A Desk takes what happened in a talk and says what comes next.
type Desk interface {
	Next(ctx context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error)
}

// A Holder holds talks over live calls.
type Holder struct {
	Desk        Desk
	Line        Line
	Switchboard Switchboard // nil: nobody may be put through
	Name        string      // of the line, for the log
	Log         *slog.Logger

	pairs pairs // who speaks with each other now
}

// Hold carries on a talk over a leg until one of the two ends, and hangs up.
// A panic ends this call only. When ctx is done the call is ended. Whoever was
// rung on the way has hung up as well when Hold returns.
func (h *Holder) Hold(ctx context.Context, talk string, first ivr.Turn, leg Leg) error {
	c := &conversation{holder: h, talk: talk, turn: first, leg: leg}
	return c.hold(ctx)
}

// A conversation is one talk on its leg.
type conversation struct {
	holder *Holder
	talk   string
	turn   ivr.Turn
	leg    Leg
	meet   *meeting    // where the party waits that had this one rung; nil for a caller
	keyed  bool        // a person is there: a key was pressed
	noted  ivr.Outcome // what the menu wrote down as the outcome
	hush   func()      // ends what is said while another party is rung
	chosen *choice     // between waiting for that party and what is offered instead

	beeped <-chan struct{} // closed when a machine records; nil when nobody listens for one
	deaf   func()          // ends that

	far sync.WaitGroup // talks with those who were rung for this person
}

// hold runs the conversation, and leaves nobody in silence when it breaks.
func (c *conversation) hold(ctx context.Context) error {
	err := c.guarded(ctx)
	c.unhear()
	if err != nil {
		c.apologise(ctx)
		_, _ = c.tell(ctx, ivr.Event{Kind: ivr.Gone}) // the desk may be what broke
	}
	hangup := c.leg.Hangup(context.WithoutCancel(ctx))
	c.far.Wait()
	return errors.Join(err, hangup)
}

// guarded turns a panic into an error of this call.
func (c *conversation) guarded(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.holder.Log.Error("call panicked", "talk", c.talk, "err", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("talk %s: panic: %v", c.talk, p)
		}
	}()
	return c.run(ctx)
}

// run performs one turn after the other.
func (c *conversation) run(ctx context.Context) error {
	for {
		c.remember()
		e, err := c.perform(ctx)
		switch {
		case errors.Is(err, io.EOF), err != nil && ctx.Err() != nil:
			return c.gone(ctx)
		case err != nil:
			return fmt.Errorf("talk %s, turn %d: %w", c.talk, c.turn.No, err)
		case c.turn.End:
			return nil
		}
		c.keyed = c.keyed || e.Kind == ivr.Heard
		next, err := c.tell(ctx, e)
		if err != nil {
			return err
		}
		c.turn = next
	}
}

// remember keeps what the menu has written down about the outcome.
func (c *conversation) remember() {
	for _, n := range c.turn.Notes {
		if n.Name == "outcome" {
			c.noted = ivr.Outcome(n.Value)
		}
	}
}

// gone tells the desk that the person has left. When it is the party who
// waits that has left, this person hears so.
func (c *conversation) gone(ctx context.Context) error {
	if c.meet != nil && c.meet.deserted() {
		c.apologise(ctx)
	}
	if c.turn.End {
		return nil
	}
	_, err := c.tell(ctx, ivr.Event{Kind: ivr.Gone})
	return err
}

// tell hands an event to the desk. It is stored even when the call is over.
func (c *conversation) tell(ctx context.Context, e ivr.Event) (ivr.Turn, error) {
	return tell(ctx, c.holder.Desk, c.talk, c.turn.No, e)
}

func tell(ctx context.Context, desk Desk, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer stop()
	var t ivr.Turn
	var err error
	Aside(func() { t, err = desk.Next(ctx, talk, turn, e) })
	if err != nil {
		return ivr.Turn{}, fmt.Errorf("talk %s, %s at turn %d: %w", talk, e.Kind, turn, err)
	}
	return t, nil
}

// perform does one turn and returns what came of it.
func (c *conversation) perform(ctx context.Context) (ivr.Event, error) {
	if l := c.turn.Listen; l != nil && l.Hold {
		return c.standInLine(ctx, *l)
	}
	if err := c.afterBeep(ctx); err != nil {
		return ivr.Event{}, err
	}
	if len(c.turn.Say) > 0 && !c.rings() {
		if err := c.leg.Play(ctx, c.turn.Lang, c.turn.Say); err != nil {
			return ivr.Event{}, err
		}
	}
	switch {
	case c.turn.Listen != nil:
		e, err := c.listen(ctx, *c.turn.Listen)
		if errors.Is(err, ErrUnheard) {
			return c.perform(ctx)
		}
		return e, err
	case c.turn.Record != nil:
		c.unhear() // what is said now is taken down
		return c.record(ctx, *c.turn.Record)
	case c.turn.Connect != nil:
		return c.connect(ctx, *c.turn.Connect)
	case c.turn.End:
		return ivr.Event{}, nil
	}
	return ivr.Event{}, errors.New("the turn asks for nothing that a line can do")
}

func (c *conversation) listen(ctx context.Context, l ivr.Listen) (ivr.Event, error) {
	keys, err := c.leg.Keys(ctx, l)
	if keys == "" {
		return ivr.Event{Kind: ivr.Silence}, err
	}
	return ivr.Event{Kind: ivr.Heard, Text: keys}, err
}

func (c *conversation) record(ctx context.Context, r ivr.Record) (ivr.Event, error) {
	take, err := c.leg.Record(ctx, r)
	if take == "" {
		return ivr.Event{Kind: ivr.Silence}, err
	}
	if errors.Is(err, io.EOF) {
		err = nil // it is told what was said; that the person has left, shows in the next turn
	}
	return ivr.Event{Kind: ivr.Recorded, Text: take}, err
}

// apologise says that it is our fault, and cannot fail: it may be all that is
// left to do after a panic.
func (c *conversation) apologise(ctx context.Context) {
	defer func() { _ = recover() }()
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer stop()
	_ = c.leg.Play(ctx, c.turn.Lang, slices.Clone(apology)) // the person may have left
}
