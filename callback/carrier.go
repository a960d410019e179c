package callback

import (
	"context"
	"errors"
	"fmt"
)

// Lines whose calls live at a carrier keep nothing of their own: what they
// must know of a call, after a restart or in another process, they ask here.

// carrierLine is the line whose calls live on when the process dies that
// answered them.
const carrierLine = "twilio"

// Talk returns a talk as it stands.
func (d *Desk) Talk(ctx context.Context, id string) (Talk, error) {
	if t, ok := d.live.ahead(id); ok {
		return t, nil
	}
	var t Talk
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		t, err = tx.Talk(id)
		return err
	})
	if err != nil {
		return Talk{}, fmt.Errorf("talk %s: %w", id, err)
	}
	return t, nil
}

// Attempt returns a call that was placed to keep a promise.
func (d *Desk) Attempt(ctx context.Context, ref string) (Attempt, error) {
	var a Attempt
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		a, err = tx.Attempt(ref)
		return err
	})
	if err != nil {
		return Attempt{}, fmt.Errorf("attempt %s: %w", ref, err)
	}
	return a, nil
}

// Send reports whether the call of this name may leave now: true for the first
// who asks, and for nobody after. A line whose orders can reach it twice asks
// before it sends. After a crash the call counts as sent.
func (d *Desk) Send(ctx context.Context, ref string) (bool, error) {
	first := false
	err := d.Store.Update(ctx, func(tx Tx) error {
		a, err := tx.Attempt(ref)
		if first = err == nil && a.SentAt.IsZero() && a.EndedAt.IsZero(); !first {
			return err
		}
		a.SentAt, a.Boot = d.Now(), d.Boot
		return tx.PutAttempt(a)
	})
	if err != nil {
		return false, fmt.Errorf("send %s: %w", ref, err)
	}
	return first, nil
}

// Forsaken reports whether a call was sent by a process that has died before
// anybody learned what the carrier calls it: whether there is such a call, only
// the carrier can tell.
func (d *Desk) Forsaken(ctx context.Context, ref string) (bool, error) {
	forsaken := false
	err := d.Store.View(ctx, func(tx Tx) error {
		a, err := tx.Attempt(ref)
		if err != nil || a.SentAt.IsZero() || a.Provider != "" || !a.EndedAt.IsZero() {
			return err
		}
		forsaken, err = d.outlived(tx, a.Boot)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("call %s: %w", ref, err)
	}
	return forsaken, nil
}

// Ours reports whether a call at a carrier is one that the desk has had placed.
// An account may carry calls of others.
func (d *Desk) Ours(ctx context.Context, provider string) (bool, error) {
	err := d.Store.View(ctx, func(tx Tx) error {
		_, err := tx.AttemptAs(provider)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Placed writes down what the carrier calls a call of ours.
func (d *Desk) Placed(ctx context.Context, ref, provider string) error {
	err := d.Store.Update(ctx, func(tx Tx) error {
		a, err := tx.Attempt(ref)
		if err != nil || a.Provider == provider {
			return err
		}
		a.Provider = provider
		return tx.PutAttempt(a)
	})
	if err != nil {
		return fmt.Errorf("call %s is %s: %w", ref, provider, err)
	}
	return nil
}
