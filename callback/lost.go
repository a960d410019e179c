package callback

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A stuckError ends the transaction in which a caller was called up whose menu
// leads nowhere: what it did until then must not be kept.
type stuckError struct {
	talk string
	err  error
}

func (e *stuckError) Error() string { return fmt.Sprintf("call up talk %s: %v", e.talk, e.err) }

// Unwrap returns what was wrong.
func (e *stuckError) Unwrap() error { return e.err }

// errInVain is a menu that goes back to the line from where it connects.
var errInVain = errors.New("menu goes back to the line")

// setAside serves a caller not before his next turn, when his place is told
// again.
func (d *Desk) setAside(ctx context.Context, talk string) error {
	return d.update(ctx, func(tx Tx) error {
		w, err := tx.Waiter(talk)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return d.unready(tx, w)
	})
}

// unready lets others pass who stand behind a caller whom no process can call
// up, until his call is heard of again.
func (d *Desk) unready(tx Tx, w Waiter) error {
	if !w.Ready {
		return nil
	}
	w.Ready = false
	return tx.PutWaiter(w)
}

// lostAfter is for how long a call in the line may say nothing before it is
// looked for: the longest time between two announcements, and a little.
const lostAfter = 11 * time.Minute

// restLine takes those out of the line whose calls are no more.
func (d *Desk) restLine(tx Tx) error {
	all, err := tx.Waiters("")
	if err != nil {
		return err
	}
	for _, w := range all {
		if d.Now().Sub(w.Seen) < lostAfter {
			continue
		}
		if err := d.lost(tx, w); err != nil {
			return err
		}
	}
	return nil
}

// lost ends the talk of a caller whose call went with the process that had it.
func (d *Desk) lost(tx Tx, w Waiter) error {
	t, err := tx.Talk(w.Talk)
	if errors.Is(err, ErrNotFound) || err == nil && t.Closed {
		return tx.DropWaiter(w.Talk)
	}
	if err != nil {
		return err
	}
	if w.Called { // what becomes of his callback, its attempt tells
		return tx.DropWaiter(w.Talk)
	}
	t.Closed = true
	return errors.Join(d.leaveLine(tx, &t, "line.lost"), d.close(tx, &t, ivr.Event{Kind: ivr.Gone}), tx.PutTalk(t))
}

// scatter takes those out of the line whose calls a dead process carried. Calls
// at Twilio live on there, and are heard of again within a minute.
func (d *Desk) scatter(tx Tx, dead []string) error {
	all, err := tx.Waiters("")
	if err != nil {
		return err
	}
	for _, w := range all {
		if !slices.Contains(dead, w.Boot) {
			continue
		}
		t, err := tx.Talk(w.Talk)
		if err == nil && t.Line == carrierLine && !t.Closed && d.Now().Sub(w.Seen) < lostAfter {
			if err := d.unready(tx, w); err != nil {
				return err
			}
			continue
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := d.lost(tx, w); err != nil {
			return err
		}
	}
	return nil
}
