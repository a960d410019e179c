package simulation

import (
	"context"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/scheduler"
)

// asks is the desk as the scheduler has it: who asks has a name.
type asks struct{ *callback.Desk }

var _ scheduler.Desk = asks{}

func (a asks) Claim(ctx context.Context, most int) ([]callback.Ring, error) {
	return a.Desk.Claim(named(ctx, nameOf(ctx), " claim"), most)
}

func (a asks) ClaimMessages(ctx context.Context, most int) ([]callback.Message, error) {
	return a.Desk.ClaimMessages(named(ctx, nameOf(ctx), " claim"), most)
}

func (a asks) NextDue(ctx context.Context, after time.Time) (time.Time, error) {
	return a.Desk.NextDue(named(ctx, nameOf(ctx), " claim"), after)
}

func (a asks) Sent(ctx context.Context, ref string) error {
	return a.Desk.Sent(named(ctx, "sent ", ref), ref)
}

func (a asks) Unsent(ctx context.Context, r callback.Ring, cause error) error {
	return a.Desk.Unsent(named(ctx, "sent ", r.Ref), r, cause)
}

func (a asks) Delivered(ctx context.Context, m callback.Message, how callback.Delivery, cause error) error {
	return a.Desk.Delivered(named(ctx, "text ", m.ID), m, how, cause)
}

func (a asks) Beat(ctx context.Context) error    { return a.Desk.Beat(named(ctx, "beat")) }
func (a asks) Recover(ctx context.Context) error { return a.Desk.Recover(named(ctx, "beat")) }
func (a asks) Sweep(ctx context.Context) error   { return a.Desk.Sweep(named(ctx, "sweep")) }

// ask is Next of the desk, by the name of the talk.
func (p *process) next(ctx context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	return p.desk.Next(named(ctx, "talk ", talk), talk, turn, e)
}
