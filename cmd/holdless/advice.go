package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
)

// Book promises a callback, or says what to do instead.
func (d localDesk) Book(ctx context.Context, r callback.Request) (callback.Callback, error) {
	c, err := d.Desk.Book(ctx, r)
	if errors.Is(err, callback.ErrBooked) && c.ID != "" {
		return c, fmt.Errorf("%w: holdless callbacks move %s TIME promises another time", err, c.ID)
	}
	return c, advised(err)
}

// Move promises another time, or says what to do instead.
func (d localDesk) Move(ctx context.Context, id string, at time.Time, actor string) (callback.Callback, error) {
	if c, err := d.stillOpen(ctx, id); err != nil {
		return c, err
	}
	c, err := d.Desk.Move(ctx, id, at, actor)
	return c, advised(err)
}

// Cancel takes a promise back, or says what to do instead.
func (d localDesk) Cancel(ctx context.Context, id, actor string) error {
	if _, err := d.stillOpen(ctx, id); err != nil {
		return err
	}
	return advised(d.Desk.Cancel(ctx, id, actor))
}

// Show finds a callback, or says where to look for it.
func (d localDesk) Show(ctx context.Context, id string) (callback.Callback, []callback.Attempt, error) {
	c, calls, err := d.Desk.Show(ctx, id)
	if errors.Is(err, callback.ErrNotFound) {
		err = fmt.Errorf("%w: holdless callbacks list shows those that are open, with --day those of a day", err)
	}
	return c, calls, err
}

// stillOpen finds a callback that has not come to an end.
func (d localDesk) stillOpen(ctx context.Context, id string) (callback.Callback, error) {
	c, _, err := d.Show(ctx, id)
	if err == nil && c.State.Over() {
		err = fmt.Errorf("callback %s is %s already: holdless callbacks book promises a new one", id, c.State)
	}
	return c, err
}

// advice is what to do about a number that is refused, by the reason.
var advice = map[string]string{
	"invalid":  "write it with its country, like +358401234567",
	"region":   "callbacks: allow_regions names the countries that are called",
	"denied":   "it is under callbacks: deny, or its person wants no calls; holdless callbacks allow lets it be called again",
	"too_many": "callbacks: bookings and dials, and limits, bound how often",
}

// advised says after an error of the desk what to do about it.
func advised(err error) error {
	refused, isRefusal := errors.AsType[*number.RefusalError](err)
	switch {
	case errors.Is(err, callback.ErrTaken):
		return fmt.Errorf("%w, or none that is offered: holdless callbacks slots shows the free ones", err)
	case isRefusal && advice[refused.Reason] != "":
		return fmt.Errorf("%w: %s", err, advice[refused.Reason])
	}
	return err
}
