package callback

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/ivr"
)

// A conversation that is over in so short a time was none.
const shortCall = 6 * time.Second

// wanted are the answers of who was waiting for the call, however quickly they
// were keyed in.
var wanted = []string{string(ivr.Later), wantsAnother}

// judge stops the dialling when the last calls look as if somebody made us
// call: nobody answers, or those who do hang up at once.
func (d *Desk) judge(tx Tx) error {
	l := d.Limits
	now, err := tx.Dialing()
	if err != nil || now.Stopped || l.Over == 0 {
		return err
	}
	since := d.Now().Add(-day1)
	if now.At.After(since) {
		since = now.At
	}
	calls, err := tx.Ended(since, l.Over)
	if err != nil || len(calls) < l.Over {
		return err
	}
	why := l.suspects(calls)
	if why == "" {
		return nil
	}
	d.Log.Error("dialing stopped", "why", why)
	return d.putDialing(tx, Dialing{Stopped: true, Why: why, Actor: "desk", At: d.Now()})
}

// suspects says what is wrong with the last calls; "" for nothing.
func (l Limits) suspects(calls []Attempt) string {
	answered, short := 0, 0
	for _, a := range calls {
		if a.AnsweredAt.IsZero() {
			continue
		}
		answered++
		if a.EndedAt.Sub(a.AnsweredAt) < shortCall && !slices.Contains(wanted, a.Outcome) {
			short++
		}
	}
	switch {
	case 100*answered < l.Answered*len(calls):
		return fmt.Sprintf("%d of the last %d calls were answered, fewer than %d %%", answered, len(calls), l.Answered)
	case l.Short > 0 && 100*short > l.Short*answered:
		return fmt.Sprintf("%d of %d answered calls were over in %s, more than %d %%", short, answered, shortCall, l.Short)
	}
	return ""
}

// Whoever is called and then finds nobody to speak with has been called for
// nothing. Regulators bound the share of such calls (Ofcom and the FTC by 3 of
// 100 that were answered, Ofcom within a day from midnight to midnight), and so
// do we: but of a few calls a share says little.

const (
	// abandonedLeast is how many abandoned calls stop the dialling at the least:
	// two may be one agent who has left.
	abandonedLeast = 3
	// chanceless is how seldom it must be, of all days on which the limit is kept,
	// that chance alone brings so many abandoned calls among so few.
	chanceless = 0.05
)

// abandon takes down that a customer wanted to talk, as we had promised, and
// that no agent was there. Too many of these stop the dialling.
func (d *Desk) abandon(tx Tx, t *Talk) error {
	return errors.Join(d.journal(tx, t, "call.abandoned", "", ""), d.judgeAbandoned(tx))
}

// judgeAbandoned stops the dialling until midnight when more customers than may
// be have answered and found no agent. A share that is too large, of calls that
// are too few, is told of.
func (d *Desk) judgeAbandoned(tx Tx) error {
	now, err := tx.Dialing()
	if err != nil || now.Stopped {
		return err
	}
	share, err := d.abandonedShare(tx, now)
	switch {
	case err != nil || !d.Limits.exceeded(share):
		return err
	case !d.Limits.beyondChance(share):
		d.Log.Warn("calls abandoned", "abandoned", share.Part, "answered", share.Whole)
		return nil
	}
	why := d.Limits.sayAbandoned(share)
	at := d.Now()
	until := opening.DayOf(at.In(d.zone)).Plus(1).Begins(d.zone)
	d.Log.Error("dialing stopped", "why", why, "until", until)
	return d.putDialing(tx, Dialing{Stopped: true, Why: why, Actor: "desk", At: at, Until: until})
}

// abandonedShare are the abandoned of the answered calls of the last 24 hours,
// or since dialling was started.
func (d *Desk) abandonedShare(tx Tx, now Dialing) (figures.Ratio, error) {
	since := d.Now().Add(-day1)
	if now.At.After(since) {
		since = now.At
	}
	left, answered, err := tx.Forsaken(since)
	return figures.Ratio{Part: left, Whole: answered}, err
}

// warns says that too large a share of calls was abandoned, of too few to stop
// for; "" when it was not, or but once.
func (d *Desk) warns(tx Tx, now Dialing) (string, error) {
	share, err := d.abandonedShare(tx, now)
	if err != nil || share.Part < 2 || !d.Limits.exceeded(share) {
		return "", err
	}
	return d.Limits.sayAbandoned(share), nil
}

func (l Limits) sayAbandoned(share figures.Ratio) string {
	return fmt.Sprintf("%d of %d answered calls found no agent, more than %d %%", share.Part, share.Whole, l.Abandoned)
}

// exceeded reports whether the share of abandoned calls is above the limit.
func (l Limits) exceeded(share figures.Ratio) bool {
	return l.Abandoned > 0 && 100*share.Part > l.Abandoned*share.Whole
}

// beyondChance reports whether a share above the limit is one to stop for: of
// enough calls any is, of fewer one that chance seldom brings.
func (l Limits) beyondChance(share figures.Ratio) bool {
	if share.Part < abandonedLeast {
		return false
	}
	return share.Whole >= l.Enough || figures.Chance(share, float64(l.Abandoned)/100) < chanceless
}

// resume lets customers be dialled again when the time is over for which
// dialling had stopped by itself. What has passed meanwhile is kept alive first.
func (d *Desk) resume(ctx context.Context) error {
	var now Dialing
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		now, err = tx.Dialing()
		return err
	})
	if err != nil || !now.over(d.Now()) {
		return err
	}
	if err := d.overdue(ctx); err != nil {
		return fmt.Errorf("dialing: %w", err)
	}
	return d.update(ctx, func(tx Tx) error {
		now, err := tx.Dialing()
		if err != nil || !now.over(d.Now()) {
			return err // somebody was quicker, or has stopped it for good
		}
		d.Log.Info("dialing started")
		return d.putDialing(tx, Dialing{Actor: "desk", At: d.Now()})
	})
}

// over reports whether a stop has come to its end.
func (n Dialing) over(at time.Time) bool {
	return n.Stopped && !n.Until.IsZero() && !at.Before(n.Until)
}
