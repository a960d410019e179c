package simulation

import (
	"context"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/scheduler"
)

// asks is the desk as the scheduler has it: who asks has a name, and asks again
// soon when there was no answer.
type asks struct {
	*callback.Desk
	p *process
}

var _ scheduler.Desk = asks{}

// claims ends the name of who serves those who wait.
const claims = " claim"

func (a asks) anew(err error) error {
	if err != nil {
		a.p.stir()
	}
	return err
}

func (a asks) Claim(ctx context.Context, most int) ([]callback.Ring, error) {
	all, err := a.Desk.Claim(named(ctx, nameOf(ctx), claims), most)
	return all, a.anew(err)
}

func (a asks) ClaimMessages(ctx context.Context, most int) ([]callback.Message, error) {
	all, err := a.Desk.ClaimMessages(named(ctx, nameOf(ctx), claims), most)
	return all, a.anew(err)
}

func (a asks) NextDue(ctx context.Context, after time.Time) (time.Time, error) {
	next, err := a.Desk.NextDue(named(ctx, nameOf(ctx), claims), after)
	return next, a.anew(err)
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
