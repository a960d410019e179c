package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
)

// cueTime is how long a player waits for his cue before something is wrong,
// unless the stage says otherwise.
const cueTime = time.Minute

// pressWhenAsked waits until a player is asked and hears it, and presses keys
// before it was said to its end.
func (st *stage) pressWhenAsked(ctx context.Context, who part, call *phone.Call, keys string) error {
	if err := st.cue(ctx, who, func(t ivr.Turn) bool { return t.Listen != nil }); err != nil {
		return err
	}
	if err := st.hears(ctx, who, call); err != nil {
		return err
	}
	st.line(string(who), "presses "+keys)
	return call.Press(ctx, keys)
}

// hears waits until real sound has come in: a tenth of a second of it.
func (st *stage) hears(ctx context.Context, who part, call *phone.Call) error {
	const span = 800
	from := len(call.Heard())
	ctx, stop := context.WithTimeout(ctx, st.patience)
	defer stop()
	err := call.Hear(ctx, func(heard []byte) bool {
		return len(heard) >= from+span && call.Level(heard[len(heard)-span:]) > -45
	})
	if err != nil {
		return fmt.Errorf("the %s hears nothing: %w", who, err)
	}
	return nil
}

// cue waits until a player is told something that fits.
func (st *stage) cue(ctx context.Context, who part, fits func(ivr.Turn) bool) error {
	return st.cueAmong(ctx, st.turns[who], who, func(t ivr.Turn) (bool, error) {
		if fit := fits(t); fit || !t.End {
			return fit, nil
		}
		return false, fmt.Errorf("the talk with the %s was over too early", who)
	})
}

// cueAmong waits until one of the turns fits, or shows that none will.
func (st *stage) cueAmong(ctx context.Context, turns <-chan ivr.Turn, who part, fits func(ivr.Turn) (bool, error)) error {
	late := time.NewTimer(st.patience)
	defer late.Stop()
	for {
		select {
		case t := <-turns:
			if fit, err := fits(t); fit || err != nil {
				return err
			}
		case <-late.C:
			return fmt.Errorf("the %s was asked nothing for %s", who, st.patience)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// drained forgets the turns of an earlier call.
func drained(turns <-chan ivr.Turn) <-chan ivr.Turn {
	for {
		select {
		case <-turns:
		default:
			return turns
		}
	}
}

// end lets a player hear the beginning of the goodbye, and hangs up. A caller who
// is asked on has pressed too few keys.
func (st *stage) end(ctx context.Context, who part, call *phone.Call) error {
	err := st.cueAmong(ctx, st.turns[who], who, func(t ivr.Turn) (bool, error) {
		if who == callerPart && (t.Listen != nil || t.Connect != nil) {
			return false, errors.New("there is no key left to press, and no promise yet; try the keys 1 1 1")
		}
		return t.End, nil
	})
	if err != nil {
		return err
	}
	if err := st.hears(ctx, who, call); err != nil {
		return err
	}
	return st.hangUp(ctx, who, call)
}

func (st *stage) hangUp(ctx context.Context, who part, call *phone.Call) error {
	select {
	case <-call.Done():
		st.line(string(who), "hears that the other end has hung up")
		return nil
	default:
	}
	st.line(string(who), "hangs up")
	return call.Hangup(ctx)
}

// pickUp takes the next call of a player.
func (st *stage) pickUp(ctx context.Context, who part, what string) (*phone.Call, error) {
	select {
	case r := <-st.rings[who]:
		defer close(r.taken)
		st.line(string(who), what)
		call, err := r.in.Accept(ctx)
		if err == nil {
			st.line(string(who), "picks up")
		}
		return call, err
	case <-time.After(st.patience):
		return nil, fmt.Errorf("the %s’s telephone did not ring within %s", who, st.patience)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
