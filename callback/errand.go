package callback

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// What an agent asks for in mid-call comes to whichever process shows his page. When
// another one carries the call, it is an errand for that one: stored before anything
// is done, taken by that process alone, and once, and told of by how it ended.

// An Errand is what an agent asks of the process that carries his call.
type Errand struct {
	ID    string
	Boot  string // the process that carries the call
	Agent string
	Talk  string // what keeps him in the call, as [Desk.Speaks] tells
	Do    ErrandDeed
	To    string    // whom he names; "" once it is over
	At    time.Time // when it was asked for; the database's clock where it has one
	State ErrandState
}

// An ErrandDeed is what is to be done with a call.
type ErrandDeed string

// The deeds.
const (
	PutThrough ErrandDeed = "put_through"
	SpeakFirst ErrandDeed = "consult"
	JoinBoth   ErrandDeed = "join"
	TakeBack   ErrandDeed = "take_back"
)

// An ErrandState says how far an errand has come, or how it ended: "done", or why it
// was not.
type ErrandState string

// The states before the end, and that of an end without an error.
const (
	ErrandAsked ErrandState = "asked"
	ErrandTaken ErrandState = "taken"
	errandDone  ErrandState = "done"
)

// Why an errand was not done.
var (
	// ErrUnreached means that the process that carries the call did not hear of it in
	// time. It does nothing any more.
	ErrUnreached = errors.New("the process that carries the call does not answer")
	// ErrUnclear means that the process began with it, and has died or been silent
	// since: whether it is done nobody knows.
	ErrUnclear = errors.New("the process that carries the call may have done it")
	// errUnable is any other error, which that process has in its log.
	errUnable = errors.New("the process that carries the call could not do it")
)

// errandEnds are the ends of errands that were not done. The first that an error is
// counts.
var errandEnds = []struct {
	state ErrandState
	err   error
}{
	{"no_call", ErrNoCall},
	{"by_telephone", ErrOtherLine},
	{"unlisted", ErrUnlisted},
	{"nobody_free", ErrNobodyFree},
	{"not_a_place", ErrForbidden},
	{"missed", ErrUnreached},
	{interrupted, ErrUnclear},
	{interrupted, context.Canceled}, // that process ends
	{"failed", errUnable},
}

// endOf is the state of an errand that has ended so.
func endOf(err error) ErrandState {
	for _, e := range errandEnds {
		if errors.Is(err, e.err) {
			return e.state
		}
	}
	if err != nil {
		return "failed"
	}
	return errandDone
}

// answer is how an errand ended; false while it has not.
func (e Errand) answer() (over bool, err error) {
	for _, end := range errandEnds {
		if end.state == e.State {
			return true, end.err
		}
	}
	return e.State == errandDone, nil
}

// heardOfWithin is how long an errand may wait for its process. What it was meant for
// has changed by then.
const heardOfWithin = 5 * time.Second

// Ask stores an errand for the process that carries the call of an agent, and names
// it. It is [ErrNoCall] when he is in none, and [ErrOtherLine] when no other process
// that lives has it.
func (d *Desk) Ask(ctx context.Context, e Errand) (id string, err error) {
	e.ID, e.At, e.State = d.NewID(), d.Now(), ErrandAsked
	err = d.Store.Update(ctx, func(tx Tx) error {
		s, err := d.statusOf(tx, e.Agent)
		if err != nil {
			return err
		}
		if s.State != OnCall {
			return ErrNoCall
		}
		dead, err := d.outlived(tx, s.Boot)
		if e.Boot, e.Talk = s.Boot, s.Ref; err != nil || dead || d.Alone || s.Boot == "" || s.Boot == d.Boot {
			return errors.Join(err, ErrOtherLine)
		}
		return tx.AddErrand(e)
	})
	if err != nil {
		return "", fmt.Errorf("%s for agent %s: %w", e.Do, e.Agent, err)
	}
	return e.ID, nil
}

// Answered tells how an errand ended; it is not over while its process is at it, or
// has not heard of it.
func (d *Desk) Answered(ctx context.Context, id string) (over bool, err error) {
	var e Errand
	err = d.Store.View(ctx, func(tx Tx) (err error) {
		e, err = tx.Errand(id)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("errand %s: %w", id, err)
	}
	return e.answer()
}

// Withdraw takes an errand back of which its process has not heard: that is
// [ErrUnreached] from now on. One that was taken stays with its process.
func (d *Desk) Withdraw(ctx context.Context, id string) error {
	return d.moveErrand(ctx, id, ErrandAsked, endOf(ErrUnreached))
}

// TakeErrands returns what was asked of this process, each errand once. What has
// waited for too long is left alone.
func (d *Desk) TakeErrands(ctx context.Context) ([]Errand, error) {
	var all []Errand
	err := d.Store.Update(ctx, func(tx Tx) (err error) {
		all, err = tx.TakeErrands(d.Boot, d.Now(), heardOfWithin)
		return err
	})
	if err != nil {
		return nil, err // who has asked may be told by now that nothing is done
	}
	return all, nil
}

// EndErrand tells how one ended that this process has taken.
func (d *Desk) EndErrand(ctx context.Context, id string, how error) error {
	return d.moveErrand(ctx, id, ErrandTaken, endOf(how))
}

// moveErrand changes the state of an errand, unless somebody else did so first.
func (d *Desk) moveErrand(ctx context.Context, id string, from, to ErrandState) error {
	err := d.Store.Update(ctx, func(tx Tx) error { return tx.MoveErrand(id, from, to) })
	if err == nil || errors.Is(err, ErrMoved) {
		return nil
	}
	return fmt.Errorf("errand %s: %w", id, err)
}

// dropErrands ends what dead processes were asked for.
func dropErrands(tx Tx) error {
	return errors.Join(tx.DropErrands(ErrandAsked, endOf(ErrUnreached)), tx.DropErrands(ErrandTaken, endOf(ErrUnclear)))
}
