package callback

import (
	"context"
	"errors"
	"fmt"
)

// Over a line that joins the calls itself, an agent puts people through at the desk
// as with his telephone ([Desk.Transfer]): the line finds his call, and does it.

// Speaks returns the talk that keeps an agent in a call: his own, or the one with
// the person he speaks with. It is [ErrNoCall] when he is in none.
func (d *Desk) Speaks(ctx context.Context, agent string) (talk string, err error) {
	err = d.Store.View(ctx, func(tx Tx) error {
		s, err := d.statusOf(tx, agent)
		if talk = s.Ref; err == nil && s.State != OnCall {
			err = ErrNoCall
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("call of agent %s: %w", agent, err)
	}
	return talk, nil
}

// Owns reports whether a talk is an agent's own, and not that with a person.
func (d *Desk) Owns(ctx context.Context, agent, talk string) (bool, error) {
	if talk == "" {
		return false, nil
	}
	t, err := d.Talk(ctx, talk)
	return err == nil && t.Agent == agent && (t.Menu == agentMenu || t.Menu == whisperMenu), err
}

// TransferIdle is [Desk.Transfer], but rings nobody who is in a call: that is
// [ErrNobodyFree].
func (d *Desk) TransferIdle(ctx context.Context, talk, to string) (Handover, error) {
	return d.transfer(ctx, talk, to, d.notInCall)
}

// handsOn marks the talk of an agent who has put people through. It names the last
// call to somebody for them.
const handsOn = "hands_on"

// cutOff writes down that a call for somebody who was put through ended with the
// process that carried it: how it would have gone is not known, and nobody places
// it again.
func (d *Desk) cutOff(tx Tx, s Status) error {
	t, err := tx.Talk(s.Ref)
	if c := t.Last.Connect; err == nil && t.Menu != agentMenu && c != nil && c.Talk != "" {
		t, err = tx.Talk(c.Talk)
	}
	ref := t.State.Data[handsOn]
	if err != nil || ref == "" {
		return missing(err)
	}
	a, err := tx.Attempt(ref)
	if err != nil || !a.EndedAt.IsZero() {
		return missing(err)
	}
	_, err = d.endAttempt(tx, ref, interrupted)
	if a.AnsweredAt.IsZero() {
		err = errors.Join(err, d.journal(tx, &t, "transfer.missed", "outcome", interrupted))
	}
	return err
}
