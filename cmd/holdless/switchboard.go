package main

import (
	"context"
	"errors"

	"github.com/holdless/holdless/callback"
	board "github.com/holdless/holdless/internal/desk"
	"github.com/holdless/holdless/internal/liveline"
)

// A switchboard puts people through at the desk, over whichever line carries the
// call.
type switchboard []board.Switchboard

// newSwitchboard knows all lines of the service. Which call is at a carrier the
// store tells, for every process; what is carried by us, we know alone; and what is
// neither, the process does that carries it.
func (s *service) newSwitchboard() switchboard {
	all := switchboard{s.line.Holder()}
	if s.twilio != nil {
		all = switchboard{s.twilio, s.line.Holder()}
	}
	if s.desk.Alone {
		return all
	}
	return append(all, liveline.Elsewhere{Errands: s.desk})
}

// errands does what other processes ask for in calls that we carry.
func (s *service) errands(ctx context.Context) error {
	if s.desk.Alone {
		return nil
	}
	return s.line.Holder().RunErrands(ctx, s.desk)
}

// PutThrough implements [board.Switchboard].
func (b switchboard) PutThrough(ctx context.Context, s callback.SendOn) error {
	return b.each(func(one board.Switchboard) error { return one.PutThrough(ctx, s) })
}

// Join implements [board.Switchboard].
func (b switchboard) Join(ctx context.Context, agent string) error {
	return b.each(func(one board.Switchboard) error { return one.Join(ctx, agent) })
}

// TakeBack implements [board.Switchboard].
func (b switchboard) TakeBack(ctx context.Context, agent string) error {
	return b.each(func(one board.Switchboard) error { return one.TakeBack(ctx, agent) })
}

// each asks one line after the other until it is theirs.
func (b switchboard) each(ask func(board.Switchboard) error) error {
	err := callback.ErrOtherLine
	for _, one := range b {
		if err = ask(one); !errors.Is(err, callback.ErrOtherLine) {
			return err
		}
	}
	return err
}
